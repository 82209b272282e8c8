import type { FastifyInstance, FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { withHook } from './route-hooks.ts'

/**
 * Measures each request by the template of its route, so that a path with an id in it adds no time series. Health is not
 * measured: it is asked all the time, and would hide the others.
 */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const duration = metrics.histogram('http_request_duration_seconds')
  const observe = (request: FastifyRequest, reply: FastifyReply) => {
    const route = request.routeOptions.url ?? 'none'
    const labels = { method: request.method, route, status_code: String(reply.statusCode) }
    duration.observe(labels, reply.elapsedTime / 1_000)
  }
  const measure: onResponseHookHandler = (request, reply, done) => {
    observe(request, reply)
    done()
  }
  app.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/health/')) route.onResponse = withHook(route.onResponse, measure)
  })
  // What is not there has no route to carry a hook.
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) reply.raw.once('finish', () => observe(request, reply))
    done()
  })
}
