import { type CloudWatchClient, type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import type { Clock } from '../../lib/clock.ts'
import type { Metrics } from '../../lib/process/metrics/metrics.ts'
import { retry } from '../../lib/retry.ts'
import { NAMESPACE } from './own-metrics.ts'

/** What one call takes. */
const VALUES_PER_CALL = 1_000
const CALL_DEADLINE_MS = 10_000
const BACKOFF = { baseMs: 500, maxMs: 10_000 }

/** Puts values, in as few calls as they fit into; rejects when one of these has failed for `deadlineMs`. */
export type SendMetrics = (data: readonly MetricDatum[], deadlineMs: number) => Promise<void>

/**
 * A call whose answer did not come may have been taken. It is made again all the same: values are absolute, with times
 * of their own, and are asked for by their Maximum.
 */
export function createMetricSender(options: {
  cloudWatch: Pick<CloudWatchClient, 'send'>
  metrics: Metrics
  clock: Clock
  signal: AbortSignal
}): SendMetrics {
  const { cloudWatch, clock, signal } = options
  const calls = options.metrics.counter('cloudwatch_calls_total')
  const values = options.metrics.counter('cloudwatch_values_total')

  async function put(data: readonly MetricDatum[]): Promise<void> {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(CALL_DEADLINE_MS)])
    const command = new PutMetricDataCommand({ Namespace: NAMESPACE, MetricData: [...data] })
    try {
      await cloudWatch.send(command, { abortSignal })
    } catch (error) {
      calls.inc({ result: 'failed' })
      throw error
    }
    calls.inc({ result: 'accepted' })
    values.inc(data.length)
  }

  return async (data, deadlineMs) => {
    for (let i = 0; i < data.length; i += VALUES_PER_CALL) {
      const chunk = data.slice(i, i + VALUES_PER_CALL)
      await retry(() => put(chunk), { ...BACKOFF, isRetryable: () => true, deadlineMs, signal, clock })
    }
  }
}
