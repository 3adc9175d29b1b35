'use strict'
// Koa under Countersign's control protocol: an application for each policy, with `basic-auth` for the credentials.

const auth = require('basic-auth')
const Koa = require('koa')
// A project of your own has `countersign-control` installed; here it is the one of this repository.
const control = require('../../kits/node')

control.serve({
  name: 'koa',
  version: require('koa/package.json').version,
  schemes: ['basic']
}, ({ schemes }, { passwords }) => {
  if (schemes.length === 0) throw new control.Unsupported('an application without a guard is open to everybody')
  const app = new Koa()
  app.use(context => {
    const sent = auth(context.req)
    if (!sent || passwords.get(sent.name) !== sent.pass) {
      context.throw(401, { headers: { 'WWW-Authenticate': 'Basic realm="koa", charset="UTF-8"' } })
    }
    context.body = 'in'
  })
  return app.callback()
})
