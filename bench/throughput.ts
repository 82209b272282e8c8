import { createKinesisClient } from '../lib/aws/clients.ts'
import { fillStream } from './fill-stream.ts'
import type { Bench, Figures } from './main.ts'
import type { ReadingFigures } from './reader-process.ts'
import { runReader } from './run-reader.ts'
import { startStandIns } from './stand-ins.ts'

const STREAM = 'throughput'
const SHARDS = 4
const RECORD_BYTES = 900

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
  const common = { ...standIns.environment, STREAM, RECORDS: `${records}` }
  try {
    await fillStream(kinesis, { stream: STREAM, shards: SHARDS, records, recordBytes: RECORD_BYTES })
    const bare: ReadingFigures[] = []
    const library: ReadingFigures[] = []
    for (let round = 0; round < rounds; round++) {
      bare.push(await runReader('bare', common))
      library.push(await runReader('library', { ...common, APPLICATION: `round-${round}` }))
    }
    return compare(median(bare), median(library))
  } finally {
    kinesis.destroy()
    await standIns.stop()
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
    throughputRatio: round(library.recordsPerSecond / bare.recordsPerSecond),
    cpuSecondsPer100000: round(library.cpuSecondsPer100000),
    bareCpuSecondsPer100000: round(bare.cpuSecondsPer100000),
    cpuRatio: round(library.cpuSecondsPer100000 / bare.cpuSecondsPer100000),
    peakMiB: Math.round(library.peakMiB),
    barePeakMiB: Math.round(bare.peakMiB),
  }
}
