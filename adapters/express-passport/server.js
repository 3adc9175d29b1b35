'use strict'
// Passport on Express under Countersign's control protocol, version 1.
//
// Each policy is a route behind `passport.authenticate` with the names of its active profiles'
// strategies in their order, which is how Passport's documentation accepts one of several.

const { existsSync } = require('node:fs')
const express = require('express')
const { Passport } = require('passport')
const { BasicStrategy, DigestStrategy } = require('passport-http')
const { Strategy: BearerStrategy } = require('passport-http-bearer')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const kit = `${__dirname}/countersign-control`
const control = require(existsSync(kit) ? kit : '../../kits/node')

const REALM = 'countersign'

/** Passport with all three strategies, as their documentation sets them up. */
function passportOf (identities) {
  const { passwords, tokens } = new control.LogIns(identities)
  const passport = new Passport()
  passport.use(new BasicStrategy({ realm: REALM }, (user, password, done) => {
    done(null, passwords.has(user) && passwords.get(user) === password ? { user } : false)
  }))
  passport.use(new BearerStrategy({ realm: REALM }, (token, done) => {
    done(null, tokens.has(token) ? { user: tokens.get(token) } : false)
  }))
  // The strategy makes nonces of its own and hands them to nobody, so there is nothing to validate one by.
  passport.use(new DigestStrategy({ realm: REALM, qop: 'auth' }, (user, done) => {
    if (passwords.has(user)) done(null, { user }, passwords.get(user))
    else done(null, false)
  }))
  return passport
}

/** The application that a policy with these schemes is. */
function application ({ schemes }, passport) {
  if (schemes.length === 0) throw new control.Unsupported('a route without a strategy is open to everybody')
  const app = express()
  app.disable('x-powered-by')
  app.use(passport.authenticate(schemes.length === 1 ? schemes[0] : schemes, { session: false }))
  app.use((request, response) => response.json({ user: request.user.user }))
  return app
}

control.serve({
  name: 'express-passport',
  version: require('passport/package.json').version,
  schemes: ['basic', 'bearer', 'digest'],
  supports: {
    // Passport names every strategy that failed, each in a field line of its own, in their order.
    // It knows neither flag nor property; only those values are true of it.
    'policy.advertise_all': [true],
    'instance.first_scheme_only': [false]
  },
  // Every token is looked up.
  alternatives: { 'withdrawn-tokens': 'at-once' },
  logIns: passportOf
}, application)
