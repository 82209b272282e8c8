import { Histogram, Registry } from 'prom-client'
import t from 'tap'
import { CountingHistogram } from '../../../../lib/process/metrics/counting-histogram.ts'
import { createRandom } from '../../../simulation/random.ts'

const BOUNDS = [0.1, 0.5, 1, 2.5]

t.test('its text differs from that of the histogram whose place it takes', async (t) => {
  const options = { name: 'h', help: 'some time', labelNames: ['kind', 'hop'] }
  const theirs = new Registry()
  const ours = new Registry()
  const expected = new Histogram({ ...options, buckets: BOUNDS, registers: [theirs] })
  const histogram = new CountingHistogram({ ...options, bounds: BOUNDS })
  ours.registerMetric(histogram.asMetric())
  const random = createRandom(3)
  const series = [{ kind: 'live', hop: 'a' }, { kind: 'live', hop: 'b' }, { kind: 'replay' }]
  for (let i = 0; i < 3_000; i++) {
    const labels = series[i % series.length] ?? {}
    // Also what lies on a bound, and beyond all.
    const value = i % 10 === 0 ? (BOUNDS[i % BOUNDS.length] ?? 0) : random.next() * 4
    expected.observe(labels, value)
    if (i % 2 === 0) histogram.observe(labels, value)
    else histogram.labels(labels).observe(value)
  }
  t.equal(await ours.metrics(), await theirs.metrics())
})

t.test('a histogram without labels is absent until something is observed', async (t) => {
  const registry = new Registry()
  const histogram = new CountingHistogram({ name: 'h', help: 'h', labelNames: [], bounds: BOUNDS })
  registry.registerMetric(histogram.asMetric())
  t.match(await registry.metrics(), 'h_count 0\n')
  histogram.observe(0.3)
  t.match(await registry.metrics(), 'h_bucket{le="0.5"} 1\n')
})
