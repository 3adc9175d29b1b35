'use strict'
// The guard under Countersign's control protocol: a guard for each policy.

// A project of your own has `countersign-control` installed; here it is the one of this repository.
const { existsSync } = require('node:fs')
const here = `${__dirname}/../../../kits/node`
const control = require(existsSync(here) ? here : 'countersign-control')
const { guard } = require('../gateway.js')

const handler = (request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/plain', 'Content-Length': 2 })
  response.end('in')
}

control.serve({
  name: 'node-gateway',
  version: '1',
  schemes: ['basic', 'bearer'],
  // Each token is looked up, so that one that was withdrawn is refused at once.
  alternatives: { 'withdrawn-tokens': 'at-once' }
}, ({ schemes }, { passwords, tokens }) => guard(handler, { schemes, passwords, tokens }))
