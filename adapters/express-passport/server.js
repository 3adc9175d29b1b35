'use strict'
// Passport on Express under Countersign's control protocol, version 1.
//
// Each policy is a route behind `passport.authenticate` with the names of its active profiles'
// strategies in their order, which is how Passport's documentation accepts one of several.

const { existsSync } = require('node:fs')
const { createServer } = require('node:http')
const express = require('express')
const { Passport } = require('passport')
const { BasicStrategy, DigestStrategy } = require('passport-http')
const { Strategy: BearerStrategy } = require('passport-http-bearer')
// Beside this file where the adapter is built in, in the folder of its own in the repository.
const control = require(existsSync(`${__dirname}/control.js`) ? './control.js' : '../shared/control.js')

const SCHEMES = ['basic', 'bearer', 'digest']
const REALM = 'countersign'

const INTRODUCTION = {
  protocol: 1,
  name: 'express-passport',
  version: require('passport/package.json').version,
  slots: 64,
  supports: {
    // Passport names every strategy that failed, each in a field line of its own, in their order.
    // It knows neither flag nor property; only those values are true of it.
    'policy.advertise_all': [true],
    'instance.first_scheme_only': [false],
    'policy.profiles.scheme': SCHEMES,
    // It logs nothing: who got in is the application's to tell.
    events: false
  },
  // Every token is looked up.
  alternatives: { 'withdrawn-tokens': 'at-once' }
}

// The routes in force, by prefix; replaced as a whole.
let routes = new Map()

/** Passport with all three strategies, as their documentation sets them up. */
function passportOf ({ passwords, tokens }) {
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

const app = express()
app.disable('x-powered-by')
app.use((request, response, next) => {
  const [, prefix] = /^(\/g\d+\/s\d+)\//.exec(request.path) || []
  const route = routes.get(prefix)
  if (route) route(request, response, next)
  else response.sendStatus(404)
})
app.use((request, response) => response.json({ user: request.user.user }))

const tested = createServer(app)

/** Puts the policies of a message in force. */
function place ({ generation, identities, policies }) {
  const passport = passportOf(control.logIns(identities))
  const fresh = new Map()
  const placed = policies.map(({ slot, policy }) => {
    const schemes = control.activeSchemes(policy)
    const foreign = schemes.find(scheme => !SCHEMES.includes(scheme))
    const reason = control.unknownField(policy) ||
      (foreign && `the adapter has no scheme \`${foreign}\``) ||
      (schemes.length === 0 && 'a route without a strategy is open to everybody')
    if (reason) return { slot, reason }
    const prefix = `/g${generation}/s${slot}`
    const names = schemes.length === 1 ? schemes[0] : schemes
    fresh.set(prefix, passport.authenticate(names, { session: false }))
    return { slot, url: `http://127.0.0.1:${tested.address().port}${prefix}` }
  })
  routes = fresh
  return placed
}

tested.listen(0, '127.0.0.1', () => control.run(INTRODUCTION, place))
