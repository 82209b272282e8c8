import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  InvalidArgumentException,
  type KinesisClient,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-kinesis'
import type { Clock } from '../clock.ts'
import { describeError } from '../errors.ts'
import type { Log } from '../process/log.ts'
import { backoffDelay } from '../retry.ts'
import { type Checkpoint, parsePosition } from './position.ts'
import { ReadBudget, type ReadLimits, SHARD_LIMITS } from './read-budget.ts'
import type { ReplaceableReader, ShardRead } from './shard-reader.ts'
import { anchorLatest, startingPosition } from './starting-position.ts'
import { streamAddress } from './stream-address.ts'
import { toChildLease, toKinesisRecord } from './to-kinesis-record.ts'
import { withinDeadline } from './within-deadline.ts'

/**
 * A read asks for about so many bytes, judged by the records before. At 5 calls a second a shard gives 0.4 MiB a call:
 * more would be no faster, and a worker may hold a read of each of its shards.
 */
const BYTES_PER_READ = 524_288
/** Before anything is known of the records: of large ones, a worker with many shards would be given 10 MiB each. */
const FIRST_READ_RECORDS = 100
/** GetRecords takes no more. */
const MAX_RECORDS_PER_READ = 10_000
/** A connection that hangs is given up. The SDK's own limits depend on how the client was made, or are minutes. */
const CALL_DEADLINE_MS = 10_000
const RETRY_BACKOFF = { baseMs: 200, maxMs: 5_000 }
/** A fault that lasts is logged when it begins and then at every tenth try, about once in 25 s. */
const LOG_EVERY_ATTEMPTS = 10

export type PollingReaderOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  /** Its name or its ARN. */
  stream: string
  shardId: string
  /** Reading begins after it. */
  checkpoint: Checkpoint
  /** Between two reads at the tip of the shard. Behind the tip, reads follow each other as the limits allow. */
  pollIntervalMs: number
  /** What the shard gives; without it the limits of Kinesis, which stand-ins need not have. */
  readLimits?: ReadLimits
  /** The checkpoint is older than what the stream still holds: records may be lost. */
  onExpiredCheckpoint(): void
  /** After each call of GetRecords. */
  onRead(result: 'read' | 'throttled' | 'failed', durationMs: number): void
  clock: Clock
  random?: () => number
  log: Log
}

/** Reads a shard by GetRecords, from a checkpoint on. */
export function createPollingReader(options: PollingReaderOptions): ReplaceableReader {
  const { kinesis, clock, log } = options
  const address = streamAddress(options.stream)
  const budget = new ReadBudget({ limits: options.readLimits ?? SHARD_LIMITS, clock })
  let position = anchorLatest(options.checkpoint, clock.now())
  let iterator: string | undefined
  let nextPollAt = clock.monotonic()
  let recordsPerRead = FIRST_READ_RECORDS

  async function readOnce(signal: AbortSignal): Promise<ShardRead | undefined> {
    const waitMs = Math.max(nextPollAt - clock.monotonic(), budget.msUntilCall())
    if (waitMs > 0) await clock.sleep(waitMs, signal)
    if (signal.aborted) return undefined
    iterator ??= await openIterator(signal)
    budget.called()
    const startedAt = clock.monotonic()
    const request = new GetRecordsCommand({
      // It knows its stream by the iterator, and by the ARN if that is in another account.
      ...('StreamARN' in address ? address : {}),
      ShardIterator: iterator,
      Limit: recordsPerRead,
    })
    const reply = await measured(
      () => call((abortSignal) => kinesis.send(request, { abortSignal }), signal),
      signal,
    )
    const records = (reply.Records ?? []).map(toKinesisRecord)
    const last = records.at(-1)
    const saidBehindMs = reply.MillisBehindLatest ?? 0
    // A full answer is behind whatever the service says; stand-ins of Kinesis always say 0.
    const isBehind = saidBehindMs > 0 || records.length >= recordsPerRead
    iterator = reply.NextShardIterator
    position = last?.sequenceNumber ?? position
    countBytes(
      records.reduce((sum, record) => sum + record.data.byteLength, 0),
      records.length,
    )
    nextPollAt = isBehind ? startedAt : startedAt + options.pollIntervalMs
    return {
      records,
      behindMs: isBehind ? Math.max(saidBehindMs, clock.now() - (last?.arrivedAt ?? clock.now())) : 0,
      isShardEnd: reply.NextShardIterator === undefined || reply.NextShardIterator === null,
      children: (reply.ChildShards ?? []).map(toChildLease),
    }
  }

  async function measured<Reply>(send: () => Promise<Reply>, signal: AbortSignal): Promise<Reply> {
    const startedAt = clock.monotonic()
    try {
      const reply = await send()
      options.onRead('read', clock.monotonic() - startedAt)
      return reply
    } catch (error) {
      const isThrottled = error instanceof ProvisionedThroughputExceededException
      if (!signal.aborted) options.onRead(isThrottled ? 'throttled' : 'failed', clock.monotonic() - startedAt)
      throw error
    }
  }

  function countBytes(bytes: number, records: number): void {
    budget.received(bytes)
    if (records === 0) return
    const fitting = Math.floor((BYTES_PER_READ * records) / Math.max(1, bytes))
    recordsPerRead = Math.min(MAX_RECORDS_PER_READ, Math.max(1, fitting))
  }

  async function openIterator(signal: AbortSignal): Promise<string> {
    try {
      return await requestIterator(signal)
    } catch (error) {
      if (!(error instanceof InvalidArgumentException) || parsePosition(position) === undefined) throw error
      log.error(
        { shard: options.shardId, checkpoint: position, error: describeError(error) },
        'checkpoint has expired, reading from the oldest record: records may be lost',
      )
      options.onExpiredCheckpoint()
      position = 'TRIM_HORIZON'
      return requestIterator(signal)
    }
  }

  async function requestIterator(signal: AbortSignal): Promise<string> {
    const { Type, ...start } = startingPosition(position, clock.now())
    const request = new GetShardIteratorCommand({
      ...address,
      ShardId: options.shardId,
      ShardIteratorType: Type,
      ...('SequenceNumber' in start ? { StartingSequenceNumber: start.SequenceNumber } : start),
    })
    const reply = await call((abortSignal) => kinesis.send(request, { abortSignal }), signal)
    return reply.ShardIterator ?? ''
  }

  function call<Reply>(send: (signal: AbortSignal) => Promise<Reply>, signal: AbortSignal): Promise<Reply> {
    return withinDeadline(send, { ms: CALL_DEADLINE_MS, signal, clock })
  }

  return {
    async read(signal) {
      for (let attempt = 1; !signal.aborted; attempt++) {
        try {
          return await readOnce(signal)
        } catch (error) {
          if (signal.aborted) break
          if (error instanceof ProvisionedThroughputExceededException) budget.throttled()
          // It expires after 5 minutes: a slow handler, or a shard without records. The position is known.
          if (error instanceof ExpiredIteratorException) iterator = undefined
          if (attempt % LOG_EVERY_ATTEMPTS === 1) {
            log.warn({ shard: options.shardId, attempt, error: describeError(error) }, 'shard cannot be read')
          }
          await clock.sleep(backoffDelay(attempt, RETRY_BACKOFF, options.random), signal)
        }
      }
      return undefined
    },
    position: () => position,
  }
}
