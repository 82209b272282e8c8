import {
  type ChildShard,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  InvalidArgumentException,
  type KinesisClient,
  type _Record as KinesisOutputRecord,
} from '@aws-sdk/client-kinesis'
import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { backoffDelay } from '../retry.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import type { ChildLease } from './lease-store.ts'
import type { Checkpoint } from './position.ts'
import type { ShardRead, ShardReader } from './shard-reader.ts'
import { TokenBucket } from './token-bucket.ts'

/** What one shard gives to all its readers together: 5 calls a second, 2 MiB a second after a burst of 10. */
const CALLS_PER_SECOND = 5
const BYTES_PER_SECOND = 2 * 1_048_576
const BURST_BYTES = 10 * 1_048_576
/** Bounds the memory of a read. At five calls a second it is five times what a shard takes in. */
const RECORDS_PER_READ = 1_000
const RETRY_BACKOFF = { baseMs: 200, maxMs: 5_000 }
/** A fault that lasts is logged when it begins and then at every tenth try, about once in 25 s. */
const LOG_EVERY_ATTEMPTS = 10

export type PollingReaderOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  stream: string
  shardId: string
  /** Reading begins after it. */
  checkpoint: Checkpoint
  clock: Clock
  log: Log
  /** Between two reads at the tip of the shard. Behind the tip, reads follow each other as the limits allow. */
  pollIntervalMs: number
  /** The checkpoint is older than what the stream still holds: records may be lost. */
  onExpiredCheckpoint(): void
}

/** Reads a shard by GetRecords, from a checkpoint on. */
export function createPollingReader(options: PollingReaderOptions): ShardReader {
  const { kinesis, clock, log } = options
  const calls = new TokenBucket({ capacity: 1, refillPerSecond: CALLS_PER_SECOND, clock })
  const bytes = new TokenBucket({ capacity: BURST_BYTES, refillPerSecond: BYTES_PER_SECOND, clock })
  let position = options.checkpoint
  let iterator: string | undefined
  let nextPollAt = clock.monotonic()

  async function readOnce(signal: AbortSignal): Promise<ShardRead | undefined> {
    const waitMs = Math.max(nextPollAt - clock.monotonic(), calls.msUntil(1), bytes.msUntil(1))
    if (waitMs > 0) await clock.sleep(waitMs, signal)
    if (signal.aborted) return undefined
    iterator ??= await openIterator(signal)
    calls.take(1)
    const startedAt = clock.monotonic()
    const reply = await kinesis.send(
      new GetRecordsCommand({ ShardIterator: iterator, Limit: RECORDS_PER_READ }),
      { abortSignal: signal },
    )
    const records = (reply.Records ?? []).map(toKinesisRecord)
    const last = records.at(-1)
    const saidBehindMs = reply.MillisBehindLatest ?? 0
    // A full answer is behind whatever the service says; stand-ins of Kinesis always say 0.
    const isBehind = saidBehindMs > 0 || records.length >= RECORDS_PER_READ
    iterator = reply.NextShardIterator
    position = last?.sequenceNumber ?? position
    bytes.take(records.reduce((sum, record) => sum + record.data.byteLength, 0))
    nextPollAt = isBehind ? startedAt : startedAt + options.pollIntervalMs
    return {
      records,
      behindMs: isBehind ? Math.max(saidBehindMs, clock.now() - (last?.arrivedAt ?? clock.now())) : 0,
      isShardEnd: reply.NextShardIterator === undefined || reply.NextShardIterator === null,
      children: (reply.ChildShards ?? []).map(toChildLease),
    }
  }

  async function openIterator(signal: AbortSignal): Promise<string> {
    try {
      return await requestIterator(position, signal)
    } catch (error) {
      if (!(error instanceof InvalidArgumentException) || !isSequenceNumber(position)) throw error
      log.error(
        { shard: options.shardId, checkpoint: position, error: describeError(error) },
        'checkpoint has expired, reading from the oldest record: records may be lost',
      )
      options.onExpiredCheckpoint()
      position = 'TRIM_HORIZON'
      return requestIterator(position, signal)
    }
  }

  async function requestIterator(from: Checkpoint, signal: AbortSignal): Promise<string> {
    const reply = await kinesis.send(
      new GetShardIteratorCommand({
        StreamName: options.stream,
        ShardId: options.shardId,
        ...iteratorStart(from),
      }),
      { abortSignal: signal },
    )
    return reply.ShardIterator ?? ''
  }

  return {
    async read(signal) {
      for (let attempt = 1; !signal.aborted; attempt++) {
        try {
          return await readOnce(signal)
        } catch (error) {
          if (signal.aborted) break
          // It expires after 5 minutes: a slow handler, or a shard without records. The position is known.
          iterator = error instanceof ExpiredIteratorException ? undefined : iterator
          if (attempt % LOG_EVERY_ATTEMPTS === 1) {
            log.warn({ shard: options.shardId, attempt, error: describeError(error) }, 'shard cannot be read')
          }
          await clock.sleep(backoffDelay(attempt, RETRY_BACKOFF), signal)
        }
      }
      return undefined
    },
  }
}

function isSequenceNumber(checkpoint: Checkpoint): boolean {
  return /^\d+$/.test(checkpoint)
}

function iteratorStart(
  checkpoint: Checkpoint,
): Pick<GetShardIteratorInput, 'ShardIteratorType' | 'StartingSequenceNumber' | 'Timestamp'> {
  if (isSequenceNumber(checkpoint)) {
    return { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: checkpoint }
  }
  const [kind, ms] = checkpoint.split(':')
  if (kind === 'AT_TIMESTAMP') return { ShardIteratorType: kind, Timestamp: new Date(Number(ms)) }
  return { ShardIteratorType: kind === 'LATEST' ? 'LATEST' : 'TRIM_HORIZON' }
}

function toKinesisRecord(record: KinesisOutputRecord): KinesisRecord {
  return {
    data: record.Data ?? new Uint8Array(),
    partitionKey: record.PartitionKey ?? '',
    sequenceNumber: record.SequenceNumber ?? '',
    arrivedAt: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
  }
}

function toChildLease(child: ChildShard): ChildLease {
  return { shardId: child.ShardId ?? '', parents: child.ParentShards ?? [] }
}
