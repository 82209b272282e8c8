import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import { VERSION } from '../../lib/process/version.ts'

/** OpenAPI 3.1 at `/docs/json`, made from the schemas of the routes, and a reader for people at `/docs`. */
export async function describeApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Roadpulse',
        description:
          'US road accidents, replayed as a live stream: what flows, what runs, and what it shows.',
        version: VERSION,
      },
      tags: [
        { name: 'health', description: 'For whoever starts and watches this process' },
        { name: 'operations', description: 'The fleet, and whether anything was lost on the way' },
        { name: 'insights', description: 'What the accidents show' },
        { name: 'live', description: 'All of it as it changes' },
      ],
    },
  })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { deepLinking: true } })
}
