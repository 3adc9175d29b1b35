'use strict'
// Fastify under Countersign's control protocol, version 1.
//
// Each policy is a route behind the functions of @fastify/basic-auth and @fastify/bearer-auth; several
// are joined by @fastify/auth, whose default relation is "or", as its documentation shows. Routes of
// Fastify are fixed once it listens, so every installation is an instance on a port of its own.

const { existsSync } = require('node:fs')
const Fastify = require('fastify')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const control = require(existsSync(`${__dirname}/control.js`) ? './control.js' : '../shared/control.js')

const SCHEMES = ['basic', 'bearer']
const REALM = 'countersign'

const INTRODUCTION = {
  protocol: 1,
  name: 'fastify',
  version: require('fastify/package.json').version,
  slots: 64,
  supports: {
    // Neither plugin knows a flag or a property: each adds what it adds, whatever the others do. That
    // is what a policy that advertises all is told to do; only those values are true of it.
    'policy.advertise_all': [true],
    'instance.first_scheme_only': [false],
    'policy.profiles.scheme': SCHEMES,
    // What a token is worth is the application's own business in its function; how Basic credentials are
    // read is not.
    'client.credential': [
      'valid', 'wrong-secret', 'unknown-user', 'malformed', 'none', 'colon-in-password',
      'trailing-junk', 'no-colon', 'empty-user', 'empty-password', 'utf-8', 'latin-1', 'nul', 'control-character', 'no-padding'
    ],
    // It logs nothing: who got in is the application's to tell.
    events: false
  }
}

/** A Fastify instance with the guards of these identities and no route. */
async function instanceOf ({ passwords, tokens }) {
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

let tested

/** Puts the policies of a message in force. */
async function place ({ identities, policies }) {
  const fresh = await instanceOf(control.logIns(identities))
  const guards = { basic: fresh.basicAuth, bearer: fresh.verifyBearerAuth }
  const placed = policies.map(({ slot, policy }) => {
    const schemes = control.activeSchemes(policy)
    const foreign = schemes.find(scheme => !SCHEMES.includes(scheme))
    const reason = control.unknownField(policy) ||
      (foreign && `the adapter has no scheme \`${foreign}\``) ||
      (schemes.length === 0 && 'a route without a guard is open to everybody')
    if (reason) return { slot, reason }
    const functions = schemes.map(scheme => guards[scheme])
    fresh.route({
      method: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
      url: `/s${slot}/*`,
      onRequest: functions.length === 1 ? functions[0] : fresh.auth(functions),
      handler: async () => ({ slot })
    })
    return { slot }
  })
  await fresh.listen({ host: '127.0.0.1', port: 0 })
  const { port } = fresh.server.address()
  const old = tested
  tested = fresh
  if (old) await old.close()
  return placed.map(at => at.reason ? at : { ...at, url: `http://127.0.0.1:${port}/s${at.slot}` })
}

control.run(INTRODUCTION, place)
