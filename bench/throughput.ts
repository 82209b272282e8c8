import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  PutRecordsCommand,
} from '@aws-sdk/client-kinesis'
import { createKinesisClient } from '../lib/aws/clients.ts'
import type { Bench, Figures } from './main.ts'
import { startStandIns } from './stand-ins.ts'
import type { ReadingFigures } from './throughput-reader.ts'

const READER = fileURLToPath(new URL('throughput-reader.ts', import.meta.url))
const DOCKERFILE = new URL('../Dockerfile', import.meta.url)
const STREAM = 'throughput'
const SHARDS = 4
const RECORD_BYTES = 900
const RECORDS_PER_PUT = 500
const PUTS_AT_A_TIME = 4

/**
 * What the library costs: one worker with four shards, whose handler does nothing and whose checkpoints go to Redis every
 * second, against a bare loop of GetRecords. Both read the same records from the same server, without the pace that
 * Kinesis would impose, in processes of their own with the memory settings of the image, by turns. Each figure is the
 * median of the rounds.
 */
export const throughputBench: Bench = async ({ quick }) => {
  const records = quick ? 40_000 : 200_000
  const rounds = quick ? 1 : 5
  const standIns = await startStandIns()
  const kinesis = createKinesisClient({ ...standIns.environment })
  const common = {
    ...process.env,
    ...standIns.environment,
    ...memorySettings(),
    STREAM,
    RECORDS: `${records}`,
  }
  try {
    await fillStream(kinesis, records)
    const bare: ReadingFigures[] = []
    const library: ReadingFigures[] = []
    for (let round = 0; round < rounds; round++) {
      bare.push(await read('bare', common))
      library.push(await read('library', { ...common, APPLICATION: `round-${round}` }))
    }
    return compare(median(bare), median(library))
  } finally {
    kinesis.destroy()
    await standIns.stop()
  }
}

function memorySettings(): NodeJS.ProcessEnv {
  const line = /^ENV NODE_OPTIONS="(.+)" MALLOC_ARENA_MAX=(\d+)$/m.exec(readFileSync(DOCKERFILE, 'utf8'))
  if (line === null) throw new Error('the image has other memory settings than expected')
  return { NODE_OPTIONS: line[1], MALLOC_ARENA_MAX: line[2] }
}

async function fillStream(kinesis: KinesisClient, records: number): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: SHARDS }))
  for (let status; status !== 'ACTIVE'; ) {
    const reply = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: STREAM }))
    status = reply.StreamDescriptionSummary?.StreamStatus
  }
  const data = Buffer.alloc(RECORD_BYTES, 'x')
  let put = 0
  async function putSome(): Promise<void> {
    while (put < records) {
      const first = put
      put += RECORDS_PER_PUT
      const Records = Array.from({ length: RECORDS_PER_PUT }, (_, i) => ({
        Data: data,
        PartitionKey: `key-${first + i}`,
        // The beginning of a shard's range: a new stream divides the hash keys evenly.
        ExplicitHashKey: `${(BigInt(i % SHARDS) * 2n ** 128n) / BigInt(SHARDS)}`,
      }))
      await kinesis.send(new PutRecordsCommand({ StreamName: STREAM, Records }))
    }
  }
  await Promise.all(Array.from({ length: PUTS_AT_A_TIME }, putSome))
}

async function read(mode: 'bare' | 'library', env: NodeJS.ProcessEnv): Promise<ReadingFigures> {
  const { stdout } = await promisify(execFile)(process.execPath, [READER, mode], { env })
  return JSON.parse(stdout) as ReadingFigures
}

function median(rounds: readonly ReadingFigures[]): ReadingFigures {
  const of = (key: keyof ReadingFigures) =>
    rounds.map((figures) => figures[key]).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0
  return {
    recordsPerSecond: of('recordsPerSecond'),
    cpuSecondsPer100000: of('cpuSecondsPer100000'),
    peakMiB: of('peakMiB'),
  }
}

function compare(bare: ReadingFigures, library: ReadingFigures): Figures {
  const round = (value: number) => Math.round(value * 100) / 100
  return {
    recordsPerSecond: Math.round(library.recordsPerSecond),
    bareRecordsPerSecond: Math.round(bare.recordsPerSecond),
    throughputRatio: round(library.recordsPerSecond / bare.recordsPerSecond),
    cpuSecondsPer100000: round(library.cpuSecondsPer100000),
    bareCpuSecondsPer100000: round(bare.cpuSecondsPer100000),
    cpuRatio: round(library.cpuSecondsPer100000 / bare.cpuSecondsPer100000),
    peakMiB: Math.round(library.peakMiB),
    barePeakMiB: Math.round(bare.peakMiB),
  }
}
