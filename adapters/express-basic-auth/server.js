'use strict'
// express-basic-auth under Countersign's control protocol, version 1.
//
// Each policy is an application of Express behind the middleware, with who may log in under `users`, and `challenge`,
// without which a 401 has none, as its documentation says.

const { existsSync } = require('node:fs')
const express = require('express')
const basicAuth = require('express-basic-auth')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const kit = `${__dirname}/countersign-control`
const control = require(existsSync(kit) ? kit : '../../kits/node')

/** The application that a policy is. */
function application ({ schemes }, { passwords }) {
  if (schemes.length !== 1) throw new control.Unsupported('the middleware has one scheme, and without it all is open')
  const app = express()
  app.disable('x-powered-by')
  app.use(basicAuth({ users: Object.fromEntries(passwords), challenge: true, realm: 'countersign' }))
  app.use((request, response) => response.json({ user: request.auth.user }))
  return app
}

control.serve({
  name: 'express-basic-auth',
  version: require('express-basic-auth/package.json').version,
  schemes: ['basic'],
  supports: { 'policy.profiles': { min: 1, max: 1 }, 'policy.profiles.active': [true] }
}, application)
