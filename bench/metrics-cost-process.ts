/**
 * Handles events as the consumer does, with its metrics and with none by turns, and prints what each costs. Nothing is
 * read from Kinesis and nothing written to Redis, so that the share of the metrics is as large as it can be.
 */
import { pino } from 'pino'
import { systemClock } from '../lib/clock.ts'
import type { InsightStore } from '../lib/insights/insight-store.ts'
import type { KinesisRecord } from '../lib/kinesis/kinesis-record.ts'
import { createMetrics, type Metrics } from '../lib/process/metrics/metrics.ts'
import { accident } from '../test/support/envelopes.ts'
import { handleBatch } from '../workers/consumer/handle-batch.ts'

export type MetricsCost = { cpuSecondsPer100000: number; unmeasuredCpuSecondsPer100000: number }

const BATCH_RECORDS = 1_000

const nothing = async () => undefined
const insights: InsightStore = {
  applyAccidents: nothing,
  applyRejected: nothing,
  applyMinutes: nothing,
  applyHotspots: nothing,
  applyTopCities: nothing,
  applySurges: nothing,
  applyTallies: nothing,
}

const ignore = () => undefined
const NO_METRIC = { inc: ignore, set: ignore, observe: ignore, clear: ignore, labels: () => NO_METRIC }
const NO_METRICS = {
  counter: () => NO_METRIC,
  gauge: () => NO_METRIC,
  histogram: () => NO_METRIC,
  onScrape: ignore,
  render: async () => '',
} as unknown as Metrics

const batches = Number(process.argv[2])
const records = Array.from({ length: BATCH_RECORDS }, (_, seq): KinesisRecord => {
  const data = Buffer.from(JSON.stringify(accident(seq + 1, { description: 'x'.repeat(300) })))
  return { sequenceNumber: `${seq}`, partitionKey: `${seq}`, data, arrivedAt: 0 }
})
const samples: Record<'measured' | 'unmeasured', number[]> = { measured: [], unmeasured: [] }
const measured = createMetrics('bench', '0')
for (let round = 0; round < batches; round++) {
  samples.measured.push(await cpuOf(measured))
  samples.unmeasured.push(await cpuOf(NO_METRICS))
}
const cost: MetricsCost = {
  cpuSecondsPer100000: per100000(samples.measured),
  unmeasuredCpuSecondsPer100000: per100000(samples.unmeasured),
}
process.stdout.write(JSON.stringify(cost))

/** Microseconds of processor for one batch. */
async function cpuOf(metrics: Metrics): Promise<number> {
  const before = process.cpuUsage()
  await handleBatch(
    { shardId: 'shard', epoch: 1, records, signal: new AbortController().signal },
    {
      insights,
      deadLetters: { put: nothing },
      unknownTypes: { note: ignore },
      clock: systemClock,
      metrics,
      log: pino({ level: 'silent' }),
    },
  )
  const { user, system } = process.cpuUsage(before)
  return user + system
}

/** By the median, so that neither the compiler nor the garbage of the other side decides. */
function per100000(microseconds: readonly number[]): number {
  const sorted = microseconds.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0
  return (median / 1e6) * (100_000 / BATCH_RECORDS)
}
