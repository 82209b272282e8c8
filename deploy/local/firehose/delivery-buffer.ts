import type { Clock } from '../../../lib/clock.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'

export type DeliveryBuffer = {
  /** Resolves when the records are delivered; rejects as `deliver` does: then append them again. */
  append(records: readonly KinesisRecord[]): Promise<void>
  /** Delivers at once what there is, and from now on everything that comes. */
  close(): void
}

/** Collects records of all shards until the oldest has waited `bufferMs` or there are `bufferBytes` of them. */
export function createDeliveryBuffer(options: {
  deliver(records: readonly KinesisRecord[]): Promise<void>
  bufferMs: number
  bufferBytes: number
  clock: Clock
}): DeliveryBuffer {
  let open:
    | { records: KinesisRecord[]; bytes: number; due: AbortController; delivered: Promise<void> }
    | undefined
  let isClosed = false

  function begin() {
    const records: KinesisRecord[] = []
    const due = new AbortController()
    return { records, bytes: 0, due, delivered: deliverWhenDue(records, due.signal) }
  }

  async function deliverWhenDue(records: KinesisRecord[], due: AbortSignal): Promise<void> {
    await options.clock.sleep(options.bufferMs, due)
    if (open?.records === records) open = undefined
    await options.deliver(records)
  }

  function flush(): void {
    open?.due.abort()
    open = undefined
  }

  return {
    append(records) {
      open ??= begin()
      const { delivered } = open
      for (const record of records) {
        open.records.push(record)
        open.bytes += record.data.byteLength
      }
      if (isClosed || open.bytes >= options.bufferBytes) flush()
      return delivered
    },
    close() {
      isClosed = true
      flush()
    },
  }
}
