import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type _Record,
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { buildFlinkJob } from '../deploy/local/build-flink-job.ts'
import { flinkPart } from '../deploy/local/parts/flink.ts'
import { choosePort } from '../deploy/local/ports.ts'
import { LOCAL_AWS } from '../deploy/local/stack-options.ts'
import { SupervisedPart } from '../deploy/local/supervised-part.ts'
import { Tools } from '../deploy/local/tools.ts'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { encodeRawEvent, partitionKeyOf, toRawEvent } from '../lib/events/raw-event.ts'
import type { Bench, Figures } from './main.ts'
import { readSourceRows, type SourceRows } from './source-rows.ts'
import { startStandIns } from './stand-ins.ts'

const RAW = 'latency-raw'
const PROCESSED = 'latency-processed'
const SHARDS = 2
const EVENTS_PER_SECOND = 500
const PUT_INTERVAL_MS = 20
/** The JVM compiles the job's hot paths: what happens meanwhile is not measured. */
const WARM_UP_SECONDS = 30
const SETTLE_SECONDS = 3

/**
 * From the moment Kinesis takes a record of stream 1 to the moment it takes its accident on stream 2, by the arrival
 * times that the stand-in gives both: through source, decode, deduplicate and sink of the real job, at 500 events/s.
 * Before that, how long the JVM takes from its start to the first event out.
 */
export const latencyBench: Bench = async ({ quick }) => {
  const seconds = quick ? 10 : 60
  const folder = mkdtempSync(`${tmpdir()}/roadpulse-bench-`)
  const tools = new Tools()
  await buildFlinkJob({ logFolder: folder, onProgress: console.log, tools })
  const source = await readSourceRows()
  const standIns = await startStandIns()
  const kinesis = createKinesisClient({ ...standIns.environment })
  const job = await jobPart(folder, standIns.environment.AWS_ENDPOINT_URL)
  try {
    for (const stream of [RAW, PROCESSED]) await createStream(kinesis, stream)
    const feeder = new Feeder(kinesis, source)
    await feeder.put(EVENTS_PER_SECOND)
    const startedAt = Date.now()
    await job.start()
    const firstAt = await firstArrival(kinesis)
    await feeder.putFor(WARM_UP_SECONDS)
    const measuredFrom = Date.now()
    await feeder.putFor(seconds)
    await delay(SETTLE_SECONDS * 1_000)
    const latencies = (await readAll(kinesis))
      .flatMap(accidentLatency)
      .filter(({ arrivedAt }) => arrivedAt >= measuredFrom)
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b)
    return { startToFirstEventMs: firstAt - startedAt, ...quantiles(latencies), events: latencies.length }
  } finally {
    await job.stop()
    kinesis.destroy()
    await standIns.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function jobPart(folder: string, kinesisEndpoint: string): Promise<SupervisedPart> {
  const part = flinkPart({
    restPort: await choosePort(0),
    metricsPort: await choosePort(0),
    folder: `${folder}/flink`,
    rawStream: RAW,
    processedStream: PROCESSED,
    region: LOCAL_AWS.AWS_REGION,
    kinesisEndpoint,
    latenessSeconds: 30,
    tipSlackSeconds: 10,
    checkpointIntervalMs: 5_000,
  })
  const events = {
    onState: () => undefined,
    onDeath: (_: SupervisedPart, how: string) => console.error(`the job ended: ${how}`),
    onSpawn: () => undefined,
    onExit: () => undefined,
  }
  return new SupervisedPart(part, { logFolder: folder, environment: process.env, events })
}

/** Puts rows of the source at a steady pace; each cycle through them has keys of its own, so that none repeats. */
class Feeder {
  readonly #kinesis: KinesisClient
  readonly #source: SourceRows
  #seq = 0

  constructor(kinesis: KinesisClient, source: SourceRows) {
    this.#kinesis = kinesis
    this.#source = source
  }

  async put(count: number): Promise<void> {
    const Records = Array.from({ length: count }, () => this.#next())
    await this.#kinesis.send(new PutRecordsCommand({ StreamName: RAW, Records }))
  }

  async putFor(seconds: number): Promise<void> {
    const startedAt = performance.now()
    const total = seconds * EVENTS_PER_SECOND
    for (let put = 0; put < total; ) {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * EVENTS_PER_SECOND))
      if (due > put) await this.put(due - put)
      put = Math.max(put, due)
      await delay(PUT_INTERVAL_MS)
    }
  }

  #next() {
    const { columns, rows } = this.#source
    const row = rows[this.#seq % rows.length] ?? []
    const cycle = Math.floor(this.#seq / rows.length)
    this.#seq++
    const origin = { feed: 'live-1', seq: this.#seq, attempt: 1, eventTime: Date.now() }
    const event = toRawEvent(row, columns, origin)
    return { PartitionKey: `${partitionKeyOf(event)}|${cycle}`, Data: encodeRawEvent(event) }
  }
}

async function createStream(kinesis: KinesisClient, stream: string): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: stream, ShardCount: SHARDS }))
  for (let status; status !== 'ACTIVE'; await delay(PUT_INTERVAL_MS)) {
    const reply = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
    status = reply.StreamDescriptionSummary?.StreamStatus
  }
}

async function firstArrival(kinesis: KinesisClient): Promise<number> {
  while (true) {
    const arrivals = (await readAll(kinesis)).map((record) => Number(record.ApproximateArrivalTimestamp))
    if (arrivals.length > 0) return Math.min(...arrivals)
    await delay(PUT_INTERVAL_MS)
  }
}

async function readAll(kinesis: KinesisClient): Promise<_Record[]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: PROCESSED }))
  const shards = await Promise.all(Shards.map(({ ShardId = '' }) => readShard(kinesis, ShardId)))
  return shards.flat()
}

async function readShard(kinesis: KinesisClient, ShardId: string): Promise<_Record[]> {
  const at = { StreamName: PROCESSED, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const
  let { ShardIterator } = await kinesis.send(new GetShardIteratorCommand(at))
  const records: _Record[] = []
  while (true) {
    const page = await kinesis.send(new GetRecordsCommand({ ShardIterator }))
    if (page.Records === undefined || page.Records.length === 0) return records
    records.push(...page.Records)
    ShardIterator = page.NextShardIterator
  }
}

/** Of an accident; nothing of another event. */
function accidentLatency(record: _Record): { arrivedAt: number; ms: number }[] {
  const event = JSON.parse(Buffer.from(record.Data ?? []).toString()) as {
    type: string
    payload: { arrived_at: number }
  }
  if (event.type !== 'accident') return []
  const arrivedAt = event.payload.arrived_at
  return [{ arrivedAt, ms: Number(record.ApproximateArrivalTimestamp) - arrivedAt }]
}

function quantiles(sorted: readonly number[]): Figures {
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? null
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
}
