import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { choosePort } from '../deploy/local/ports.ts'
import { encodeRawEvent, partitionKeyOf, toRawEvent } from '../lib/events/raw-event.ts'
import type { Bench } from './main.ts'
import { compileJavaBenches, runJavaBench } from './run-java-bench.ts'
import { readSourceRows, type SourceRows } from './source-rows.ts'

const ORIGIN = { feed: 'live-1', seq: 1, attempt: 1, eventTime: 0 }
const PARALLELISM = 2

/**
 * What an event costs inside Flink: the whole job but its edges, over rows in memory, with RocksDB and a checkpoint every
 * 5 s. Per core: the CPU of the whole JVM counts, its garbage collection and checkpoints too.
 */
export const flinkJobBench: Bench = async ({ quick }) => {
  const folder = mkdtempSync(`${tmpdir()}/roadpulse-bench-`)
  try {
    await compileJavaBenches()
    const source = await readSourceRows()
    const rows = `${folder}/rows.tsv`
    writeFileSync(rows, encode(source))
    const [warmUp, measured] = quick ? [50_000, 100_000] : [500_000, 1_500_000]
    const restPort = await choosePort(0)
    const {
      read = 0,
      stateBytes = 0,
      ...figures
    } = await runJavaBench('roadpulse.job.JobBench', [
      rows,
      ...[PARALLELISM, warmUp, measured].map(String),
      `${folder}/checkpoints`,
      `${restPort}`,
    ])
    const unique = read * uniqueShare(source)
    return { ...figures, stateMbPerMillionUnique: Math.round(stateBytes / unique) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The event's first fields differ with each record: the JVM writes them. */
function encode({ columns, rows }: SourceRows): string {
  return rows
    .map((row) => {
      const event = toRawEvent(row, columns, ORIGIN)
      const json = encodeRawEvent(event).toString()
      return `${partitionKeyOf(event)}\t${json.slice(json.indexOf('"features"'))}`
    })
    .join('')
}

function uniqueShare({ columns, rows }: SourceRows): number {
  const keys = new Set(rows.map((row) => partitionKeyOf(toRawEvent(row, columns, ORIGIN))))
  return keys.size / rows.length
}
