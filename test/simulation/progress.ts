import type { KinesisRecord } from '../../lib/kinesis/kinesis-record.ts'
import { positionOf, SHARD_END } from '../../lib/kinesis/position.ts'
import {
  type SimulatedRecord,
  type SimulatedStream,
  type StreamEntry,
  toSequenceNumber,
} from './simulated-stream.ts'

/** How far one shard has come: counts of its records, in their order. */
class ShardProgress {
  readonly shardId: string
  readonly #isClosed: () => boolean
  readonly #records: SimulatedRecord[] = []
  /** Position -> how many records are done when it is the checkpoint. */
  readonly #counts = new Map<string, number>()
  #done = 0

  constructor(shardId: string, isClosed: () => boolean) {
    this.shardId = shardId
    this.#isClosed = isClosed
  }

  get isClosed(): boolean {
    return this.#isClosed()
  }

  get total(): number {
    return this.#records.length
  }

  add(entry: StreamEntry): void {
    const sequenceNumber = toSequenceNumber(entry.sequence)
    for (const [i, record] of entry.records.entries()) {
      this.#records.push(record)
      if (entry.isAggregate) this.#counts.set(`${sequenceNumber}:${i}`, this.total)
    }
    this.#counts.set(sequenceNumber, this.total)
  }

  recordAt(position: string): SimulatedRecord {
    const record = this.#records[this.countTo(position) - 1]
    if (record === undefined) throw new Error(`${this.shardId} has no record at ${position}`)
    return record
  }

  /** How many records a checkpoint says are done. */
  countTo(checkpoint: string): number {
    if (checkpoint === SHARD_END) return this.total
    return this.#counts.get(checkpoint) ?? 0
  }

  /** How many are done without a gap. */
  countDone(): number {
    while (this.#records[this.#done]?.isDone === true) this.#done++
    return this.#done
  }
}

/** What became of each record that was put, whoever handled it. */
export class Progress {
  /** Records that nobody has handled or put aside. */
  left = 0
  readonly #stream: SimulatedStream
  readonly #shards = new Map<string, ShardProgress>()
  readonly #keys = new Map<string, { records: SimulatedRecord[]; done: number }>()

  constructor(stream: SimulatedStream) {
    this.#stream = stream
  }

  put(entry: StreamEntry): void {
    const [first] = entry.records
    if (first === undefined) return
    this.shard(first.shardId).add(entry)
    for (const record of entry.records) {
      const key = this.#keys.get(record.partitionKey) ?? { records: [], done: 0 }
      key.records.push(record)
      this.#keys.set(record.partitionKey, key)
      this.left++
    }
  }

  /** Returns whether it had been done before. */
  done(shardId: string, record: KinesisRecord): boolean {
    const known = this.shard(shardId).recordAt(positionOf(record))
    if (known.isDone) return true
    known.isDone = true
    this.left--
    return false
  }

  shard(shardId: string): ShardProgress {
    let shard = this.#shards.get(shardId)
    if (shard === undefined) {
      const inStream = this.#stream.shards.get(shardId)
      if (inStream === undefined) throw new Error(`${shardId} is not in the stream`)
      shard = new ShardProgress(shardId, () => inStream.endingSequence !== undefined)
      this.#shards.set(shardId, shard)
    }
    return shard
  }

  shards(): ShardProgress[] {
    return [...this.#stream.shards.keys()].map((shardId) => this.shard(shardId))
  }

  parentsOf(shardId: string): readonly string[] {
    return this.#stream.shards.get(shardId)?.parents ?? []
  }

  /** A parent of which something has not been handled. */
  unfinishedParent(shardId: string): string | undefined {
    return this.parentsOf(shardId).find((parent) => this.shard(parent).countDone() < this.shard(parent).total)
  }

  /** The first of `records` that is new while an earlier one of its key is neither done nor before it in `records`. */
  findEarly(shardId: string, records: readonly KinesisRecord[]): string | undefined {
    const inBatch = new Set<SimulatedRecord>()
    for (const record of records) {
      const position = positionOf(record)
      const known = this.shard(shardId).recordAt(position)
      if (!known.isDone && !this.#areDoneBefore(known, inBatch)) return position
      inBatch.add(known)
    }
    return undefined
  }

  #areDoneBefore(record: SimulatedRecord, inBatch: ReadonlySet<SimulatedRecord>): boolean {
    const key = this.#keys.get(record.partitionKey)
    if (key === undefined) return false
    while (key.records[key.done]?.isDone === true) key.done++
    for (let i = key.done; i < record.indexInKey; i++) {
      const earlier = key.records[i]
      if (earlier !== undefined && !earlier.isDone && !inBatch.has(earlier)) return false
    }
    return true
  }
}
