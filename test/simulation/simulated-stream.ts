import { createHash } from 'node:crypto'

/** Numbers grow by a digit now and then: they have to be compared by their length first. */
const SEQUENCE_PREFIX = '4965'
const FIRST_SEQUENCE = 99_900
const SEQUENCES_BETWEEN_RECORDS = 3
const MAX_HASH = 2n ** 128n - 1n

/** A record as its producer put it, alone or in an aggregate; with what became of it. */
export type SimulatedRecord = {
  shardId: string
  partitionKey: string
  /** Its place among the records of its partition key, over all shards. */
  indexInKey: number
  /** No handler succeeds on it. */
  isPoison: boolean
  /** Handled or put aside, by whichever worker. */
  isDone: boolean
}

/** What one put made: one record of the stream. */
export type StreamEntry = {
  sequence: number
  arrivedAt: number
  /** One for a plain record; those of an aggregate in their order. */
  records: readonly SimulatedRecord[]
  isAggregate: boolean
}

export type SimulatedShard = {
  shardId: string
  parents: readonly string[]
  children: SimulatedShard[]
  startingHash: bigint
  endingHash: bigint
  startingSequence: number
  /** Absent while the shard is open. */
  endingSequence?: number
  openedAt: number
  closedAt: number
  entries: StreamEntry[]
  /** Those who want to know of each change. */
  readers: Set<() => void>
}

/** A stream: its shards with their lineage, and all records that were ever put. */
export class SimulatedStream {
  readonly shards = new Map<string, SimulatedShard>()
  readonly #now: () => number
  readonly #counts = new Map<string, number>()
  #sequence = FIRST_SEQUENCE
  #hashes = new Map<string, bigint>()

  constructor(shards: number, now: () => number) {
    this.#now = now
    const width = (MAX_HASH + 1n) / BigInt(shards)
    for (let i = 0; i < shards; i++) {
      const start = width * BigInt(i)
      this.#open([], start, i === shards - 1 ? MAX_HASH : start + width - 1n)
    }
  }

  get openShards(): SimulatedShard[] {
    return [...this.shards.values()].filter((shard) => shard.endingSequence === undefined)
  }

  /** All that was put has a smaller number or this one, all that will be put a greater one. */
  get sequence(): number {
    return this.#sequence
  }

  /** Puts records in one entry: a plain one for one key, an aggregate for several of them, all of the first one's shard. */
  put(partitionKeys: readonly string[], isPoison: (key: string) => boolean): StreamEntry {
    const [first = ''] = partitionKeys
    const shard = this.shardOf(first)
    const records = partitionKeys
      .filter((key) => this.shardOf(key) === shard)
      .map((partitionKey): SimulatedRecord => {
        const indexInKey = this.#counts.get(partitionKey) ?? 0
        this.#counts.set(partitionKey, indexInKey + 1)
        const { shardId } = shard
        return { shardId, partitionKey, indexInKey, isPoison: isPoison(partitionKey), isDone: false }
      })
    const isAggregate = partitionKeys.length > 1
    const entry = { sequence: this.#nextSequence(), arrivedAt: Math.floor(this.#now()), records, isAggregate }
    shard.entries.push(entry)
    for (const tell of shard.readers) tell()
    return entry
  }

  shardOf(partitionKey: string): SimulatedShard {
    let hash = this.#hashes.get(partitionKey)
    if (hash === undefined) {
      hash = BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`)
      this.#hashes.set(partitionKey, hash)
    }
    for (const shard of this.shards.values()) {
      if (shard.endingSequence === undefined && shard.startingHash <= hash && hash <= shard.endingHash)
        return shard
    }
    throw new Error('no open shard has this hash key')
  }

  split(shard: SimulatedShard): void {
    const middle = (shard.startingHash + shard.endingHash) / 2n
    this.#close(shard)
    this.#open([shard], shard.startingHash, middle)
    this.#open([shard], middle + 1n, shard.endingHash)
  }

  /** The shard and the one that follows on it in the space of hash keys, which must exist. */
  merge(shard: SimulatedShard): void {
    const adjacent = this.openShards.find(({ startingHash }) => startingHash === shard.endingHash + 1n)
    if (adjacent === undefined) throw new Error('the last shard has nothing to be merged with')
    this.#close(shard)
    this.#close(adjacent)
    this.#open([shard, adjacent], shard.startingHash, adjacent.endingHash)
  }

  #open(parents: readonly SimulatedShard[], startingHash: bigint, endingHash: bigint): void {
    const shardId = `shardId-${String(this.shards.size).padStart(12, '0')}`
    const shard: SimulatedShard = {
      shardId,
      parents: parents.map((parent) => parent.shardId),
      children: [],
      startingHash,
      endingHash,
      startingSequence: this.#nextSequence(),
      openedAt: this.#now(),
      closedAt: Number.POSITIVE_INFINITY,
      entries: [],
      readers: new Set(),
    }
    this.shards.set(shardId, shard)
    for (const parent of parents) parent.children.push(shard)
  }

  #close(shard: SimulatedShard): void {
    shard.endingSequence = this.#nextSequence()
    shard.closedAt = this.#now()
    for (const tell of shard.readers) tell()
  }

  #nextSequence(): number {
    this.#sequence += SEQUENCES_BETWEEN_RECORDS
    return this.#sequence
  }
}

export function toSequenceNumber(sequence: number): string {
  return `${SEQUENCE_PREFIX}${sequence}`
}

export function fromSequenceNumber(sequenceNumber: string): number {
  return Number(sequenceNumber.slice(SEQUENCE_PREFIX.length))
}
