'use strict'
// Fastify under Countersign's control protocol, version 1.
//
// Each policy is a route behind the functions of @fastify/basic-auth and @fastify/bearer-auth; several
// are joined by @fastify/auth, whose default relation is "or", as its documentation shows. Routes of
// Fastify are fixed once it listens, so every installation is an instance on a port of its own.

const { existsSync } = require('node:fs')
const Fastify = require('fastify')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const kit = `${__dirname}/countersign-control`
const control = require(existsSync(kit) ? kit : '../../kits/node')

const REALM = 'countersign'

/** A Fastify instance with the guards of these identities and no route. */
async function instanceOf (identities) {
  const { passwords, tokens } = new control.LogIns(identities)
  const fastify = Fastify({ logger: false, forceCloseConnections: true })
  await fastify.register(require('@fastify/auth'))
  await fastify.register(require('@fastify/basic-auth'), {
    authenticate: { realm: REALM },
    async validate (user, password) {
      if (!passwords.has(user) || passwords.get(user) !== password) throw new Error('wrong user or password')
    }
  })
  await fastify.register(require('@fastify/bearer-auth'), {
    addHook: false,
    keys: new Set(tokens.keys()),
    verifyErrorLogLevel: false
  })
  return fastify
}

/** The route that a policy with these schemes is. */
function route ({ schemes, path, slot }, fastify) {
  if (schemes.length === 0) throw new control.Unsupported('a route without a guard is open to everybody')
  const guards = { basic: fastify.basicAuth, bearer: fastify.verifyBearerAuth }
  const functions = schemes.map(scheme => guards[scheme])
  fastify.route({
    method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    url: `${path}/*`,
    onRequest: functions.length === 1 ? functions[0] : fastify.auth(functions),
    handler: async () => ({ slot })
  })
}

let tested

/** Puts a fresh instance in the place of the one before. */
async function listen (fresh) {
  await fresh.listen({ host: '127.0.0.1', port: 0 })
  const old = tested
  tested = fresh
  if (old) await old.close()
  return fresh.server.address().port
}

control.serve({
  name: 'fastify',
  version: require('fastify/package.json').version,
  schemes: ['basic', 'bearer'],
  supports: {
    // Neither plugin knows a flag or a property: each adds what it adds, whatever the others do. That
    // is what a policy that advertises all is told to do; only those values are true of it.
    'policy.advertise_all': [true],
    'instance.first_scheme_only': [false],
    // What a token is worth is the application's own business in its function; how Basic credentials are
    // read is not.
    'client.credential': [
      'valid', 'wrong-secret', 'unknown-user', 'malformed', 'none', 'colon-in-password',
      'trailing-junk', 'no-colon', 'empty-user', 'empty-password', 'utf-8', 'latin-1', 'nul', 'control-character', 'no-padding'
    ]
  },
  logIns: instanceOf,
  listen
}, route)
