import type { Batch, PutRecord } from './put-segment.ts'

/** A record that waits for its turn, and what it is part of. */
export type WaitingRecord = { record: PutRecord; size: number; batch: Batch }

/**
 * Keeps the order of records with the same key: one of them is on its way at a time, so none can overtake another, neither
 * in a call that is refused in part nor in the next one. Most keys have nothing behind them.
 */
export class KeyOrder {
  readonly #behind = new Map<string, WaitingRecord[] | undefined>()

  /** Whether the record may go now. Else it is kept until those before it have been taken. */
  begin(waiting: WaitingRecord): boolean {
    const { partitionKey } = waiting.record
    if (!this.#behind.has(partitionKey)) {
      this.#behind.set(partitionKey, undefined)
      return true
    }
    const behind = this.#behind.get(partitionKey)
    if (behind === undefined) this.#behind.set(partitionKey, [waiting])
    else behind.push(waiting)
    return false
  }

  /** The one of this key is through: gives the next, which goes now. */
  end(partitionKey: string): WaitingRecord | undefined {
    const behind = this.#behind.get(partitionKey)
    const next = behind?.shift()
    if (next === undefined) this.#behind.delete(partitionKey)
    return next
  }
}
