import t from 'tap'
import { parseBuckets, quantile, subtractBuckets } from '../../bench/histogram.ts'

const text = (one: number, two: number, all: number) =>
  `# TYPE f histogram\nf_bucket{le="1"} ${one}\nf_bucket{le="2"} ${two}\nf_bucket{le="+Inf"} ${all}\nf_sum 3\nf_count ${all}\n`

t.test('a quantile over the whole run hides what a later phase was like', async (t) => {
  const earlier = parseBuckets(text(100, 100, 100), 'f')
  const later = parseBuckets(text(100, 200, 200), 'f')
  t.equal(quantile(later, 0.5), 1)
  t.equal(quantile(subtractBuckets(later, earlier), 0.5), 1.5)
})

t.test('what lies beyond the last bound is reported as fast', async (t) => {
  t.equal(quantile(parseBuckets(text(0, 0, 10), 'f'), 0.95), 2)
  t.ok(Number.isNaN(quantile(parseBuckets('', 'f'), 0.95)))
})
