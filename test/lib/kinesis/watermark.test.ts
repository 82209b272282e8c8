import t from 'tap'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'
import { Watermark } from '../../../lib/kinesis/watermark.ts'
import { createRandom } from '../../simulation/random.ts'

const SEEDS = 300

/** Aggregates of three parts among records that were put by themselves. */
function records(count: number): KinesisRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    data: new Uint8Array(),
    partitionKey: '',
    sequenceNumber: `${100 + (i % 5 < 3 ? Math.floor(i / 5) * 5 : i)}`,
    ...(i % 5 < 3 ? { subSequenceNumber: i % 5 } : {}),
    arrivedAt: 0,
  }))
}

t.test('a checkpoint passes a record that is not acknowledged, or stays behind one that is', async (t) => {
  const broken: number[] = []
  for (let seed = 1; seed <= SEEDS; seed++) if (!keepsUp(seed)) broken.push(seed)
  t.strictSame(broken, [], `none of ${SEEDS} seeds`)
})

/** Adds reads and acknowledges batches of lanes at random; whether the watermark always stood before the first gap. */
function keepsUp(seed: number): boolean {
  const random = createRandom(seed)
  const all = records(random.int(1, 60))
  const watermark = new Watermark()
  const acknowledged = new Set<KinesisRecord>()
  const passed: KinesisRecord[] = []
  let open: KinesisRecord[] = []
  let added = 0
  while (acknowledged.size < all.length) {
    if (added < all.length && (open.length === 0 || random.chance(0.4))) {
      const read = all.slice(added, added + random.int(1, 10))
      watermark.add(read)
      open.push(...read)
      added += read.length
    } else {
      // The batch of a lane: in the order of the shard, with others in between.
      const batch = open.filter(() => random.chance(0.4))
      open = open.filter((record) => !batch.includes(record))
      for (const record of batch) acknowledged.add(record)
      passed.push(...watermark.acknowledge(batch))
    }
    const firstOpen = all.findIndex((record) => !acknowledged.has(record))
    const gap = firstOpen < 0 ? all.length : firstOpen
    const isInOrder = passed.length === gap && passed.every((record, i) => record === all[i])
    if (!isInOrder || watermark.oldest !== (gap < added ? all[gap] : undefined)) return false
  }
  return true
}
