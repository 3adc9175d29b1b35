'use strict'
// The guard under Countersign's control protocol: a guard for each policy, below a path of its own.

const http = require('node:http')
const { existsSync } = require('node:fs')
const { guard } = require('../gateway.js')
// In a project of your own `control.js` stands beside this file; here it is the one of the adapters.
const control = require(existsSync(`${__dirname}/control.js`) ? './control.js' : '../../../adapters/shared/control.js')

let guards = new Map()

/** What the guard protects. */
const handler = (request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 2 })
  response.end('in')
}

const server = http.createServer((request, response) => {
  const guarded = guards.get(request.url.split('/')[1])
  if (guarded) return guarded(request, response)
  response.writeHead(404, { 'Content-Length': 0 })
  response.end()
})

function place ({ generation, identities, policies }) {
  const { passwords, tokens } = control.logIns(identities)
  const fresh = new Map()
  const placed = policies.map(({ slot, policy }) => {
    const reason = control.unknownField(policy)
    if (reason) return { slot, reason }
    const name = `g${generation}s${slot}`
    fresh.set(name, guard(handler, { schemes: control.activeSchemes(policy), passwords, tokens }))
    return { slot, url: `http://127.0.0.1:${server.address().port}/${name}` }
  })
  guards = fresh
  return placed
}

server.listen(0, '127.0.0.1', () => control.run({
  protocol: 1,
  name: 'node-gateway',
  version: '1',
  slots: 64,
  supports: { 'policy.profiles.scheme': ['basic', 'bearer'], events: false },
  // Each token is looked up.
  alternatives: { 'withdrawn-tokens': 'at-once' }
}, place))
