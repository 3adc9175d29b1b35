'use strict'
// http-auth under Countersign's control protocol, version 1.
//
// Each policy is a handler behind `check` of `auth.basic` or `auth.digest`, whose users stand in a file of
// htpasswd's or htdigest's form, as its documentation shows; here a function gives what would stand in it.

const { existsSync } = require('node:fs')
const { createHash } = require('node:crypto')
const auth = require('http-auth')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const kit = `${__dirname}/countersign-control`
const control = require(existsSync(kit) ? kit : '../../kits/node')

const REALM = 'countersign'

const hash = (algorithm, text, encoding) => createHash(algorithm).update(text).digest(encoding)

/** What stands in the file of each guard for a user. */
const lines = {
  basic: (user, password) => `${user}:{SHA}${hash('sha1', password, 'base64')}`,
  digest: (user, password) => `${user}:${REALM}:${hash('md5', `${user}:${REALM}:${password}`, 'hex')}`
}

/** The handler that a policy with this scheme is. */
function guarded ({ schemes }, { passwords }) {
  if (schemes.length !== 1) throw new control.Unsupported('a guard has one scheme, and without one all is open')
  const [scheme] = schemes
  const file = () => Array.from(passwords, pair => lines[scheme](...pair)).join('\n')
  return auth[scheme]({ realm: REALM, file }).check((request, response) => response.end(`${request.user}\n`))
}

control.serve({
  name: 'http-auth',
  version: require('http-auth/package.json').version,
  schemes: ['basic', 'digest'],
  // A guard has one scheme, and a handler without a guard is open to everybody.
  supports: { 'policy.profiles': { min: 1, max: 1 }, 'policy.profiles.active': [true] }
}, guarded)
