'use strict'
// A guard before a request handler: Basic and Bearer credentials, as a policy says.

const crypto = require('node:crypto')

const same = (one, other) => {
  const hash = text => crypto.createHash('sha256').update(text).digest()
  return crypto.timingSafeEqual(hash(one), hash(other))
}

/** A handler that lets in whoever has a password or a token, and tells everybody else which schemes there are. */
function guard (handler, { schemes: named, passwords, tokens, realm = 'api' }) {
  // Each once, whatever was configured twice.
  const schemes = [...new Set(named)]
  const isPassword = encoded => {
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || encoded.length % 4) return false
    const pair = Buffer.from(encoded, 'base64').toString('utf8')
    const colon = pair.indexOf(':')
    if (colon < 0) return false
    const known = passwords.get(pair.slice(0, colon))
    return known !== undefined && same(known, pair.slice(colon + 1))
  }
  const isLetIn = sent => {
    const [, name, rest] = /^(\S*)(?: +(.*?))?[ \t]*$/.exec(sent) || []
    const scheme = (name || '').toLowerCase()
    if (!schemes.includes(scheme) || rest === undefined) return false
    return scheme === 'basic' ? isPassword(rest) : tokens.has(rest)
  }
  return (request, response) => {
    const sent = request.headers.authorization || ''
    if (isLetIn(sent)) return handler(request, response)
    if (schemes.length === 0) {
      response.writeHead(403, { 'Content-Length': 0 })
      return response.end()
    }
    // RFC 6750 §3.1: an error is for whoever sent a token.
    const error = /^bearer /i.test(sent) ? ', error="invalid_token"' : ''
    const challenge = scheme => scheme === 'basic'
      ? `Basic realm="${realm}", charset="UTF-8"`
      : `Bearer realm="${realm}"${error}`
    response.writeHead(401, { 'WWW-Authenticate': schemes.map(challenge), 'Content-Length': 0 })
    response.end()
  }
}

module.exports = { guard }
