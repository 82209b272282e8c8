import { type CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Log } from '../../lib/process/log.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { datum } from '../cloudwatch/datum.ts'
import { NAMESPACE } from '../cloudwatch/own-metrics.ts'

const INTERVAL_MS = 10_000
const LOG_INTERVAL_MS = 300_000

/**
 * Tells CloudWatch that somebody watches. It is called after a completed pass and never by a timer: when the watchdog,
 * the api or Redis is gone, the alarm on the metric's absence speaks. It waits for nothing and never fails.
 */
export function createPassMetric(options: {
  cloudWatch: Pick<CloudWatchClient, 'send'>
  clock: Clock
  log: Log
  metrics: Metrics
}): () => void {
  const { cloudWatch, clock, log } = options
  const calls = options.metrics.counter('cloudwatch_calls_total')
  const values = options.metrics.counter('cloudwatch_values_total')
  let passes = 0
  let sentAt = Number.NEGATIVE_INFINITY
  let loggedAt = Number.NEGATIVE_INFINITY

  async function send(value: number): Promise<void> {
    try {
      await cloudWatch.send(
        new PutMetricDataCommand({
          Namespace: NAMESPACE,
          MetricData: [datum('WatchdogPasses', {}, value, clock.now())],
        }),
      )
      calls.inc({ result: 'accepted' })
      values.inc()
    } catch (error) {
      calls.inc({ result: 'failed' })
      if (clock.monotonic() - loggedAt < LOG_INTERVAL_MS) return
      loggedAt = clock.monotonic()
      log.warn({ error: describeError(error) }, 'pass not told to CloudWatch')
    }
  }

  return () => {
    passes++
    if (clock.monotonic() - sentAt < INTERVAL_MS) return
    sentAt = clock.monotonic()
    void send(passes)
    passes = 0
  }
}
