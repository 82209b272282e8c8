import type { ReceivedAccident } from '../../lib/insights/insight-reader.ts'
import { type AccidentItem, describeAccident } from '../insights/accidents.ts'

/** As many as Redis keeps, and as the map shows. */
export const RING_SIZE = 2_000
/** At a thousand accidents a second nobody reads them all: older ones are dots for the map only. */
const FULL_ITEMS = 40

/** Place on the map, severity, and 1 when it was late. */
export type AccidentDot = readonly [x: number, y: number, severity: number, late: 0 | 1]

/** Accidents in the order in which they were received: the newest whole, what came before them on the map. */
export type AccidentBatch = { dots: AccidentDot[]; items: AccidentItem[] }

/** The last accidents of one feed. Of all but the newest it holds no more than the map shows. */
export class AccidentRing {
  readonly feed: string
  #streamIds: string[] = []
  #dots: (AccidentDot | undefined)[] = []
  #items: AccidentItem[] = []

  constructor(feed: string) {
    this.feed = feed
  }

  get size(): number {
    return this.#streamIds.length
  }

  get newestId(): string | undefined {
    return this.#streamIds.at(-1)
  }

  append(accidents: readonly ReceivedAccident[]): void {
    if (accidents.length === 0) return
    const added = accidents.map(describeAccident)
    this.#streamIds = [...this.#streamIds, ...accidents.map(({ streamId }) => streamId)].slice(-RING_SIZE)
    this.#dots = [...this.#dots, ...added.map(dotOf)].slice(-RING_SIZE)
    this.#items = [...this.#items, ...added].slice(-FULL_ITEMS)
  }

  /** How many came after `streamId`; undefined when the ring no longer holds what directly follows it. */
  countAfter(streamId: string): number | undefined {
    const oldest = this.#streamIds[0]
    if (oldest === undefined) return 0
    if (compareStreamIds(streamId, oldest) < 0) return undefined
    return this.size - 1 - this.#streamIds.findLastIndex((id) => compareStreamIds(id, streamId) <= 0)
  }

  newest(count: number): AccidentBatch {
    const items = this.#items.slice(Math.max(this.#items.length - count, 0))
    const dots = this.#dots.slice(this.size - count, this.size - items.length)
    return { dots: dots.filter((dot) => dot !== undefined), items }
  }
}

function dotOf({ map, severity, late }: AccidentItem): AccidentDot | undefined {
  return map === null ? undefined : [map.x, map.y, severity, late ? 1 : 0]
}

/** Ids of a Redis stream are `ms-n`, both numbers of any length. */
function compareStreamIds(a: string, b: string): number {
  const [aMs = 0, aN = 0] = a.split('-').map(Number)
  const [bMs = 0, bN = 0] = b.split('-').map(Number)
  return aMs - bMs || aN - bN
}
