import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import t from 'tap'
import { datum } from '../../../api/cloudwatch/datum.ts'
import { createMetricSender } from '../../../api/cloudwatch/metric-sender.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

function setUp(fail: (call: number) => boolean) {
  const clock = createSimulatedClock()
  const sizes: number[] = []
  const metrics = createMetrics('api', '0')
  const stopping = new AbortController()
  const send = createMetricSender({
    cloudWatch: {
      async send(command: { input: { MetricData: MetricDatum[] } }) {
        sizes.push(command.input.MetricData.length)
        if (fail(sizes.length)) throw new Error('away')
      },
    } as never,
    metrics,
    clock,
    signal: stopping.signal,
  })
  return { send, sizes, metrics, clock, stopping }
}
const values = (count: number) => Array.from({ length: count }, (_, i) => datum('Accidents', {}, i, i))

t.test('a call has more values than CloudWatch takes, or one that failed is forgotten', async (t) => {
  const { send, sizes, metrics } = setUp((call) => call === 2)
  await send(values(2_500), 60_000)
  t.strictSame(sizes, [1_000, 1_000, 1_000, 500], 'the second is made again')
  const text = await metrics.render()
  t.match(text, 'cloudwatch_calls_total{result="failed"} 1\n')
  t.match(text, 'cloudwatch_values_total 2500\n')
  await send([], 60_000)
  t.equal(sizes.length, 4, 'nothing to say')
})

t.test('an outage is asked through for ever, or without a pause', async (t) => {
  const { send, sizes, clock } = setUp(() => true)
  const startedAt = clock.monotonic()
  await t.rejects(send(values(1), 60_000), { message: 'away' })
  t.ok(clock.monotonic() - startedAt <= 60_000)
  t.ok(sizes.length >= 3 && sizes.length < 60, `${sizes.length} calls in a minute`)
})

t.test('a stop waits for an outage to end', async (t) => {
  const { send, stopping } = setUp(() => true)
  const sending = send(values(1), 60_000)
  stopping.abort()
  await t.rejects(sending, { message: 'away' })
})
