import { type ChildProcess, spawn } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import type { GeneratorOptions } from '../../deploy/local/generator/plant.ts'
import { plantedIn } from '../../deploy/local/generator/planted-in.ts'
import { createKinesisClient } from '../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { createDeadLetterStore, type DeadLetter } from '../../lib/dead-letters/dead-letter-store.ts'
import type { RawEvent } from '../../lib/events/raw-event.ts'
import type { CsvSource, FeedState } from '../../lib/feeds/feed.ts'
import { createFeedStore } from '../../lib/feeds/feed-store.ts'
import { liveAliasKey } from '../../lib/redis/keys.ts'
import type { FreezeOptions } from '../../lib/sources/freeze-source.ts'
import { STAND_IN_CREDENTIALS, startKinesalite, startMinistack, startRedis } from './servers.ts'
import { createStream } from './streams.ts'
import { waitFor } from './wait-for.ts'

const PRODUCER_MAIN = new URL('../../workers/producer/main.ts', import.meta.url).pathname
const RUN_DEADLINE_MS = 40_000

export type ProducerProcess = {
  child: ChildProcess
  /** Its exit code; null when it was killed. */
  ended: Promise<number | null>
  /** Its log, one parsed line each. */
  log: Record<string, unknown>[]
}

/** Real servers for producers, a bucket `source`, and what a test asks of them. */
export async function startProducerServers(t: Test, redisOptions: readonly string[] = []) {
  const redisServer = await startRedis(t, redisOptions)
  const { url } = redisServer
  const kinesisServer = await startKinesalite(t)
  const kinesisEndpoint = kinesisServer.endpoint
  const { endpoint } = await startMinistack(t)
  const address = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_KINESIS: kinesisEndpoint,
  }
  const kinesis = createKinesisClient(address)
  const s3 = createS3Client(address)
  const redis = new Redis(url)
  t.teardown(() => redis.disconnect())
  const store = createFeedStore({ redis })
  await s3.send(new CreateBucketCommand({ Bucket: 'source' }))

  async function putSource(key: string, body: Buffer | string): Promise<CsvSource> {
    const { ETag: etag = '' } = await s3.send(
      new PutObjectCommand({ Bucket: 'source', Key: key, Body: body }),
    )
    return { kind: 'csv', bucket: 'source', key, etag, bytes: Buffer.byteLength(body) }
  }

  /** A stream, a bucket for dead letters and an empty Redis for one test, and producers on them. */
  async function prepare(t: Test, stream: string) {
    await redis.flushall()
    // So that its live feeds are live-1, live-2 and so on.
    await redis.set(liveAliasKey(), 'live-0')
    await createStream(kinesis, stream, 4)
    const deadLetterBucket = `dead-${stream}`
    await s3.send(new CreateBucketCommand({ Bucket: deadLetterBucket }))
    const rawBucket = `raw-${stream}`
    await s3.send(new CreateBucketCommand({ Bucket: rawBucket }))
    const freeze: FreezeOptions = {
      s3,
      rawBucket,
      sourceBucket: 'source',
      signal: new AbortController().signal,
    }
    let started = 0
    const start = (options: Record<string, string>, args: string[] = []): ProducerProcess =>
      startProducerProcess(t, args, {
        ...address,
        REDIS_URL: url,
        RAW_STREAM: stream,
        PROCESSED_STREAM: stream,
        DEAD_LETTER_BUCKET: deadLetterBucket,
        SOURCE_BUCKET: 'source',
        WORKER_ID: `${stream}-${++started}`,
        LIVE_RATE: 'max',
        ...options,
      })
    return {
      start,
      freeze,
      /** What an api needs to look at the same. */
      apiOptions: {
        ...address,
        REDIS_URL: url,
        PROCESSED_STREAM: stream,
        RAW_BUCKET: rawBucket,
        SOURCE_BUCKET: 'source',
        DEAD_LETTER_BUCKET: deadLetterBucket,
      },
      putRaw: async (key: string, body: Buffer | string): Promise<void> => {
        await s3.send(new PutObjectCommand({ Bucket: rawBucket, Key: key, Body: body }))
      },
      putLetters: (letters: readonly DeadLetter[]) =>
        createDeadLetterStore({ s3, bucket: deadLetterBucket, clock: systemClock }).put(letters),
      readDeadLetters: () => readDeadLetters(deadLetterBucket),
      readEvents: async (feed: string) =>
        (await readRawEvents(kinesis, stream)).filter((event) => event.feed === feed),
      checkFeed: (t: Test, feed: string, file: GeneratorOptions) => checkFeed(t, stream, feed, file),
    }
  }

  async function readDeadLetters(bucket: string): Promise<DeadLetter[]> {
    const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }))
    const texts = objects.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
      return gunzipSync((await Body?.transformToByteArray()) ?? Buffer.alloc(0)).toString()
    })
    const lines = (await Promise.all(texts)).flatMap((text) => text.trimEnd().split('\n'))
    return lines.map((line) => JSON.parse(line) as DeadLetter)
  }

  /** What is on the stream, what the file says and what the producer counted must agree exactly. */
  async function checkFeed(
    t: Test,
    stream: string,
    feed: string,
    file: GeneratorOptions,
  ): Promise<RawEvent[]> {
    const counts = await store.counts(feed)
    const expected = emittableRows({ ...file, rows: counts.read })
    const events = (await readRawEvents(kinesis, stream)).filter((event) => event.feed === feed)
    const seqs = [...new Set(events.map(({ seq }) => seq))].sort((a, b) => a - b)
    t.same(seqs, expected, 'each row that can be emitted is on the stream, and no other')
    const refused = counts.read - expected.length
    t.match(counts, { refused, filtered: 0, emitted: expected.length, recovered: 0 })
    return events
  }

  return {
    redis,
    redisServer,
    kinesisServer,
    store,
    putSource,
    prepare,
    async waitForState(feed: string, state: FeedState): Promise<void> {
      let seen: unknown
      const look = async () => {
        const current = await store.get(feed)
        seen = current
        return current?.state === state
      }
      const options = { deadlineMs: RUN_DEADLINE_MS, intervalMs: 50, describe: () => seen }
      await waitFor(`${feed} is ${state}`, look, options)
    },
    async waitForRows(feed: string, rows: number, deadlineMs = RUN_DEADLINE_MS): Promise<void> {
      const look = async () => (await store.counts(feed)).read >= rows
      await waitFor(`${feed} is at row ${rows}`, look, { deadlineMs, intervalMs: 20 })
    },
  }
}

export async function generate(options: GeneratorOptions): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of generateCsv(options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The rows that must be on the stream: all but those that the file says are unreadable or oversize. */
export function emittableRows(file: GeneratorOptions): number[] {
  const planted = plantedIn(file)
  const refused = new Set([...planted.oversize, ...planted.unreadable.map(({ seq }) => seq)])
  return Array.from({ length: file.rows }, (_, i) => i + 1).filter((seq) => !refused.has(seq))
}

/** Starts a producer as a process of its own. It is killed at the end of the test. */
function startProducerProcess(t: Test, args: string[], environment: Record<string, string>): ProducerProcess {
  const child = spawn(process.execPath, [PRODUCER_MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...STAND_IN_CREDENTIALS, ...environment },
  })
  const log: Record<string, unknown>[] = []
  let rest = ''
  child.stdout.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) log.push(JSON.parse(line) as Record<string, unknown>)
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, ended, log }
}

/** Everything that is on a stream, shard after shard. */
async function readRawEvents(kinesis: KinesisClient, stream: string): Promise<RawEvent[]> {
  const { Shards: shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: stream }))
  const events: RawEvent[] = []
  for (const { ShardId } of shards) {
    const start = await kinesis.send(
      new GetShardIteratorCommand({ StreamName: stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    )
    for (let iterator = start.ShardIterator; iterator !== undefined; ) {
      const reply = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: 10_000 }))
      const records = reply.Records ?? []
      for (const { Data } of records) events.push(JSON.parse(Buffer.from(Data ?? []).toString()) as RawEvent)
      iterator = records.length === 0 ? undefined : reply.NextShardIterator
    }
  }
  return events
}
