'use strict'
// The program that the tests start: `program.js`, `program.js listen` with a server of its own, or `program.js fixed` with
// one whose path is fixed.

const http = require('node:http')
const control = require('..')

const make = (policy, { passwords, tokens, keys }) => {
  if (policy.schemes.length === 0) throw new control.Unsupported('open to everybody')
  return (request, response) => {
    const [, token] = (request.headers.authorization || '').split(' ')
    const user = policy.schemes.includes('bearer') ? tokens.get(token) : undefined
    response.statusCode = user ? 200 : 401
    response.setHeader('X-Before', policy.before === undefined ? 'none' : 'some')
    response.end(`${request.url} ${policy.path} ${user} ${policy.schemes} ${passwords.size} ${keys.size}`)
  }
}

const about = { name: 'one', version: '7', schemes: ['basic', 'bearer'], supports: { x: [1] } }
if (process.argv[2] === 'listen') {
  let old
  about.logIns = identities => ({ counted: identities.length })
  about.events = generation => Array(generation).fill({ slot: 0, name: 'LOGIN_SUCCESS' })
  about.listen = async ({ counted }, made) => {
    if (old) old.close()
    old = http.createServer((request, response) => response.end(`${counted} ${[...made]}`))
    await new Promise(resolve => old.listen(0, '127.0.0.1', resolve))
    return old.address().port
  }
  control.serve(about, policy => policy.schemes.join('+'))
} else if (process.argv[2] === 'fixed') {
  about.listen = () => 9000
  about.resource = '/v2/'
  control.serve(about, policy => policy.schemes.join('+'))
} else {
  control.serve(about, make)
}
