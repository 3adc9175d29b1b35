'use strict'
// hapi under Countersign's control protocol, version 1.
//
// Each policy is a route with the strategies of its active profiles in their order: the scheme of @hapi/basic, and
// that of hapi-auth-bearer-token. Routes of hapi are fixed once it listens, so every installation is a server on a
// port of its own.

const { existsSync } = require('node:fs')
const Hapi = require('@hapi/hapi')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const kit = `${__dirname}/countersign-control`
const control = require(existsSync(kit) ? kit : '../../kits/node')

const REALM = 'countersign'

/** A server of hapi's with both strategies for these identities and no route. */
async function serverOf (identities) {
  const { passwords, tokens } = new control.LogIns(identities)
  const server = Hapi.server({ host: '127.0.0.1', port: 0 })
  await server.register([require('@hapi/basic'), require('hapi-auth-bearer-token')])
  server.auth.strategy('basic', 'basic', {
    unauthorizedAttributes: { realm: REALM },
    validate: async (request, user, password) => {
      const isValid = passwords.has(user) && passwords.get(user) === password
      return { isValid, credentials: { user } }
    }
  })
  server.auth.strategy('bearer', 'bearer-access-token', {
    allowChaining: true,
    validate: async (request, token) => ({ isValid: tokens.has(token), credentials: { user: tokens.get(token) } })
  })
  return server
}

/** The route that a policy with these schemes is. */
function route ({ schemes, path, slot }, server) {
  if (schemes.length === 0) throw new control.Unsupported('a route without a strategy is open to everybody')
  server.route({
    // HEAD is answered as GET is. hapi answers OPTIONS itself.
    method: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    path: `${path}/{any*}`,
    options: { auth: { strategies: [...new Set(schemes)] } },
    handler: () => ({ slot })
  })
}

let tested

/** Puts a fresh server in the place of the one before. */
async function listen (fresh) {
  await fresh.start()
  const old = tested
  tested = fresh
  if (old) await old.stop({ timeout: 0 })
  return fresh.info.port
}

control.serve({
  name: 'hapi',
  version: require('@hapi/hapi/package.json').version,
  schemes: ['basic', 'bearer'],
  // A strategy that is switched off is one that is not named.
  supports: { 'policy.profiles': { min: 1, max: 2 }, 'policy.profiles.active': [true] },
  // Every token is looked up.
  alternatives: { 'withdrawn-tokens': 'at-once' },
  logIns: serverOf,
  listen
}, route)
