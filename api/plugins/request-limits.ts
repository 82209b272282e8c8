import rateLimit from '@fastify/rate-limit'
import underPressure from '@fastify/under-pressure'
import type { FastifyInstance } from 'fastify'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { Problem } from '../problems.ts'

const MINUTE_MS = 60_000
/** Of the last second, on average: by then a request waits longer for its turn than for its answer. */
const MAX_EVENT_LOOP_DELAY_MS = 250
const SAMPLE_MS = 1_000
/** The start itself keeps the loop busy: the sample that it is in, and the one that follows, are not looked at. */
const STARTING_MS = 2 * SAMPLE_MS
const SHED_RETRY_SECONDS = 5

export type RequestLimits = {
  /** Of one address. */
  requestsPerMinute: number
  maxEventLoopDelayMs?: number
}

/**
 * Bounds what one address may ask, and turns requests away before the event loop drowns. Counts are this process's own:
 * the api does not depend on Redis to answer that Redis is away. Whoever watches (`/health/`) is always answered.
 */
export async function limitRequests(
  app: FastifyInstance,
  limits: RequestLimits,
  metrics: Metrics,
): Promise<void> {
  const refused = metrics.counter('http_requests_refused_total')
  app.addHook('onRoute', (route) => {
    if (isHealth(route.url)) route.config = { rateLimit: false, ...route.config }
  })
  await app.register(rateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: MINUTE_MS,
    // Whoever is far from the limit need not be told of it.
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    errorResponseBuilder(_request, { max, ttl }) {
      refused.inc({ reason: 'rate_limited' })
      return new Problem('RATE_LIMITED', `No more than ${max} of these requests a minute.`, {
        retryAfterSeconds: Math.ceil(ttl / 1_000),
      })
    },
  })
  let startedAt = Number.POSITIVE_INFINITY
  app.addHook('onReady', async () => {
    startedAt = performance.now()
  })
  await app.register(underPressure, {
    maxEventLoopDelay: limits.maxEventLoopDelayMs ?? MAX_EVENT_LOOP_DELAY_MS,
    sampleInterval: SAMPLE_MS,
    pressureHandler(request) {
      if (isHealth(request.url) || performance.now() - startedAt < STARTING_MS) return
      refused.inc({ reason: 'overloaded' })
      throw new Problem('OVERLOADED', 'The api has more to do than it can.', {
        retryAfterSeconds: SHED_RETRY_SECONDS,
      })
    },
  })
}

const isHealth = (url: string) => url.startsWith('/health/')
