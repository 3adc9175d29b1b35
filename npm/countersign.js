#!/usr/bin/env node
'use strict'
// Starts the command that this package carries, and ends as it does.

const { spawn } = require('node:child_process')
const { constants } = require('node:os')
const path = require('node:path')

const name = process.platform === 'win32' ? 'countersign.exe' : 'countersign'
const child = spawn(path.join(__dirname, 'native', name), process.argv.slice(2), { stdio: 'inherit' })

// A terminal sends its interruption to both, and the command ends in order; others are handed on.
process.on('SIGINT', () => {})
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', error => {
  console.error(`countersign: the command cannot be started: ${error.message}`)
  process.exitCode = 3
})
child.on('exit', (code, signal) => { process.exitCode = signal ? 128 + constants.signals[signal] : code })
