import type { FeedReading } from './conservation.ts'

/** Enough for a minute window to close and arrive: the open minute, the watermark's distance, a while in flight. */
const KEEP_MS = 5 * 60_000
const RATE_OVER_MS = 10_000

export type Rates = { emittedPerSecond: number; receivedPerSecond: number }

/** The readings of each feed's counts over the last five minutes, in order. */
export class CountsHistory {
  readonly #readings = new Map<string, FeedReading[]>()

  add(feed: string, counts: FeedReading): void {
    const readings = this.#readings.get(feed) ?? []
    const last = readings.at(-1)
    // Counts that fell belong to another life: Redis was emptied, and what it held is being rebuilt.
    if (last !== undefined && total(counts) < total(last)) readings.length = 0
    readings.push(counts)
    while ((readings[0]?.at ?? Infinity) < counts.at - KEEP_MS) readings.shift()
    this.#readings.set(feed, readings)
  }

  /** The newest reading at or before `time`. */
  asOf(feed: string, time: number): FeedReading | undefined {
    return this.#readings.get(feed)?.findLast((reading) => reading.at <= time)
  }

  /** Rows a second over the last ten seconds; zero before two readings. */
  rates(feed: string): Rates {
    const last = this.#readings.get(feed)?.at(-1)
    const first = this.#readings.get(feed)?.find((reading) => reading.at >= (last?.at ?? 0) - RATE_OVER_MS)
    if (last === undefined || first === undefined || last.at === first.at) {
      return { emittedPerSecond: 0, receivedPerSecond: 0 }
    }
    const perSecond = (count: (counts: FeedReading) => number) =>
      Math.round(((count(last) - count(first)) * 10_000) / (last.at - first.at)) / 10
    return { emittedPerSecond: perSecond(emitted), receivedPerSecond: perSecond(received) }
  }

  /** Forgets every feed but these. */
  retain(feeds: ReadonlySet<string>): void {
    for (const feed of this.#readings.keys()) if (!feeds.has(feed)) this.#readings.delete(feed)
  }
}

const emitted = (counts: FeedReading) => counts.producer?.emitted ?? 0
const received = ({ received }: FeedReading) => received.accident + received.accidentLate + received.rejected
const total = (counts: FeedReading) => emitted(counts) + counts.flink.in + received(counts)
