import type { ReceivedAccident } from '../../lib/insights/insight-reader.ts'
import { type AccidentItem, describeAccident } from '../insights/accidents.ts'

/** As many as Redis keeps, and as the map shows. */
export const RING_SIZE = 2_000

/** An accident in the order in which it was received; `streamId` is its place in that order. */
export type RingEntry = { streamId: string; item: AccidentItem }

/** The last accidents of one feed, oldest first. */
export class AccidentRing {
  readonly feed: string
  #entries: RingEntry[] = []

  constructor(feed: string) {
    this.feed = feed
  }

  get newestId(): string | undefined {
    return this.#entries.at(-1)?.streamId
  }

  get entries(): readonly RingEntry[] {
    return this.#entries
  }

  append(accidents: readonly ReceivedAccident[]): void {
    if (accidents.length === 0) return
    const added = accidents.map((accident) => ({
      streamId: accident.streamId,
      item: describeAccident(accident),
    }))
    this.#entries = [...this.#entries, ...added].slice(-RING_SIZE)
  }

  /** What came after `streamId`; nothing when the ring no longer holds what directly follows it. */
  after(streamId: string): readonly RingEntry[] | undefined {
    const oldest = this.#entries[0]
    if (oldest === undefined) return []
    if (compareStreamIds(streamId, oldest.streamId) < 0) return undefined
    const next = this.#entries.findIndex((entry) => compareStreamIds(entry.streamId, streamId) > 0)
    return next === -1 ? [] : this.#entries.slice(next)
  }
}

/** Ids of a Redis stream are `ms-n`, both numbers of any length. */
function compareStreamIds(a: string, b: string): number {
  const [aMs = 0, aN = 0] = a.split('-').map(Number)
  const [bMs = 0, bN = 0] = b.split('-').map(Number)
  return aMs - bMs || aN - bN
}
