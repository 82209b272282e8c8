/** The routes of the api that load balancers and monitors ask, by our app or by a bare Fastify app, on a free port. */
import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { Alive, Ready } from '../api/routes/health.ts'
import { API_TOKENS } from '../test/support/access.ts'
import { buildFakeApp } from '../test/support/fake-app.ts'

/** What the parent asks for and is told. */
export type ServerMessage = { port: number } | { cpuMicros: number }

const readiness = {
  status: 'ok' as const,
  checks: Object.fromEntries(
    ['redis', 'kinesis', 's3'].map((name) => [name, { status: 'ok' as const, latencyMs: 1 }]),
  ),
}

const app = process.argv[2] === 'bare' ? buildBareApp() : await buildOurApp()
await app.listen({ host: '127.0.0.1', port: 0 })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuMicros: user + system } satisfies ServerMessage)
})
process.send?.({ port: (app.server.address() as AddressInfo).port } satisfies ServerMessage)

/** As it listens to the network: with tokens, limits, headers and all. */
function buildOurApp(): Promise<FastifyInstance> {
  const owner = { teardown: () => undefined } as unknown as Parameters<typeof buildFakeApp>[0]
  return buildFakeApp(owner, {
    tokens: API_TOKENS,
    isLocal: false,
    readiness,
    limits: { requestsPerMinute: 1_000_000_000 },
  })
}

function buildBareApp(): FastifyInstance {
  const bare = fastify()
  bare.get('/health/live', { schema: { response: { 200: Alive } } }, async () => ({ status: 'ok' }))
  bare.get('/health/ready', { schema: { response: { 200: Ready } } }, async () => readiness)
  return bare
}
