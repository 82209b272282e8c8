import type { Snapshot } from '../live/snapshot-reader.ts'

/** Some facts of the whole fleet as gauges. */
export type Facts = {
  /** Looks, and resolves to what shows it in one step, so that no scrape sees half of it. */
  measure(snapshot: Snapshot): Promise<() => void>
  /** Shows nothing: another api watches, or nothing is known. */
  clear(): void
}
