/**
 * How far a shard has been handled, as it is stored:
 *
 *   `4958...`      the record with this sequence number and all before it are done
 *   `4958...:7`    so are the first 8 records (0 to 7) of the KPL aggregate with this sequence number, no more of it
 *   `SHARD_END`    all that the shard ever held is done
 *   `TRIM_HORIZON`, `AT_TIMESTAMP:<epoch ms>`, `LATEST:<epoch ms>`   nothing is done yet: where to start; the latest
 *                  record is that of the moment at which it was wished
 */
export type Checkpoint = string
export const SHARD_END = 'SHARD_END'

/** The place of one record in its shard: what is stored when it and all before it are done. */
export function positionOf(record: { sequenceNumber: string; subSequenceNumber?: number }): Checkpoint {
  const { sequenceNumber, subSequenceNumber } = record
  return subSequenceNumber === undefined ? sequenceNumber : `${sequenceNumber}:${subSequenceNumber}`
}

export type Position = { sequenceNumber: string; subSequenceNumber?: number }

/** Undefined for `SHARD_END` and the places to start from: no record stands there. */
export function parsePosition(checkpoint: Checkpoint): Position | undefined {
  const match = /^(\d{1,128})(?::(\d{1,10}))?$/.exec(checkpoint)
  if (match === null) return undefined
  const [, sequenceNumber = '', sub] = match
  return sub === undefined ? { sequenceNumber } : { sequenceNumber, subSequenceNumber: Number(sub) }
}

/**
 * Negative, 0 or positive. A whole record comes after each part of it. Sequence numbers are too large for numbers: they
 * are compared by their length and then as text.
 */
export function comparePositions(a: Position, b: Position): number {
  const left = a.sequenceNumber.replace(/^0+/, '')
  const right = b.sequenceNumber.replace(/^0+/, '')
  if (left.length !== right.length) return left.length - right.length
  if (left !== right) return left < right ? -1 : 1
  if (a.subSequenceNumber === b.subSequenceNumber) return 0
  return (a.subSequenceNumber ?? Number.POSITIVE_INFINITY) - (b.subSequenceNumber ?? Number.POSITIVE_INFINITY)
}
