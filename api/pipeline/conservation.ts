import type { FeedCounts } from '../../lib/feeds/feed.ts'
import { LAWS } from '../../lib/process/metrics/labels.ts'

/**
 * The conservation laws of one feed (DESIGN section 3): every row that the producer read is, at every place where it
 * is counted, still there under exactly one name.
 *
 * A difference is what a place has less what it should have: below zero something is missing, above zero there is too
 * much. Laws within one place hold exactly at any moment. Laws between two places cannot, while rows are on their way;
 * they are judged by what must have come by now, and by what can at most have come:
 *
 *   emitted (as of the tally's watermark)  <=  in - resent  ;  in - resent (a while ago)  <=  emitted
 *   counted by Flink (a while ago)         <=  received     ;  received (as of the watermark)  <=  counted by Flink
 *
 * Both sides only rise, so a row on its way breaks neither, and a row that is lost or made up breaks one for good.
 * Once a feed has been over for `SETTLE_WITHIN_MS`, nothing is on its way any more and every law is judged exactly.
 */

/** How long a row that one place has counted may take to the next place while both work. */
export const IN_FLIGHT_MS = 60_000
/** A feed settles at most about 100 s after its end; beyond this, what is not equal is a difference. */
export const SETTLE_WITHIN_MS = 180_000
/** Clocks of two machines, and two reads of one snapshot, are not the same instant. */
const CLOCK_SLACK_MS = 2_000
const MINUTE_MS = 60_000

export type FlinkCounts = {
  in: number
  resent: number
  rejected: number
  valid: number
  repeated: number
  unique: number
  onTime: number
  late: number
}
export type ReceivedCounts = { accident: number; accidentLate: number; rejected: number; windowed: number }

/** All counts of one feed, read together. */
export type FeedReading = {
  /** Epoch ms of the reading. */
  at: number
  /** Absent for the feed `unknown`: what somebody else put on stream 1. */
  producer: FeedCounts | undefined
  flink: FlinkCounts
  /** Epoch ms: every event up to here is in `flink`. Absent before the first tally. */
  watermark: number | undefined
  received: ReceivedCounts
}

export type FeedContext = {
  /** Epoch ms at which the feed ended, however it ended; absent while it can still emit. */
  endedAt: number | undefined
  /** Rows emitted by the tally's watermark. */
  emittedByWatermark: number
  /** The newest reading at or before this time, if there was one. */
  asOf(time: number): FeedReading | undefined
}

export type Law = (typeof LAWS)[number]

export type Judgement = {
  differences: Record<Law, number>
  /** The feed has ended and every law holds exactly: nothing was lost. */
  isSettled: boolean
}

export function judgeConservation(counts: FeedReading, context: FeedContext): Judgement {
  const exact = exactDifferences(counts)
  const isSettled = context.endedAt !== undefined && LAWS.every((law) => exact[law] === 0)
  const isOverdue = context.endedAt !== undefined && counts.at > context.endedAt + SETTLE_WITHIN_MS
  const differences =
    isSettled || isOverdue ? exact : { ...exact, ...differencesWithRowsInFlight(counts, context) }
  return { differences, isSettled }
}

function exactDifferences(counts: FeedReading): Record<Law, number> {
  const { producer, flink } = counts
  return {
    producer:
      producer === undefined
        ? 0
        : producer.emitted + producer.refused + producer.filtered - producer.read - producer.recovered,
    streamOne: producer === undefined ? 0 : SIDES.streamOne.has(counts) - SIDES.streamOne.owes(counts),
    validation: flink.resent + flink.rejected + flink.valid - flink.in,
    deduplication: flink.unique + flink.repeated - flink.valid,
    lateness: flink.onTime + flink.late - flink.unique,
    accident: SIDES.accident.has(counts) - SIDES.accident.owes(counts),
    accidentLate: SIDES.accidentLate.has(counts) - SIDES.accidentLate.owes(counts),
    rejected: SIDES.rejected.has(counts) - SIDES.rejected.owes(counts),
    windows: SIDES.windows.has(counts) - SIDES.windows.owes(counts),
  }
}

type LawBetweenPlaces = 'streamOne' | 'accident' | 'accidentLate' | 'rejected' | 'windows'
type Sides = { has(counts: FeedReading): number; owes(counts: FeedReading): number }

const SIDES: Record<LawBetweenPlaces, Sides> = {
  streamOne: {
    has: ({ flink }) => flink.in - flink.resent,
    owes: ({ producer }) => producer?.emitted ?? 0,
  },
  accident: { has: ({ received }) => received.accident, owes: ({ flink }) => flink.onTime },
  accidentLate: { has: ({ received }) => received.accidentLate, owes: ({ flink }) => flink.late },
  rejected: { has: ({ received }) => received.rejected, owes: ({ flink }) => flink.rejected },
  windows: { has: ({ received }) => received.windowed, owes: ({ flink }) => flink.onTime },
}

function differencesWithRowsInFlight(
  counts: FeedReading,
  context: FeedContext,
): Record<LawBetweenPlaces, number> {
  const aWhileAgo = context.asOf(counts.at - IN_FLIGHT_MS)
  const byWatermark =
    counts.watermark === undefined ? undefined : context.asOf(counts.watermark - CLOCK_SLACK_MS)
  const received = (law: 'accident' | 'accidentLate' | 'rejected') =>
    difference(SIDES[law], counts, { due: aWhileAgo, covered: byWatermark })
  return {
    streamOne: counts.producer === undefined ? 0 : streamOneDifference(counts, context, aWhileAgo),
    accident: received('accident'),
    accidentLate: received('accidentLate'),
    rejected: received('rejected'),
    windows: difference(SIDES.windows, counts, {
      due: inClosedWindows(aWhileAgo, context),
      covered: byWatermark,
    }),
  }
}

function streamOneDifference(
  counts: FeedReading,
  context: FeedContext,
  aWhileAgo: FeedReading | undefined,
): number {
  const missing = SIDES.streamOne.has(counts) - context.emittedByWatermark
  if (missing < 0) return missing
  // The producer records a batch after Kinesis has it, and a killed one when its successor puts it again.
  return difference(SIDES.streamOne, counts, { due: undefined, covered: aWhileAgo })
}

/** Accidents that had been counted before the last minute that the watermark of a while ago had closed was over. */
function inClosedWindows(aWhileAgo: FeedReading | undefined, context: FeedContext): FeedReading | undefined {
  if (aWhileAgo?.watermark === undefined) return undefined
  return context.asOf(Math.floor(aWhileAgo.watermark / MINUTE_MS) * MINUTE_MS - CLOCK_SLACK_MS)
}

/**
 * `due` is a reading of which everything owed must be here by now; `covered` one of which everything had must by now be
 * accounted for on the other side. A reading from before this process began is absent and proves nothing.
 */
function difference(
  sides: Sides,
  now: FeedReading,
  then: { due: FeedReading | undefined; covered: FeedReading | undefined },
): number {
  const missing = then.due === undefined ? 0 : sides.has(now) - sides.owes(then.due)
  if (missing < 0) return missing
  const excess = then.covered === undefined ? 0 : sides.has(then.covered) - sides.owes(now)
  return Math.max(excess, 0)
}
