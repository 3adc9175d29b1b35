'use strict'
// Servers of the TypeScript SDK of the Model Context Protocol under Countersign's control protocol, version 1.
//
// Each policy is an `McpServer` behind `requireBearerAuth` with a verifier that judges JWTs by the keys of the test
// issuer, and `mcpAuthMetadataRouter`, as the SDK's examples put them together on Express. All else is the SDK's.

const { randomUUID } = require('node:crypto')
const { existsSync } = require('node:fs')
const http = require('node:http')
const express = require('express')
const jose = require('jose')
const { McpServer } = require('@modelcontextprotocol/sdk/server/mcp.js')
const { StreamableHTTPServerTransport } = require('@modelcontextprotocol/sdk/server/streamableHttp.js')
const { requireBearerAuth } = require('@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js')
const {
  getOAuthProtectedResourceMetadataUrl, mcpAuthMetadataRouter
} = require('@modelcontextprotocol/sdk/server/auth/router.js')
const { InvalidTokenError } = require('@modelcontextprotocol/sdk/server/auth/errors.js')
const { isInitializeRequest } = require('@modelcontextprotocol/sdk/types.js')
// Beside this file where it is built in, in the folder of its own in the repository.
const kit = `${__dirname}/countersign-control`
const control = require(existsSync(kit) ? kit : '../../kits/node')

const SCOPES = { none: [], write: ['write'], 'read-and-write': ['read', 'write'] }

/** Judges a token: the part that whoever writes a server writes himself. */
function verifierOf (issuer) {
  const keys = jose.createRemoteJWKSet(new URL(issuer.jwks_uri))
  const wanted = {
    algorithms: ['RS256'],
    audience: issuer.audience,
    issuer: issuer.issuer,
    typ: 'at+jwt',
    requiredClaims: ['exp', 'aud', 'iss', 'sub']
  }
  return {
    async verifyAccessToken (token) {
      const verified = await jose.jwtVerify(token, keys, wanted).catch(error => {
        // Anything else is taken for a fault of the server's own, and answered with 500.
        throw new InvalidTokenError(error.message)
      })
      const { client_id: client = '', scope = '', exp, sub } = verified.payload
      return { token, clientId: client, scopes: scope.split(' '), expiresAt: exp, extra: { user: sub } }
    }
  }
}

/** The server of a session, or of a message, with its tools. */
function serverOf (behind) {
  const server = new McpServer({ name: 'countersign', version: '1' })
  const says = text => ({ content: [{ type: 'text', text }] })
  server.registerTool('whoami', { description: 'Tells who asks.' }, async ({ authInfo }) => says(authInfo.extra.user))
  server.registerTool('ask_upstream', { description: 'Asks the server behind.' }, async () => {
    const answer = await fetch(`${behind}/upstream`, { signal: AbortSignal.timeout(2000) })
    return says(await answer.text())
  })
  return server
}

/** The handler of a policy's path, as the SDK's examples have it: a transport for each session, or for each message. */
function handlerOf ({ sessions = true }, origin, behind) {
  const transports = new Map()
  const options = { enableJsonResponse: true, enableDnsRebindingProtection: true, allowedOrigins: [origin] }
  return async (request, response) => {
    let transport = transports.get(request.headers['mcp-session-id'])
    if (!transport && (!sessions || isInitializeRequest(request.body))) {
      transport = new StreamableHTTPServerTransport({
        ...options,
        sessionIdGenerator: sessions ? randomUUID : undefined,
        onsessioninitialized: id => transports.set(id, transport)
      })
      transport.onclose = () => transports.delete(transport.sessionId)
      await serverOf(behind).connect(transport)
    }
    if (transport) return transport.handleRequest(request, response, request.body)
    response.status(400).json({ jsonrpc: '2.0', error: { code: -32000, message: 'no session' }, id: null })
  }
}

async function main () {
  let app = express()
  const server = http.createServer((request, response) => app(request, response))
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${server.address().port}`
  const introduction = {
    protocol: 1,
    name: 'mcp-typescript',
    version: require('./package.json').dependencies['@modelcontextprotocol/sdk'],
    slots: 16,
    supports: {
      'policy.profiles.scheme': ['bearer'],
      'policy.profiles': { max: 1 },
      'policy.required_scope': ['none', 'write', 'read-and-write'],
      // It tells the metadata in challenges and has it at the well-known URI.
      'policy.metadata_at': ['everywhere', 'well-known'],
      'policy.sessions': [true, false],
      'policy.upstream': [true, false],
      events: false
    },
    tokens: 'jwt',
    claims: ['mcp-authorization']
  }
  await control.run(introduction, ({ generation, policies, issuer }) => {
    const fresh = express()
    fresh.disable('x-powered-by')
    const verifier = verifierOf(issuer)
    const endpoints = policies.map(({ slot, policy, backend }) => {
      const prefix = `/g${generation}s${slot}`
      const resource = new URL(`${origin}${prefix}/resource`)
      const requiredScopes = SCOPES[policy.required_scope || 'none']
      const metadata = getOAuthProtectedResourceMetadataUrl(resource)
      fresh.use(mcpAuthMetadataRouter({
        oauthMetadata: {
          issuer: issuer.issuer,
          authorization_endpoint: `${issuer.issuer}/authorize`,
          token_endpoint: `${issuer.issuer}/token`,
          response_types_supported: ['code']
        },
        resourceServerUrl: resource
      }))
      fresh.all(
        resource.pathname,
        requireBearerAuth({
          verifier,
          requiredScopes,
          resourceMetadataUrl: policy.metadata_at === 'well-known' ? undefined : metadata
        }),
        express.json(),
        handlerOf(policy, origin, backend)
      )
      return { slot, url: origin + prefix }
    })
    app = fresh
    return { generation, endpoints, unsupported: [] }
  })
}

main()
