import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import { VERSION } from '../../lib/process/version.ts'
import { withCommonResponses } from './common-responses.ts'

type QuerySchema = { properties: Record<string, { default?: unknown }>; required?: string[] }

/** Makes the OpenAPI 3.1 document from the schemas of all routes that are registered afterwards. */
export async function describeApi(app: FastifyInstance, cookieName: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Roadpulse',
        description:
          'US road accidents, replayed as a live stream: what flows, what runs, and what it shows. Errors are problem ' +
          'details (RFC 9457): decide on `code`. A path that does not exist is 404 with the code `NOT_FOUND`.',
        version: VERSION,
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'for programs: one of API_TOKENS' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: cookieName,
            description: 'for people: the cookie of POST /session',
          },
        },
      },
      tags: [
        { name: 'health', description: 'For whoever starts and watches this process' },
        { name: 'session', description: 'Signing in and out' },
        { name: 'operations', description: 'The fleet, and whether anything was lost on the way' },
        { name: 'insights', description: 'What the accidents show' },
        { name: 'replays', description: 'Sources that are sent again, beside the live feed' },
        { name: 'live', description: 'All of it as it changes' },
      ],
    },
    transform({ schema, url, route }) {
      if (schema === undefined || schema.hide === true) return { schema: schema ?? { hide: true }, url }
      const access = route.config?.access ?? 'open'
      const { querystring } = schema as { querystring?: QuerySchema }
      return {
        url,
        schema: {
          ...schema,
          ...(access === 'open' ? { security: [] } : { security: [{ token: [] }, { session: [] }] }),
          ...(access === 'operate' ? { 'x-role': 'operate' } : access === 'read' ? { 'x-role': 'read' } : {}),
          ...(querystring === undefined ? {} : { querystring: withOptionalDefaults(querystring) }),
          response: withCommonResponses(schema as object, route),
        },
      }
    },
  })
}

/** The document at `/docs/json`, and a reader for people at `/docs`. */
export const documentReader: FastifyPluginAsync = async (app) => {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: {
      deepLinking: true,
      // The other layout draws a logo with an inline style, which our policy forbids.
      layout: 'BaseLayout',
      // No validator of somebody else's is asked what it thinks of the document.
      validatorUrl: null,
    },
  })
}

/** What has a default is always there for the route, and need not be sent by the caller. */
function withOptionalDefaults(schema: QuerySchema): QuerySchema {
  const required = (schema.required ?? []).filter((name) => schema.properties[name]?.default === undefined)
  return { ...schema, required }
}
