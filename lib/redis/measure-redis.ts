import type { Redis } from 'ioredis'
import type { Metrics } from '../process/metrics/metrics.ts'

const SCRIPTS = new Set(['eval', 'evalsha', 'script'])
/** Of those that we send. */
const READS = new Set(
  (
    'get mget hget hmget hgetall hvals hlen exists smembers ping time zrange zrevrange zrangebyscore ' +
    'zrevrangebyscore zcard xrange xrevrange lrange lindex'
  ).split(' '),
)
/** What the client sends for itself when it connects. */
const HANDSHAKE = new Set(['hello', 'auth', 'client', 'select', 'info'])

/** Measures the commands of one connection, each once however often it is sent. */
export function measureRedis(redis: Redis, metrics: Metrics): void {
  const durations = metrics.histogram('redis_command_duration_seconds')
  const failures = metrics.counter('redis_command_failures_total')
  const waiting = metrics.gauge('redis_commands_waiting')
  const reconnects = metrics.counter('redis_reconnects_total')
  const series = {
    read: durations.labels({ command: 'read' }),
    write: durations.labels({ command: 'write' }),
    script: durations.labels({ command: 'script' }),
  }
  /** What waits for a connection is sent again when there is one. */
  const measured = new WeakSet<object>()
  let unanswered = 0

  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (...call) => {
    const [command] = call
    if (measured.has(command) || HANDSHAKE.has(command.name)) return send(...call)
    measured.add(command)
    const kind = kindOf(command.name)
    const startedAt = performance.now()
    unanswered++
    const answered = (hasFailed: boolean) => {
      unanswered--
      series[kind].observe((performance.now() - startedAt) / 1_000)
      if (hasFailed) failures.inc({ command: kind })
    }
    command.promise.then(
      () => answered(false),
      () => answered(true),
    )
    return send(...call)
  }
  redis.on('reconnecting', () => reconnects.inc())
  metrics.onScrape(() => waiting.set(unanswered))
}

function kindOf(command: string): 'read' | 'write' | 'script' {
  return SCRIPTS.has(command) ? 'script' : READS.has(command) ? 'read' : 'write'
}
