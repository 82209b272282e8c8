import { type Static, Type } from 'typebox'
import type { InsightReader, SeverityMinute } from '../../lib/insights/insight-reader.ts'
import { IsoTime, nullable, toIsoTime, toIsoTimeOrNull } from '../field-types.ts'

const MINUTE_MS = 60_000

const BySeverity = Type.Object({
  1: Type.Integer(),
  2: Type.Integer(),
  3: Type.Integer(),
  4: Type.Integer(),
})
type BySeverity = Static<typeof BySeverity>

export const SeverityInsight = Type.Object({
  feed: Type.String(),
  asOf: IsoTime,
  watermark: nullable(IsoTime, 'up to here Flink has counted every event; null before its first tally'),
  from: IsoTime,
  to: IsoTime,
  minutes: Type.Array(
    Type.Object({
      start: IsoTime,
      provisional: Type.Boolean({
        description: 'counted as accidents came; Flink has not closed this minute yet',
      }),
      bySeverity: BySeverity,
    }),
    { description: 'oldest first; minutes without accidents are left out' },
  ),
  states: Type.Array(Type.Object({ state: Type.String(), total: Type.Integer() }), {
    description: 'accidents on time since the feed began, most first',
  }),
  total: Type.Integer(),
})
export type SeverityInsight = Static<typeof SeverityInsight>

/** Accidents a minute by severity, of the last `minutes` minutes with the open one, and all by state. */
export async function readSeverity(
  reader: InsightReader,
  feed: string,
  options: { minutes: number; now: number },
): Promise<SeverityInsight> {
  const to = (Math.floor(options.now / MINUTE_MS) + 1) * MINUTE_MS
  const from = to - options.minutes * MINUTE_MS
  const [tally, minutes, totals] = await Promise.all([
    reader.readTally(feed),
    reader.readSeverityMinutes(feed, from, to),
    reader.readStateTotals(feed),
  ])
  const states = [...totals].map(([state, total]) => ({ state, total }))
  return {
    feed,
    asOf: toIsoTime(options.now),
    watermark: toIsoTimeOrNull(tally?.watermark),
    from: toIsoTime(from),
    to: toIsoTime(to),
    minutes: minutes.map((minute) => describeMinute(minute, tally?.watermark)),
    states: states.sort((a, b) => b.total - a.total || a.state.localeCompare(b.state)),
    total: states.reduce((sum, { total }) => sum + total, 0),
  }
}

function describeMinute(minute: SeverityMinute, watermark: number | undefined) {
  const isClosed = watermark !== undefined && minute.minute + MINUTE_MS <= watermark
  return {
    start: toIsoTime(minute.minute),
    provisional: minute.isProvisional || !isClosed,
    bySeverity: toCounts(minute.bySeverity),
  }
}

function toCounts(bySeverity: ReadonlyMap<number, number>): BySeverity {
  const of = (severity: number) => bySeverity.get(severity) ?? 0
  return { 1: of(1), 2: of(2), 3: of(3), 4: of(4) }
}
