import { setTimeout as delay } from 'node:timers/promises'
import { type KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis'
import { parse } from 'csv-parse'
import { Redis } from 'ioredis'
import { isTransient } from '../lib/aws/is-transient.ts'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { systemClock } from '../lib/clock.ts'
import type { FeedPlan, Pace } from '../lib/feeds/feed.ts'
import { createFeedStore } from '../lib/feeds/feed-store.ts'
import { createRateBucket } from '../lib/feeds/rate-bucket.ts'
import { createPutPort } from '../lib/kinesis/put-port.ts'
import type { PutRecord } from '../lib/kinesis/put-segment.ts'
import { createShardMap } from '../lib/kinesis/shard-map.ts'
import { openCsv } from '../lib/sources/csv-source.ts'
import { createMemoryS3 } from '../test/support/memory-s3.ts'
import { encodeRow } from '../workers/producer/encode-row.ts'
import { runRange } from '../workers/producer/run-range.ts'
import { createStream } from './create-stream.ts'
import type { Bench, Figures } from './main.ts'
import { readSourceCsv } from './source-rows.ts'
import { type StandIns, startStandIns } from './stand-ins.ts'

const STREAM = 'produced'
const SHARDS = 4
const PIECE_BYTES = 1_048_576
const NAIVE_ROWS = 2_000
const RATES = [10, 1_000, 5_000]
/** Until a feed has begun and the first rows are acknowledged. */
const SETTLE_MS = 2_000
const LF = 10

/**
 * What the producer costs and keeps: rows from the bytes of S3 to encoded records, against a loop that only parses the
 * same bytes with csv-parse, by turns on one core; rows into the local Kinesis at the pace `max`, against one PutRecord a
 * row; and how exactly it keeps a rate.
 */
export const producerBench: Bench = async ({ quick }) => {
  const seconds = quick ? 5 : 60
  const csv = await readSourceCsv()
  const encoding = await measureEncoding(repeat(csv, quick ? 1 : 8), quick ? 1 : 5)
  const standIns = await startStandIns()
  try {
    const source = repeat(csv, quick ? 3 : 18)
    return { ...encoding, ...(await measurePuts(standIns, source, seconds)) }
  } finally {
    await standIns.stop()
  }
}

/** The file with its rows so many times over. */
function repeat(csv: Buffer, times: number): Buffer {
  const rows = csv.subarray(csv.indexOf(LF) + 1)
  return Buffer.concat([csv, ...Array.from({ length: times - 1 }, () => rows)])
}

type Run = { rows: number; seconds: number; cpuSeconds: number }

async function timed(work: () => Promise<number>): Promise<Run> {
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const rows = await work()
  const { user, system } = process.cpuUsage(cpuBefore)
  return { rows, seconds: (performance.now() - startedAt) / 1_000, cpuSeconds: (user + system) / 1e6 }
}

async function measureEncoding(csv: Buffer, rounds: number): Promise<Figures> {
  const ours: Run[] = []
  const bare: Run[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(await timed(() => parseAll(csv)))
    ours.push(await timed(() => encodeAll(csv)))
  }
  const rate = (runs: readonly Run[]) => median(runs.map(({ rows, seconds }) => rows / seconds))
  const cpu = (runs: readonly Run[]) => median(runs.map(({ rows, cpuSeconds }) => (cpuSeconds / rows) * 1e5))
  return {
    encodedRowsPerSecond: Math.round(rate(ours)),
    bareRowsPerSecond: Math.round(rate(bare)),
    ratioToBareLoop: round2(rate(ours) / rate(bare)),
    cpuSecondsPer100k: round2(cpu(ours)),
    bareCpuSecondsPer100k: round2(cpu(bare)),
    cpuRatioToBareLoop: round2(cpu(ours) / cpu(bare)),
  }
}

/** The least that a producer could do: each row's fields, and nothing made of them. */
async function parseAll(csv: Buffer): Promise<number> {
  const parser = parse({ from_line: 2 })
  const counted = (async () => {
    let rows = 0
    for await (const _fields of parser) rows++
    return rows
  })()
  for (let at = 0; at < csv.length; at += PIECE_BYTES) {
    if (!parser.write(csv.subarray(at, at + PIECE_BYTES))) {
      await new Promise((resolve) => parser.once('drain', resolve))
    }
  }
  parser.end()
  return counted
}

const SOURCE = { kind: 'csv', bucket: 'bench', key: 'rows.csv', etag: '"1"', bytes: 1_000 } as const

async function encodeAll(csv: Buffer): Promise<number> {
  const { columns, blocks } = await openCsv({
    s3: createMemoryS3(csv).s3,
    source: SOURCE,
    position: { offset: 0, line: 0, seq: 0 },
    signal: new AbortController().signal,
  })
  const encoding = {
    feed: {
      ...planAt({ kind: 'max' }),
      name: 'live-1',
      kind: 'live',
      state: 'running',
      createdAt: 0,
    } as const,
    columns,
    fits: () => true,
  }
  let seq = 0
  for await (const rows of blocks) {
    const now = Date.now()
    for (const row of rows) encodeRow(row, encoding, { seq: ++seq, now })
  }
  return seq
}

const planAt = (pace: Pace): FeedPlan => ({ source: SOURCE, pace, repeat: false })

async function measurePuts(standIns: StandIns, csv: Buffer, seconds: number): Promise<Figures> {
  const kinesis = createKinesisClient({ ...standIns.environment }, { maxAttempts: 1 })
  const redis = new Redis(standIns.environment.REDIS_URL)
  try {
    await createStream(kinesis, STREAM, SHARDS)
    const naive = await putOneByOne(kinesis, csv)
    const errors: Figures = {}
    for (const rowsPerSecond of RATES) {
      const rows = await emittedIn(seconds, { kinesis, redis, csv, pace: { kind: 'rate', rowsPerSecond } })
      errors[`paceErrorPercentAt${rowsPerSecond}`] = round2(
        Math.abs(rows / (rowsPerSecond * seconds) - 1) * 100,
      )
    }
    const rowsPerSecond =
      (await emittedIn(seconds / 3, { kinesis, redis, csv, pace: { kind: 'max' } })) / (seconds / 3)
    return {
      rowsPerSecond: Math.round(rowsPerSecond),
      naiveRowsPerSecond: Math.round(naive),
      ratioToNaive: round2(rowsPerSecond / naive),
      ...errors,
    }
  } finally {
    kinesis.destroy()
    redis.disconnect()
  }
}

/** One PutRecord a row, each awaited: rows per second. */
async function putOneByOne(kinesis: KinesisClient, csv: Buffer): Promise<number> {
  const rows = csv
    .subarray(csv.indexOf(LF) + 1)
    .toString('utf8', 0, NAIVE_ROWS * 1_000)
    .split('\n')
    .slice(0, NAIVE_ROWS)
  const { seconds } = await timed(async () => {
    for (const row of rows) {
      const record = { PartitionKey: row.slice(0, 20), Data: Buffer.from(row) }
      await kinesis.send(new PutRecordCommand({ StreamName: STREAM, ...record }))
    }
    return rows.length
  })
  return rows.length / seconds
}

/** How many rows a feed brings into Kinesis in so many seconds of its run, or in its whole run if that is shorter. */
async function emittedIn(
  seconds: number,
  { kinesis, redis, csv, pace }: { kinesis: KinesisClient; redis: Redis; csv: Buffer; pace: Pace },
): Promise<number> {
  await redis.flushall()
  const store = createFeedStore({ redis })
  const { name } = await store.ensureLive(planAt(pace))
  const stop = new AbortController()
  const clock = systemClock
  const shardMap = createShardMap({ kinesis, stream: STREAM, signal: stop.signal, clock })
  const put = createPutPort(kinesis, STREAM, shardMap)
  let taken = 0
  const nothing = () => undefined
  const running = runRange(
    {
      s3: createMemoryS3(csv).s3,
      store,
      async put(records: readonly PutRecord[]) {
        const results = await put(records)
        taken += results.filter((result) => result === undefined).length
        return results
      },
      putProcessed: put,
      onRecovered: async () => undefined,
      shardOf: shardMap.shardOf,
      isTransient,
      sourceBucket: 'source',
      rangeBytes: Number.MAX_SAFE_INTEGER,
      newReplayBudget: () => ({ spend: nothing, pass: async () => undefined }),
      rateBucketOf: (feed) => createRateBucket({ redis, feed }),
      maxInFlightBytes: 8 * 1_048_576,
      deadLetters: { put: async () => undefined },
      unreadableShareLimit: 1,
      clock,
      onOpen: nothing,
      onPace: nothing,
      onDivided: async () => undefined,
      onCommit: nothing,
      onRun: () => nothing,
      onCall: nothing,
      onStored: nothing,
      onTrouble: (error) => console.error(error),
    },
    { feed: name, range: 0 },
    stop.signal,
  )
  await delay(SETTLE_MS)
  const before = { taken, at: performance.now() }
  await Promise.race([delay(seconds * 1_000), running])
  const rows = ((taken - before.taken) * seconds * 1_000) / (performance.now() - before.at)
  stop.abort()
  await running
  return rows
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

const round2 = (value: number) => Math.round(value * 100) / 100
