import { Redis } from 'ioredis'
import type { Log } from '../process/log.ts'
import type { Metrics } from '../process/metrics/metrics.ts'
import { measureRedis } from './measure-redis.ts'

const CONNECT_TIMEOUT_MS = 5_000
const MAX_RECONNECT_DELAY_MS = 2_000

/**
 * A connection that reconnects for ever and queues commands meanwhile. `name` is what `CLIENT LIST` shows. Commands
 * have no deadline of their own, as BullMQ asks: callers that need one race it.
 */
export function connectRedis(options: { url: string; name: string; log: Log; metrics?: Metrics }): Redis {
  const redis = new Redis(options.url, {
    connectionName: options.name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) =>
      Math.min(100 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS) * Math.random(),
  })
  if (options.metrics !== undefined) measureRedis(redis, options.metrics)
  let reported = false
  redis.on('error', (error) => {
    if (!reported) options.log.warn({ error: error.message }, 'redis cannot be reached')
    reported = true
  })
  redis.on('ready', () => {
    if (reported) options.log.info('redis is back')
    reported = false
  })
  return redis
}
