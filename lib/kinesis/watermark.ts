import type { KinesisRecord } from './kinesis-record.ts'

/**
 * The records of a shard that are read and not yet passed, in the order of the shard. Lanes acknowledge them in any
 * order; the watermark passes a record when it and all before it are acknowledged. Only what it has passed may be
 * checkpointed: a checkpoint says that everything up to it is done.
 */
export class Watermark {
  /** Begins with the first record that is not acknowledged. */
  #window: KinesisRecord[] = []
  /** Acknowledged, but behind one that is not. */
  readonly #ahead = new Set<KinesisRecord>()

  /** The oldest record that is not acknowledged. */
  get oldest(): KinesisRecord | undefined {
    return this.#window[0]
  }

  add(records: readonly KinesisRecord[]): void {
    // Not as arguments of one `push`: a read may have more records than a call may have arguments.
    for (const record of records) this.#window.push(record)
  }

  /** The records that the watermark passes now, in order; none while an earlier one is not acknowledged. */
  acknowledge(records: readonly KinesisRecord[]): readonly KinesisRecord[] {
    let passed = 0
    for (const record of records) {
      // With one lane all of them go this way, and the set stays empty.
      if (record === this.#window[passed]) passed++
      else this.#ahead.add(record)
    }
    for (let next = this.#window[passed]; next !== undefined && this.#ahead.delete(next); ) {
      passed++
      next = this.#window[passed]
    }
    return this.#window.splice(0, passed)
  }
}
