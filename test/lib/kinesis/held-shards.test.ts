import { pino } from 'pino'
import t from 'tap'
import { HeldShards } from '../../../lib/kinesis/held-shards.ts'
import type { ShardRead } from '../../../lib/kinesis/shard-reader.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { untilAborted } from '../../../lib/until-aborted.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'
import { waitFor } from '../../support/wait-for.ts'

const DEADLINE = { deadlineMs: 5_000, intervalMs: 5 }
const lease = { shardId: 'shard-1', epoch: 1, checkpoint: 'TRIM_HORIZON' }

/** A worker with one shard that gives one read of two records, 30 bytes in all, and then nothing. */
function setUp(handle: () => Promise<void>) {
  const clock = createSimulatedClock()
  const metrics = createMetrics('test', '0')
  const reads: ShardRead[] = [
    {
      records: [10, 20].map((bytes, i) => ({
        sequenceNumber: `${i}`,
        partitionKey: 'key',
        data: Buffer.alloc(bytes),
        arrivedAt: clock.now() - 5_000,
      })),
      behindMs: 0,
      isShardEnd: false,
      children: [],
    },
  ]
  const shards = new HeldShards({
    handle,
    putAside: ({ error }) => Promise.reject(error),
    readers: {
      open: () => ({
        async read(signal) {
          if (reads.length === 0) await untilAborted(new Promise(() => {}), signal)
          return reads.shift()
        },
      }),
    },
    keeper: { isHeld: () => true, release: async () => {} },
    checkpointer: { advance() {}, flush: async () => {}, forget() {}, ageMs: () => 250 },
    complete: async () => true,
    onFailed: (error) => t.fail(String(error)),
    clock,
    random: () => 0,
    log: pino({ level: 'silent' }),
    metrics,
  })
  return { shards, metrics }
}

t.test('a lag stands still while the store hangs, or stays when the shard has left', async (t) => {
  const handling = Promise.withResolvers<void>()
  const { shards, metrics } = setUp(() => handling.promise)
  await shards.start(lease)
  // No heartbeat asks for the lag here.
  const text = await waitFor(
    'the lag is seen',
    async () => {
      const text = await metrics.render()
      return text.includes('consumer_lag_seconds{shard="shard-1"} 5') ? text : undefined
    },
    DEADLINE,
  )
  t.match(text, 'consumer_checkpoint_age_seconds{shard="shard-1"} 0.25\n')
  t.match(text, 'consumer_read_ahead_bytes 1660\n', 'two records, and room for the next two')
  t.match(text, 'consumer_read_ahead_limit_bytes 33554432\n')
  handling.resolve()
  await shards.drainAll()
  const after = await metrics.render()
  t.notMatch(after, /consumer_(lag|checkpoint_age)_seconds\{/)
  t.match(after, 'consumer_read_ahead_bytes 0\n')
  t.match(after, 'consumer_shard_records_total{shard="shard-1"} 2\n')
  t.match(after, 'consumer_shard_bytes_total{shard="shard-1"} 30\n')
})

t.test('a batch that fails and then succeeds counts once, or its failure does not', async (t) => {
  let calls = 0
  const { shards, metrics } = setUp(async () => {
    if (++calls === 1) throw new Error('once')
  })
  await shards.start(lease)
  await waitFor('it is handled', () => shards.progress.batches === 1, DEADLINE)
  await shards.drainAll()
  const text = await metrics.render()
  t.match(text, 'consumer_batches_total{result="failed"} 1\n')
  t.match(text, 'consumer_batches_total{result="handled"} 1\n')
  t.match(text, 'consumer_batch_duration_seconds_count{phase="handle"} 2\n')
})
