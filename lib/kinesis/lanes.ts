import type { Clock } from '../clock.ts'
import type { Log } from '../process/log.ts'
import { type BatchProcessor, createBatchProcessor } from './batch-processor.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import { comparePositions } from './position.ts'

export type LanesOptions = {
  /** How many batches of the shard may be in the handler at a time. */
  lanes: number
  maxBatchRecords: number
  handle(records: readonly KinesisRecord[]): Promise<void>
  putAside(record: KinesisRecord, error: unknown): Promise<void>
  /** These records of one lane are handled or put aside; `handlingMs` is what it took. */
  onDone(records: readonly KinesisRecord[], handlingMs: number): void
  /** A lane broke down, which is a fault of the library. */
  onFailed(error: unknown): void
  clock: Clock
  random: () => number
  log: Log
}

/**
 * The records of one shard, handled side by side: those of one partition key in one lane, so in their order. A lane takes
 * all that is waiting for it as its next batch, up to the limit: the slower the handler, the larger its batches.
 */
export class Lanes {
  readonly #lanes: Lane[]
  readonly #stopping = new AbortController()
  readonly #clock: Clock

  constructor(options: LanesOptions) {
    this.#clock = options.clock
    this.#lanes = Array.from({ length: options.lanes }, () => new Lane(options, this.#stopping.signal))
  }

  /** The next records of the shard, in order. */
  push(records: readonly KinesisRecord[]): void {
    const [only, ...others] = this.#lanes
    if (others.length === 0) for (const record of records) only?.queue.push(record)
    else for (const record of records) this.#laneOf(record.partitionKey)?.queue.push(record)
    for (const lane of this.#lanes) lane.start()
  }

  /**
   * Nothing new is begun, except what stands before something that was: otherwise the next owner, who begins where the
   * first gap is, would handle again what is done behind it.
   */
  drain(): void {
    this.#stopping.abort()
    const begun = this.#lanes.flatMap((lane) => lane.lastBegun ?? [])
    const [furthest] = begun.toSorted((a, b) => comparePositions(b, a))
    for (const lane of this.#lanes) {
      const end = lane.queue.findIndex(
        (record) => furthest === undefined || comparePositions(record, furthest) > 0,
      )
      if (end >= 0) lane.queue.length = end
    }
  }

  /** Resolves when no lane has anything to do. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.flatMap((lane) => lane.working ?? []))
  }

  get isBusy(): boolean {
    return this.#lanes.some((lane) => lane.working !== undefined)
  }

  /** What a lane waits for. */
  get reason(): string | undefined {
    return this.#lanes.find((lane) => lane.reason !== undefined)?.reason
  }

  /** For how long the call that has been out for the longest has not returned. */
  stalledMs(): number {
    const calledAt = this.#lanes.flatMap((lane) => lane.calledAt ?? [])
    return calledAt.length === 0 ? 0 : this.#clock.monotonic() - Math.min(...calledAt)
  }

  #laneOf(partitionKey: string): Lane | undefined {
    return this.#lanes[hash(partitionKey) % this.#lanes.length]
  }
}

class Lane {
  readonly queue: KinesisRecord[] = []
  /** The last record that was given to the handler. */
  lastBegun: KinesisRecord | undefined
  working: Promise<void> | undefined
  reason: string | undefined
  /** Since when it waits for the application to return; by the monotonic clock. */
  calledAt: number | undefined
  readonly #options: LanesOptions
  readonly #signal: AbortSignal
  readonly #process: BatchProcessor
  #handlingMs = 0

  constructor(options: LanesOptions, signal: AbortSignal) {
    this.#options = options
    this.#signal = signal
    this.#process = createBatchProcessor({
      ...options,
      handle: (records) => this.#call(() => options.handle(records)),
      putAside: (record, error) => this.#call(() => options.putAside(record, error)),
      onDone: (records) => {
        options.onDone(records, this.#handlingMs)
        this.#handlingMs = 0
      },
      onWaiting: (reason) => {
        this.reason = reason
      },
    })
  }

  start(): void {
    if (this.working !== undefined || this.queue.length === 0) return
    this.working = this.#work().catch((error: unknown) => this.#options.onFailed(error))
  }

  async #work(): Promise<void> {
    try {
      while (this.queue.length > 0) {
        const batch = this.queue.splice(0, this.#options.maxBatchRecords)
        this.lastBegun = batch.at(-1)
        // What comes after a batch that was given up belongs to the next owner.
        if (!(await this.#process(batch, this.#signal))) this.queue.length = 0
      }
    } finally {
      // In one step with the last look at the queue: what is pushed from now on finds a lane to start.
      this.working = undefined
    }
  }

  async #call(task: () => Promise<void>): Promise<void> {
    const { clock } = this.#options
    const calledAt = clock.monotonic()
    this.calledAt = calledAt
    try {
      await task()
    } finally {
      this.#handlingMs += clock.monotonic() - calledAt
      this.calledAt = undefined
    }
  }
}

/** FNV-1a, 32 bits, over UTF-16 code units. Source: G. Fowler, L. C. Noll, K.-P. Vo. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}
