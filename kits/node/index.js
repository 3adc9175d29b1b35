'use strict'
// A program's side of Countersign's control protocol, version 1. Nothing beyond Node's own modules.
//
// `serve` takes a function that makes a request handler for a policy, and does all the rest. `run` is the layer
// below: the control address, with an installation as the message that it is.

const http = require('node:http')

// The longest message that is read: more than any installation that Countersign sends.
const MOST_BYTES = 4 * 1024 * 1024

// What a profile has. A policy whose profiles have more is refused, instead of being installed without it.
const KNOWN_PROFILE = ['scheme', 'active']

/** A policy cannot be expressed; the message says why. It counts as not applicable, and accuses nobody. */
class Unsupported extends Error {}

/** A policy that is to be put in force in a slot. */
class Policy {
  constructor (generation, { slot, policy, instance = {} }, before) {
    this.before = before
    this.slot = slot
    this.fields = policy
    this.instance = instance
    this.path = `/g${generation}/s${slot}`
    this.schemes = (policy.profiles || []).filter(profile => profile.active !== false).map(profile => profile.scheme)
  }

  /** Refuses what is asked for and not known: a field of a profile, or a scheme beyond these. */
  check (schemes) {
    const keys = (this.fields.profiles || []).flatMap(profile => Object.keys(profile))
    const [unknown] = keys.filter(key => !KNOWN_PROFILE.includes(key)).sort()
    if (unknown !== undefined) throw new Unsupported(`there is no \`policy.profiles.${unknown}\` here`)
    const foreign = this.schemes.find(scheme => !schemes.includes(scheme))
    if (foreign !== undefined) throw new Unsupported(`there is no scheme \`${foreign}\` here`)
  }
}

/** Who may log in, and how: only what is valid. Nobody else can. */
class LogIns {
  constructor (identities) {
    const enabled = identities.filter(identity => identity.enabled !== false)
    const valid = kind => new Map(enabled.flatMap(identity => (identity[kind] || [])
      .filter(one => one.state === 'valid').map(one => [one.value, identity.user])))
    this.passwords = new Map(enabled.map(identity => [identity.user, identity.password]))
    this.tokens = valid('tokens')
    this.keys = valid('api_keys')
  }
}

/** Listens on a free port of loopback, and promises the port. */
function listening (server) {
  return new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server.address().port))
  })
}

/** One server for all handlers in force, each below a path of its own. Gives what puts fresh ones in force. */
async function ownServer () {
  let handlers = new Map()
  const port = await listening(http.createServer((request, response) => {
    const [path] = /^\/g\d+\/s\d+(?=[/?]|$)/.exec(request.url) || []
    const handler = handlers.get(path)
    if (handler) return handler(request, response)
    response.writeHead(404, { 'Content-Length': 0 })
    response.end()
  }))
  return (_, fresh) => {
    handlers = fresh
    return port
  }
}

/**
 * A request handler for each policy, until standard input closes. `make(policy, logIns)` gives or promises the
 * handler, or throws `Unsupported`. index.d.ts tells what `about` has.
 */
async function serve (about, make) {
  const { schemes, supports, logIns = identities => new LogIns(identities), events, listen, resource, ...more } = about
  const inForce = listen || await ownServer()
  const introduction = {
    protocol: 1,
    slots: 64,
    ...more,
    supports: { 'policy.profiles.scheme': schemes, ...supports, events: events !== undefined }
  }
  // The generation in force, and what was made for its slots.
  let last = { generation: 0, bySlot: new Map() }
  const install = async ({ generation, edit_of: editOf, identities, policies }) => {
    const earlier = editOf === last.generation ? last.bySlot : new Map()
    const bySlot = new Map()
    const who = await logIns(identities)
    const handlers = new Map()
    const made = []
    const unsupported = []
    for (const item of policies) {
      const policy = new Policy(generation, item, earlier.get(item.slot))
      try {
        policy.check(schemes)
        const handler = await make(policy, who)
        handlers.set(policy.path, handler)
        bySlot.set(policy.slot, handler)
        made.push(policy)
      } catch (error) {
        if (!(error instanceof Unsupported)) throw error
        unsupported.push({ slot: policy.slot, reason: error.message })
      }
    }
    const port = await inForce(who, handlers)
    last = { generation, bySlot }
    const root = `http://127.0.0.1:${port}`
    const endpoints = made.map(({ slot, path }) => resource === undefined
      ? { slot, url: root + path }
      : { slot, url: root, resource })
    return { generation, endpoints, unsupported }
  }
  await run(introduction, install, events)
}

/** The body of a request as JSON. */
async function message (request) {
  const parts = []
  let bytes = 0
  for await (const part of request) {
    bytes += part.length
    if (bytes > MOST_BYTES) throw new Error(`a message of more than ${MOST_BYTES} bytes`)
    parts.push(part)
  }
  return JSON.parse(Buffer.concat(parts).toString())
}

/**
 * Serves the control address, prints the line that announces it, and ends the process when standard input closes,
 * which is how Countersign ends a program. `install(message)` gives or promises the answer to
 * `PUT /v1/policies`, `events(generation)` the events since that generation was installed.
 */
async function run (introduction, install, events) {
  // One installation behind the other.
  let last = Promise.resolve()
  const answer = async request => {
    const at = new URL(request.url, 'http://127.0.0.1')
    const call = `${request.method} ${at.pathname}`
    if (call === 'GET /v1/implementation') return [200, introduction]
    if (call === 'GET /v1/events') {
      return [200, { events: events ? await events(Number(at.searchParams.get('generation'))) : [] }]
    }
    if (call !== 'PUT /v1/policies') return [404, { error: `no ${call}` }]
    const wanted = await message(request)
    const installed = last.then(() => install(wanted))
    last = installed.catch(() => {})
    return [200, await installed]
  }
  const port = await listening(http.createServer((request, response) => {
    answer(request).catch(error => {
      // Countersign shows it, and the program goes on.
      console.error(error)
      return [400, { error: String(error) }]
    }).then(([status, body]) => {
      const text = JSON.stringify(body)
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
      response.end(text)
    })
  }))
  console.log(`countersign-control: http://127.0.0.1:${port}`)
  process.stdin.on('end', () => process.exit(0)).resume()
}

module.exports = { LogIns, Policy, Unsupported, run, serve }
