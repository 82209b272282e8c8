import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Fleet } from '../api/fleet/fleet.ts'
import type { Pipeline } from '../api/pipeline/pipeline.ts'
import { buildFlinkJob } from '../deploy/local/build-flink-job.ts'
import { generateCsv } from '../deploy/local/generator/generate-csv.ts'
import { createStack, type Stack } from '../deploy/local/stack.ts'
import { DEFAULT_STACK, LOCAL_AWS, type StackOptions } from '../deploy/local/stack-options.ts'
import { Tools } from '../deploy/local/tools.ts'
import { createS3Client } from '../lib/aws/s3-client.ts'
import { uploadSource } from '../lib/sources/upload-source.ts'
import { type Buckets, parseBuckets, quantile, subtractBuckets } from './histogram.ts'
import type { Bench, Figures } from './main.ts'

const VENV_FOLDER = fileURLToPath(new URL('../.roadpulse/venv', import.meta.url))
/** Flink compiles and Redis fills up: what happens meanwhile is not measured. */
const WARM_UP_SECONDS = 20
const SAMPLE_SECONDS = 1
const P95_LIMIT_MS = 2_000
/** Rows that may be between the producer and the consumer at the end, in seconds of the rate: more is a backlog. */
const BACKLOG_LIMIT_SECONDS = 3

const SUSTAINED = { rowsPerSecond: 1_000, seconds: 300 }
const SEARCH = { rates: [2_000, 3_000, 4_000, 5_000, 6_000, 8_000], seconds: 120 }
const QUICK = { rowsPerSecond: 1_000, seconds: 20 }

type Sample = { emitted: number; backlog: number; rssMb: Record<string, number>; buckets: Buckets }

export type Measured = {
  rowsPerSecond: number
  p50LagMs: number
  p95LagMs: number
  p99LagMs: number
  backlogRowsAtEnd: number
  producerMb: number
  consumerMb: number
  apiMb: number
  holds: boolean
}

/**
 * From the put of a row to the moment its insight can be read, through the whole pipeline on this machine: first
 * 1,000 rows/s for 5 minutes, then the highest rate that holds for 2. A rate holds when p95 of the lag stays under 2 s,
 * the producer keeps the pace and no backlog grows.
 */
export const pipelineBench: Bench = async ({ quick }) => {
  if (quick) return toFigures(await measure(QUICK), undefined)
  const sustained = await measure(SUSTAINED)
  let highest = sustained.holds ? sustained : undefined
  for (const rowsPerSecond of SEARCH.rates) {
    const measured = await measure({ rowsPerSecond, seconds: SEARCH.seconds })
    if (!measured.holds) break
    highest = measured
  }
  return toFigures(sustained, highest)
}

async function measure(run: { rowsPerSecond: number; seconds: number }): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'roadpulse-bench-'))
  const rows = Math.round(run.rowsPerSecond * (run.seconds + 3 * WARM_UP_SECONDS))
  const stack = await startStack(folder, { rowsPerSecond: run.rowsPerSecond, rows })
  try {
    await delay(WARM_UP_SECONDS * 1_000)
    const first = await sample(stack)
    let last = first
    const peakMb: Record<string, number> = {}
    const endsAt = performance.now() + run.seconds * 1_000
    const startedAt = performance.now()
    while (performance.now() < endsAt) {
      await delay(SAMPLE_SECONDS * 1_000)
      last = await sample(stack)
      for (const [kind, mb] of Object.entries(last.rssMb)) peakMb[kind] = Math.max(peakMb[kind] ?? 0, mb)
    }
    const measured = evaluate(run.rowsPerSecond, first, last, (performance.now() - startedAt) / 1_000, peakMb)
    console.table([measured])
    return measured
  } finally {
    await stack.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The whole pipeline on this machine, with a live feed of so many rows. `environment` is that of single parts. */
export async function startStack(
  folder: string,
  run: { rowsPerSecond: number; rows: number },
  environment: StackOptions['environment'] = {},
): Promise<Stack> {
  Object.assign(process.env, LOCAL_AWS)
  const csv = `${folder}/source.csv`
  await pipeline(
    Readable.from(generateCsv({ seed: 3, rows: run.rows, rate: run.rowsPerSecond })),
    createWriteStream(csv),
  )
  await buildFlinkJob({ logFolder: folder, onProgress: console.log, tools: new Tools() })
  const stack = await createStack(
    {
      ...DEFAULT_STACK,
      ports: { api: 0, flink: 0, ministack: 0, kinesis: 0, redis: 0, probes: 0 },
      folder,
      venvFolder: VENV_FOLDER,
      host: process.env,
      live: { LIVE_RATE: `${run.rowsPerSecond}` },
      environment,
    },
    {
      onNotice: console.log,
      onState: () => undefined,
      onDeath: (part, how) => console.log(`${part.part.name} ended: ${how}`),
    },
  )
  const data = await stack.startData()
  const s3 = createS3Client(stack.addresses.aws)
  const source = await uploadSource({
    s3,
    bucket: data.SourceBucketName,
    file: csv,
    onProgress: () => undefined,
  })
  s3.destroy()
  await stack.startStreaming(source)
  return stack
}

async function sample(stack: Stack): Promise<Sample> {
  const [{ feeds }, { workers }, metrics] = await Promise.all([
    get<Pipeline>(`${stack.addresses.api}/pipeline`),
    get<Fleet>(`${stack.addresses.api}/fleet`),
    fetch(`${stack.part('consumer').part.address}/metrics`).then((response) => response.text()),
  ])
  const feed = feeds.find((one) => one.alias === 'live')
  if (feed === undefined) throw new Error('the live feed has not begun')
  const { accident, accidentLate, rejected } = feed.received
  return {
    emitted: feed.emitted,
    backlog: feed.emitted - (accident + accidentLate + rejected + feed.repeated),
    rssMb: Object.fromEntries(workers.map((worker) => [worker.kind, worker.rssMb])),
    buckets: parseBuckets(metrics, 'freshness_seconds'),
  }
}

function evaluate(
  wanted: number,
  first: Sample,
  last: Sample,
  seconds: number,
  peakMb: Record<string, number>,
): Measured {
  const buckets = subtractBuckets(last.buckets, first.buckets)
  const lagMs = (q: number) => Math.round(quantile(buckets, q) * 1_000)
  const rowsPerSecond = Math.round((last.emitted - first.emitted) / seconds)
  const measured = {
    rowsPerSecond,
    p50LagMs: lagMs(0.5),
    p95LagMs: lagMs(0.95),
    p99LagMs: lagMs(0.99),
    backlogRowsAtEnd: last.backlog,
    producerMb: peakMb.producer ?? 0,
    consumerMb: peakMb.consumer ?? 0,
    apiMb: peakMb.api ?? 0,
  }
  const holds =
    measured.p95LagMs < P95_LIMIT_MS &&
    rowsPerSecond > wanted * 0.97 &&
    last.backlog < wanted * BACKLOG_LIMIT_SECONDS
  return { ...measured, holds }
}

function toFigures(sustained: Measured, highest: Measured | undefined): Figures {
  const { holds, ...figures } = sustained
  return {
    ...figures,
    holds: holds ? 1 : 0,
    ...(highest === undefined
      ? {}
      : { highestRowsPerSecond: highest.rowsPerSecond, highestP95LagMs: highest.p95LagMs }),
  }
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as T
}
