import {
  type _Record,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  ExpiredIteratorException,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ListShardsCommand,
  type ListShardsOutput,
  ProvisionedThroughputExceededException,
  RegisterStreamConsumerCommand,
  ResourceNotFoundException,
  type Shard,
  SubscribeToShardCommand,
  type SubscribeToShardInput,
} from '@aws-sdk/client-kinesis'
import { encodeAggregate } from '../support/encode-aggregate.ts'
import type { Network } from './network.ts'
import type { Random } from './random.ts'
import type { NextEvent, SimulatedFanOut } from './simulated-fan-out.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import {
  fromSequenceNumber,
  type SimulatedShard,
  type SimulatedStream,
  type StreamEntry,
  toSequenceNumber,
} from './simulated-stream.ts'

const STREAM_ARN = 'arn:aws:kinesis:::stream/simulated'
const ITERATOR_VALID_MS = 300_000
/** Small, so that lists come in several pages. */
const SHARDS_PER_PAGE = 4
const DATA = new Uint8Array(100)
const REFUSED = { $metadata: { httpStatusCode: 400 } }

/** How the service behaves in one run. */
export type ServiceManners = {
  /** At most so many records an answer, whatever was asked for. */
  maxPage: number
  /** The share of reads that is throttled, as by other readers of the shard. */
  throttled: number
  /** The share of iterators that has expired before its time. */
  expired: number
  /** The share of reads that brings nothing although there is something. */
  empty: number
  /** Whether the last read of a shard names its children. Not all stand-ins do. */
  namesChildren: boolean
  /** ListShards shows the stream as it was so long ago. */
  listLagMs: number
}

export const FAIR_MANNERS = { maxPage: 1_000, throttled: 0, expired: 0, empty: 0 }

/** Kinesis, as far as a consumer calls it. */
export class SimulatedKinesis {
  manners: ServiceManners
  readonly #stream: SimulatedStream
  readonly #network: Network
  readonly #now: () => number
  readonly #fanOut: SimulatedFanOut
  readonly #random: Random
  readonly #encoded = new Map<StreamEntry, _Record>()

  constructor(options: {
    stream: SimulatedStream
    network: Network
    manners: ServiceManners
    now: () => number
    fanOut: SimulatedFanOut
    random: Random
  }) {
    this.#stream = options.stream
    this.#network = options.network
    this.manners = options.manners
    this.#now = options.now
    this.#fanOut = options.fanOut
    this.#random = options.random
  }

  clientOf(process: SimulatedProcess): Pick<KinesisClient, 'send'> {
    const send = (command: unknown, options?: { abortSignal?: AbortSignal }) =>
      this.#network.call<unknown>(
        process,
        () => this.#answer(command, process, options?.abortSignal),
        options?.abortSignal,
      )
    return { send } as unknown as Pick<KinesisClient, 'send'>
  }

  #answer(command: unknown, process: SimulatedProcess, signal: AbortSignal | undefined): unknown {
    if (command instanceof GetRecordsCommand) {
      return this.#getRecords(command.input.ShardIterator ?? '', command.input.Limit ?? 10_000)
    }
    if (command instanceof GetShardIteratorCommand) return this.#getShardIterator(command.input)
    if (command instanceof ListShardsCommand) return this.#listShards(command.input.NextToken)
    if (command instanceof SubscribeToShardCommand) return this.#subscribe(command.input, process, signal)
    if (command instanceof DescribeStreamSummaryCommand)
      return { StreamDescriptionSummary: { StreamARN: STREAM_ARN } }
    if (command instanceof DescribeStreamConsumerCommand)
      return { ConsumerDescription: this.#fanOut.describe() }
    if (command instanceof RegisterStreamConsumerCommand) return { Consumer: this.#fanOut.register() }
    throw new TypeError('a call that the simulated Kinesis does not know')
  }

  #listShards(nextToken: string | undefined): ListShardsOutput {
    const asOf = this.#now() - this.manners.listLagMs
    const [firstAsOf, offset] = nextToken?.split('|').map(Number) ?? [asOf, 0]
    const listed = [...this.#stream.shards.values()].filter(({ openedAt }) => openedAt <= (firstAsOf ?? asOf))
    const end = (offset ?? 0) + SHARDS_PER_PAGE
    return {
      Shards: listed.slice(offset, end).map((shard) => toShard(shard, firstAsOf ?? asOf)),
      ...(end < listed.length ? { NextToken: `${firstAsOf}|${end}` } : {}),
    }
  }

  #getShardIterator(input: GetShardIteratorInput): { ShardIterator: string } {
    const shard = this.#shard(input.ShardId ?? '')
    return { ShardIterator: this.#iterator(shard, this.#indexOf(shard, input)) }
  }

  #indexOf(shard: SimulatedShard, input: Omit<GetShardIteratorInput, 'ShardId'>): number {
    const { entries } = shard
    const firstWhere = (predicate: (entry: StreamEntry) => boolean) => {
      const index = entries.findIndex(predicate)
      return index === -1 ? entries.length : index
    }
    const sequence = fromSequenceNumber(input.StartingSequenceNumber ?? '')
    switch (input.ShardIteratorType) {
      case 'AT_SEQUENCE_NUMBER':
        return firstWhere((entry) => entry.sequence >= sequence)
      case 'AFTER_SEQUENCE_NUMBER':
        return firstWhere((entry) => entry.sequence > sequence)
      case 'AT_TIMESTAMP':
        return firstWhere((entry) => entry.arrivedAt >= (input.Timestamp?.getTime() ?? 0))
      case 'LATEST':
        return entries.length
      default:
        return 0
    }
  }

  #getRecords(iterator: string, limit: number): GetRecordsOutput {
    const [shardId = '', start, issuedAt] = iterator.split('|')
    const shard = this.#shard(shardId)
    const { throttled, expired, empty, maxPage, namesChildren } = this.manners
    if (this.#random.chance(throttled)) {
      throw new ProvisionedThroughputExceededException({ message: 'rate exceeded', ...REFUSED })
    }
    if (this.#now() - Number(issuedAt) > ITERATOR_VALID_MS || this.#random.chance(expired)) {
      throw new ExpiredIteratorException({ message: 'iterator expired', ...REFUSED })
    }
    const index = Number(start)
    const count = this.#random.chance(empty) ? 0 : this.#random.int(1, Math.min(limit, maxPage))
    const entries = shard.entries.slice(index, index + count)
    const end = index + entries.length
    const next = shard.entries[end]
    const isEnd = shard.endingSequence !== undefined && next === undefined
    return {
      Records: entries.map((entry) => this.#encode(entry)),
      MillisBehindLatest: next === undefined ? 0 : Math.max(1, Math.floor(this.#now() - next.arrivedAt)),
      ...(isEnd ? {} : { NextShardIterator: this.#iterator(shard, end) }),
      ...(isEnd && namesChildren ? { ChildShards: shard.children.map(toChild) } : {}),
    }
  }

  #subscribe(input: SubscribeToShardInput, process: SimulatedProcess, signal: AbortSignal | undefined) {
    const shard = this.#shard(input.ShardId ?? '')
    const { Type, SequenceNumber, Timestamp } = input.StartingPosition ?? { Type: undefined }
    let index = this.#indexOf(shard, {
      ShardIteratorType: Type,
      StartingSequenceNumber: SequenceNumber,
      Timestamp,
    })
    const nextEvent: NextEvent = (evenEmpty) => {
      const entries = shard.entries.slice(index, index + this.#random.int(1, this.manners.maxPage))
      const isLast = shard.endingSequence !== undefined && index + entries.length === shard.entries.length
      if (entries.length === 0 && !isLast && !evenEmpty) return undefined
      index += entries.length
      const last = entries.at(-1)?.sequence ?? this.#stream.sequence
      return {
        isLast,
        event: {
          Records: entries.map((entry) => this.#encode(entry)),
          ContinuationSequenceNumber: isLast ? undefined : toSequenceNumber(last),
          MillisBehindLatest: 0,
          ChildShards: isLast && this.manners.namesChildren ? shard.children.map(toChild) : [],
        },
      }
    }
    return { EventStream: this.#fanOut.subscribe(process, shard, nextEvent, signal) }
  }

  #encode(entry: StreamEntry): _Record {
    const known = this.#encoded.get(entry)
    if (known !== undefined) return known
    const keys = entry.records.map((record) => record.partitionKey)
    const encoded = {
      Data: entry.isAggregate
        ? encodeAggregate(keys.map((partitionKey) => ({ partitionKey, data: DATA })))
        : DATA,
      PartitionKey: entry.isAggregate ? 'a' : keys[0],
      SequenceNumber: toSequenceNumber(entry.sequence),
      ApproximateArrivalTimestamp: new Date(entry.arrivedAt),
    }
    this.#encoded.set(entry, encoded)
    return encoded
  }

  #iterator(shard: SimulatedShard, index: number): string {
    return `${shard.shardId}|${index}|${this.#now()}`
  }

  #shard(shardId: string): SimulatedShard {
    const shard = this.#stream.shards.get(shardId)
    if (shard === undefined)
      throw new ResourceNotFoundException({ message: `no shard ${shardId}`, ...REFUSED })
    return shard
  }
}

function toShard(shard: SimulatedShard, asOf: number): Shard {
  const [ParentShardId, AdjacentParentShardId] = shard.parents
  return {
    ShardId: shard.shardId,
    ParentShardId,
    AdjacentParentShardId,
    HashKeyRange: toHashKeyRange(shard),
    SequenceNumberRange: {
      StartingSequenceNumber: toSequenceNumber(shard.startingSequence),
      ...(shard.endingSequence === undefined || shard.closedAt > asOf
        ? {}
        : { EndingSequenceNumber: toSequenceNumber(shard.endingSequence) }),
    },
  }
}

function toChild(shard: SimulatedShard) {
  return { ShardId: shard.shardId, ParentShards: [...shard.parents], HashKeyRange: toHashKeyRange(shard) }
}

function toHashKeyRange({ startingHash, endingHash }: SimulatedShard) {
  return { StartingHashKey: `${startingHash}`, EndingHashKey: `${endingHash}` }
}
