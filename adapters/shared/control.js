'use strict'
// The control protocol's program side (version 1) for implementations on Node.js.
//
// `run` serves the control address on loopback, prints the line that announces it, and ends the
// process when standard input closes, which is how Countersign ends a program. Nothing beyond Node's
// own modules.

const http = require('node:http')

// The longest message that is read: more than any installation that Countersign sends.
const MOST_BYTES = 4 * 1024 * 1024

const KNOWN_PROFILE = ['scheme', 'active']

/**
 * The first field of a policy's profiles that the adapters here do not know, as a reason, or undefined. A
 * policy with such a field is refused, instead of being installed without it. Beyond the profiles, nothing
 * is asked for that `supports` does not name.
 */
function unknownField (policy) {
  const keys = (policy.profiles || []).flatMap(profile => Object.keys(profile))
  const unknown = keys.filter(key => !KNOWN_PROFILE.includes(key)).sort()
  return unknown.length ? `the adapter knows no \`policy.profiles.${unknown[0]}\`` : undefined
}

/** The schemes of a policy's active profiles, in their order. */
function activeSchemes (policy) {
  return (policy.profiles || []).filter(profile => profile.active !== false).map(profile => profile.scheme)
}

/** Who may log in: passwords by user-id, and users by bearer token. Only what is valid. */
function logIns (identities) {
  const enabled = identities.filter(identity => identity.enabled !== false)
  const passwords = new Map(enabled.map(identity => [identity.user, identity.password]))
  const tokens = new Map(enabled.flatMap(identity => (identity.tokens || [])
    .filter(token => token.state === 'valid').map(token => [token.value, identity.user])))
  return { passwords, tokens }
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
 * Serves the control address until standard input closes. `place(message)` puts a whole set in force
 * and gives, or promises, `{slot, url}` or `{slot, reason}` for each slot.
 */
function run (introduction, place) {
  const answer = async request => {
    const call = `${request.method} ${request.url}`
    if (call === 'GET /v1/implementation') return [200, introduction]
    if (call.startsWith('GET /v1/events')) return [200, { events: [] }]
    if (call !== 'PUT /v1/policies') return [404, { error: `no ${call}` }]
    const wanted = await message(request)
    const placed = await place(wanted)
    return [200, {
      generation: wanted.generation,
      endpoints: placed.filter(at => !at.reason),
      unsupported: placed.filter(at => at.reason)
    }]
  }
  const server = http.createServer((request, response) => {
    answer(request).catch(error => [400, { error: String(error) }]).then(([status, body]) => {
      const text = JSON.stringify(body)
      response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) })
      response.end(text)
    })
  })
  server.listen(0, '127.0.0.1', () => {
    console.log(`countersign-control: http://127.0.0.1:${server.address().port}`)
  })
  process.stdin.on('end', () => process.exit(0)).resume()
}

module.exports = { activeSchemes, logIns, run, unknownField }
