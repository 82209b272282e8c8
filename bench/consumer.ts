import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { fillStream } from './fill-stream.ts'
import type { Bench, Figures } from './main.ts'
import type { MetricsCost } from './metrics-cost-process.ts'
import type { ReadingFigures } from './reader-process.ts'
import { runReader } from './run-reader.ts'
import { startStandIns } from './stand-ins.ts'

const STREAM = 'consumed'
const SHARDS = 4
const RECORD_BYTES = 900

/**
 * What the library costs: one worker with four shards, whose handler does nothing and whose checkpoints go to Redis every
 * second, against a bare loop of GetRecords. Both read the same records from the same server, without the pace that
 * Kinesis would impose, in processes of their own with the memory settings of the image, by turns. Each figure is the
 * median of the rounds.
 *
 * And what the metrics of the consumer cost: its handlers with them and without, in `metrics-cost-process.ts`.
 */
export const consumerBench: Bench = async ({ quick }) => {
  const records = quick ? 40_000 : 200_000
  const rounds = quick ? 1 : 5
  const standIns = await startStandIns()
  const kinesis = createKinesisClient({ ...standIns.environment })
  const common = { ...standIns.environment, STREAM, RECORDS: `${records}` }
  try {
    await fillStream(kinesis, { stream: STREAM, shards: SHARDS, records, recordBytes: RECORD_BYTES })
    const bare: ReadingFigures[] = []
    const library: ReadingFigures[] = []
    for (let round = 0; round < rounds; round++) {
      bare.push(await runReader('bare', common))
      library.push(await runReader('library', { ...common, APPLICATION: `round-${round}` }))
    }
    return { ...compare(median(bare), median(library)), ...(await metricsCost(quick ? 200 : 1_000)) }
  } finally {
    kinesis.destroy()
    await standIns.stop()
  }
}

async function metricsCost(batches: number): Promise<Figures> {
  const program = fileURLToPath(new URL('metrics-cost-process.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, [program, `${batches}`])
  const { cpuSecondsPer100000, unmeasuredCpuSecondsPer100000 } = JSON.parse(stdout) as MetricsCost
  const round = (value: number) => Math.round(value * 1_000) / 1_000
  return {
    handlersCpuSecondsPer100000: round(cpuSecondsPer100000),
    handlersCpuSecondsPer100000WithoutMetrics: round(unmeasuredCpuSecondsPer100000),
    cpuRatioOfMetrics: round(cpuSecondsPer100000 / unmeasuredCpuSecondsPer100000),
  }
}

function median(rounds: readonly ReadingFigures[]): ReadingFigures {
  const of = (key: keyof ReadingFigures) =>
    rounds.map((figures) => figures[key]).toSorted((a, b) => a - b)[Math.floor(rounds.length / 2)] ?? 0
  return {
    recordsPerSecond: of('recordsPerSecond'),
    cpuSecondsPer100000: of('cpuSecondsPer100000'),
    startMiB: of('startMiB'),
    peakMiB: of('peakMiB'),
  }
}

function compare(bare: ReadingFigures, library: ReadingFigures): Figures {
  const round = (value: number) => Math.round(value * 100) / 100
  return {
    recordsPerSecond: Math.round(library.recordsPerSecond),
    bareRecordsPerSecond: Math.round(bare.recordsPerSecond),
    ratioToBareLoop: round(library.recordsPerSecond / bare.recordsPerSecond),
    cpuSecondsPer100000: round(library.cpuSecondsPer100000),
    bareCpuSecondsPer100000: round(bare.cpuSecondsPer100000),
    cpuRatioToBareLoop: round(library.cpuSecondsPer100000 / bare.cpuSecondsPer100000),
    peakMiB: Math.round(library.peakMiB),
    barePeakMiB: Math.round(bare.peakMiB),
  }
}
