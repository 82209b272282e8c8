import type { KinesisRecord } from './kinesis-record.ts'

/** What a record occupies besides its data: the object, its numbers and its keys. Measured on V8, rounded up. */
const RECORD_OVERHEAD_BYTES = 400
/** Of the limit, that one shard may hold: a shard that hangs leaves the others room to read ahead. */
const MAX_SHARD_SHARE = 1 / 4

/** The part of a budget that one shard holds. One `reserve` at a time. */
export type ByteShare = {
  /**
   * Resolves when another read of about `bytes` may be held, or when `signal` aborts. A shard that holds nothing never
   * waits: however many others are stuck with what they have read, it goes on, read by read.
   */
  reserve(bytes: number, signal: AbortSignal): Promise<void>
  /** The read that room was reserved for has come. */
  hold(bytes: number): void
  release(bytes: number): void
  /** Everything, also what is reserved. */
  close(): void
}

type Holding = { held: number; reserved: number }
type Waiter = { holding: Holding; bytes: number; admit: () => void }

/**
 * Bounds what all shards of a worker have read and not yet acknowledged: by `limitBytes`, plus a read of each shard.
 * Shards that want more than there is room for get it in the order in which they asked.
 */
export class ByteBudget {
  readonly limitBytes: number
  /** In the order of asking. */
  readonly #waiting = new Set<Waiter>()
  #used = 0

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes
  }

  get usedBytes(): number {
    return this.#used
  }

  open(): ByteShare {
    const holding: Holding = { held: 0, reserved: 0 }
    return {
      reserve: (bytes, signal) => this.#reserve(holding, bytes, signal),
      hold: (bytes) => {
        holding.held += bytes
        this.#used += bytes - holding.reserved
        holding.reserved = 0
        this.#admit()
      },
      release: (bytes) => {
        holding.held -= bytes
        this.#used -= bytes
        this.#admit()
      },
      close: () => {
        this.#used -= holding.held + holding.reserved
        holding.held = 0
        holding.reserved = 0
        this.#admit()
      },
    }
  }

  #reserve(holding: Holding, bytes: number, signal: AbortSignal): Promise<void> {
    // Nothing is reserved then: at the tip a read may wait for long, and bring nothing.
    if (holding.held === 0 || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const leave = () => {
        this.#waiting.delete(waiter)
        resolve()
        // Whoever waited behind it may fit where it did not.
        this.#admit()
      }
      const admit = () => {
        signal.removeEventListener('abort', leave)
        this.#waiting.delete(waiter)
        holding.reserved = bytes
        this.#used += bytes
        resolve()
      }
      const waiter = { holding, bytes, admit }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(waiter)
      this.#admit()
    })
  }

  /** None overtakes one that waits for room in the whole: small reads would keep a large one out for ever. */
  #admit(): void {
    let isFull = false
    for (const { holding, bytes, admit } of this.#waiting) {
      if (holding.held === 0) admit()
      else if (holding.held + bytes <= this.limitBytes * MAX_SHARD_SHARE) {
        isFull ||= this.#used + bytes > this.limitBytes
        if (!isFull) admit()
      }
    }
  }
}

/** What records occupy in memory, about. */
export function bytesOf(records: readonly KinesisRecord[]): number {
  let bytes = records.length * RECORD_OVERHEAD_BYTES
  for (const { data } of records) bytes += data.byteLength
  return bytes
}
