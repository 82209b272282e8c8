import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../../lib/process/metrics.ts'

/** Measures each request by the template of its route, so that a path with an id in it adds no time series. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram('http_request_duration_seconds')
  app.addHook('onResponse', async (request, reply) => {
    const labels = {
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status_code: String(reply.statusCode),
    }
    duration.observe(labels, reply.elapsedTime / 1_000)
  })
}
