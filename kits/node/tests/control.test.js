'use strict'
// What a program under the kit answers: `node --test kits/node/tests/control.test.js`.

const assert = require('node:assert')
const { spawn } = require('node:child_process')
const { once } = require('node:events')
const http = require('node:http')
const { createInterface } = require('node:readline')
const { test } = require('node:test')

const IDENTITIES = [
  {
    user: 'alice',
    password: 'open-sesame',
    enabled: true,
    tokens: [{ value: 'good', state: 'valid' }, { value: 'old', state: 'expired' }],
    api_keys: [{ value: 'key', state: 'valid' }]
  },
  { user: 'mallory', password: 'x', enabled: false, tokens: [{ value: 'hers', state: 'valid' }] }
]

const profiles = (...schemes) => ({ profiles: schemes.map(scheme => ({ scheme, active: true })) })

/** A request, and the status and content of its answer, or one of its fields. */
function ask (url, { method = 'GET', token, body, field } = {}) {
  return new Promise((resolve, reject) => {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const request = http.request(url, { method, headers, agent: false }, async response => {
      const parts = []
      for await (const part of response) parts.push(part)
      resolve(field ? response.headers[field] : [response.statusCode, Buffer.concat(parts).toString()])
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Judges a program that is started for it, and ended by the end of its input. */
async function started (words, judge) {
  const child = spawn(process.execPath, [`${__dirname}/program.js`, ...words], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = once(child, 'exit')
  try {
    const [line] = await once(createInterface(child.stdout), 'line')
    const [, control] = /^countersign-control: (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)
    const call = async (method, path, body) => {
      const [status, text] = await ask(control + path, { method, body })
      return [status, JSON.parse(text)]
    }
    const edit = (generation, more, ...policies) => call('PUT', '/v1/policies', JSON.stringify({
      generation,
      identities: IDENTITIES,
      policies: policies.map((policy, slot) => ({ slot, policy, instance: {} })),
      ...more
    }))
    const install = (generation, ...policies) => edit(generation, {}, ...policies)
    await judge({ call, edit, install })
  } finally {
    child.stdin.end()
  }
  assert.deepStrictEqual(await ended, [0, null])
}

test('it introduces itself', () => started([], async ({ call }) => {
  const [status, about] = await call('GET', '/v1/implementation')
  assert.strictEqual(status, 200)
  assert.deepStrictEqual(about, {
    protocol: 1,
    slots: 64,
    name: 'one',
    version: '7',
    supports: { 'policy.profiles.scheme': ['basic', 'bearer'], x: [1], events: false }
  })
  assert.deepStrictEqual(await call('GET', '/v1/events?generation=2'), [200, { events: [] }])
  assert.strictEqual((await call('GET', '/v2'))[0], 404)
}))

test('each policy is a handler', () => started([], async ({ install }) => {
  const [status, placed] = await install(3, profiles('basic', 'bearer'), profiles('basic'))
  assert.deepStrictEqual([status, placed.generation, placed.unsupported], [200, 3, []])
  const [first, second] = placed.endpoints.map(at => at.url)
  assert.match(first, /\/g3\/s0$/)
  const said = await ask(`${first}/resource?q=1`, { token: 'good' })
  assert.deepStrictEqual(said, [200, '/g3/s0/resource?q=1 /g3/s0 alice basic,bearer 1 1'])
  assert.strictEqual((await ask(`${first}/resource`, { token: 'old' }))[0], 401)
  assert.strictEqual((await ask(`${first}/resource`, { token: 'hers' }))[0], 401)
  assert.strictEqual((await ask(`${second}/resource`, { token: 'good' }))[0], 401)
  assert.strictEqual((await ask(`${first}0/resource`, { token: 'good' }))[0], 404)
  // What was in force is gone.
  await install(4, profiles('bearer'))
  assert.strictEqual((await ask(`${first}/resource`, { token: 'good' }))[0], 404)
}))

test('what an edit began with is handed over', () => started([], async ({ edit }) => {
  const before = async (generation, more, ...policies) => {
    const [, placed] = await edit(generation, more, ...policies)
    return Promise.all(placed.endpoints.map(({ url }) => ask(url, { field: 'x-before' })))
  }
  assert.deepStrictEqual(await before(1, {}, profiles('basic')), ['none'])
  // What could not be made then, and what was not there, has nothing before it.
  const edited = [profiles('bearer'), profiles('digest'), profiles('basic')]
  assert.deepStrictEqual(await before(2, { edit_of: 1 }, ...edited), ['some', 'none'])
  const three = Array(3).fill(profiles('basic'))
  assert.deepStrictEqual(await before(3, { edit_of: 2 }, ...three), ['some', 'none', 'some'])
  assert.deepStrictEqual(await before(4, {}, profiles('basic')), ['none'])
  // Of a generation that is no more.
  assert.deepStrictEqual(await before(5, { edit_of: 3 }, profiles('basic')), ['none'])
}))

test('what cannot be expressed is refused', () => started([], async ({ install }) => {
  const strange = { profiles: [{ scheme: 'basic', active: true, colour: 'red' }] }
  const switchedOff = { profiles: [{ scheme: 'basic', active: false }] }
  const [, placed] = await install(1, profiles('digest'), strange, switchedOff, profiles('basic'))
  assert.deepStrictEqual(placed.endpoints.map(at => at.slot), [3])
  assert.deepStrictEqual(placed.unsupported.map(at => at.reason), [
    'there is no scheme `digest` here', 'there is no `policy.profiles.colour` here', 'open to everybody'
  ])
}))

test('what is wrong is told and ends nothing', () => started([], async ({ call, install }) => {
  const [status, { error }] = await call('PUT', '/v1/policies', '{')
  assert.strictEqual(status, 400)
  assert.match(error, /SyntaxError/)
  assert.strictEqual((await call('PUT', '/v1/policies', '{}'))[0], 400)
  assert.strictEqual((await install(1, profiles('basic')))[0], 200)
}))

test('a server of its own', () => started(['listen'], async ({ call, install }) => {
  const [, placed] = await install(2, profiles('basic', 'bearer'))
  assert.deepStrictEqual(await ask(placed.endpoints[0].url), [200, '2 /g2/s0,basic+bearer'])
  assert.strictEqual((await call('GET', '/v1/events?generation=2'))[1].events.length, 2)
}))

test('a server whose path is fixed', () => started(['fixed'], async ({ install }) => {
  const [, placed] = await install(5, profiles('basic'))
  assert.deepStrictEqual(placed.endpoints, [{ slot: 0, url: 'http://127.0.0.1:9000', resource: '/v2/' }])
}))
