import { pino } from 'pino'
import t from 'tap'
import { systemClock } from '../../../lib/clock.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import type { ShardRead } from '../../../lib/kinesis/polling-reader.ts'
import { startShardRunner } from '../../../lib/kinesis/shard-runner.ts'

const record = (sequenceNumber: string): KinesisRecord => ({
  data: Buffer.from('{}'),
  partitionKey: 'k',
  sequenceNumber,
  arrivedAt: 1,
})

/** Runs a shard that answers these reads, the last of them its end. */
async function run(reads: Partial<ShardRead>[]) {
  const handled: string[][] = []
  const acknowledged: string[][] = []
  const numbers = (records: readonly KinesisRecord[]) => records.map((one) => one.sequenceNumber)
  const runner = startShardRunner({
    lease: { shardId: 'shardId-000000000000', epoch: 7 },
    reader: {
      async read() {
        const read = reads.shift() ?? {}
        return { records: [], behindMs: 0, children: [], isShardEnd: reads.length === 0, ...read }
      },
    },
    handle: async (batch) => void handled.push(numbers(batch.records)),
    putAside: async () => undefined,
    onHandled: (records) => void acknowledged.push(numbers(records)),
    isHeld: () => true,
    complete: async () => true,
    clock: systemClock,
    log: pino({ level: 'silent' }),
  })
  return { outcome: await runner.done, handled, acknowledged }
}

t.test(
  'an empty read at the tip reaches the handler, or is acknowledged without a sequence number',
  async (t) => {
    const { outcome, handled, acknowledged } = await run([
      {},
      { records: [record('1'), record('2')] },
      {},
      {},
    ])
    t.equal(outcome, 'ended')
    t.strictSame(handled, [['1', '2']])
    t.strictSame(acknowledged, [['1', '2']])
  },
)
