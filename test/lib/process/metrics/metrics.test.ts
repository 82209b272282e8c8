import t from 'tap'
import { createMetrics } from '../../../../lib/process/metrics/metrics.ts'

t.test('the first failure is no increase, because its series begins with it', async (t) => {
  const metrics = createMetrics('test', '0')
  metrics.counter('dead_letters_total').inc({ origin: 'row' })
  metrics.counter('redis_reconnects_total')
  const text = await metrics.render()
  for (const origin of ['oversize', 'rejected', 'handler'])
    t.match(text, `dead_letters_total{origin="${origin}"} 0`)
  t.match(text, 'dead_letters_total{origin="row"} 1')
  t.match(text, /^redis_reconnects_total 0$/m)
})

t.test('a counter begins with series that it never has', async (t) => {
  const metrics = createMetrics('test', '0')
  metrics.counter('consumer_records_total')
  metrics.counter('consumer_shard_records_total')
  const text = await metrics.render()
  t.notMatch(text, /^consumer_(shard_)?records_total\{/m)
})
