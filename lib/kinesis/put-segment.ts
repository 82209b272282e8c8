export type PutRecord = { partitionKey: string; data: Uint8Array }

/** What its sender waits for as a whole. */
export type Batch = {
  unacknowledged: number
  resolve(): void
  reject(error: unknown): void
  promise: Promise<void>
}

/** Records of one batch that go into the same call. */
export type Segment = { batch: Batch; records: PutRecord[]; bytes: number }

export type CallLimits = { records: number; bytes: number }

/** What a record takes of the limits of a call: its data and its key. */
export function sizeOf(record: PutRecord): number {
  return record.data.byteLength + Buffer.byteLength(record.partitionKey)
}

export function newSegment(batch: Batch): Segment {
  return { batch, records: [], bytes: 0 }
}

export function hasRoom({ records, bytes }: Segment, size: number, limits: CallLimits): boolean {
  return records.length < limits.records && bytes + size <= limits.bytes
}

export function addTo(segment: Segment, record: PutRecord, size: number): void {
  segment.records.push(record)
  segment.bytes += size
}

export function newBatch(): Batch {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // Whoever sends the batch handles its failure; one that was never sent has nobody to tell.
  promise.catch(() => undefined)
  return { unacknowledged: 0, promise, resolve, reject }
}
