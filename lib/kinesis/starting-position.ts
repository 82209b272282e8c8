import { type Checkpoint, parsePosition } from './position.ts'

/** A `LATEST` younger than this is asked for as the service's own; an older one by the time at which it was wished. */
const LATEST_IS_FRESH_MS = 10_000

export type StartingPosition =
  | { Type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; SequenceNumber: string }
  | { Type: 'AT_TIMESTAMP'; Timestamp: Date }
  | { Type: 'TRIM_HORIZON' | 'LATEST' }

/**
 * Where Kinesis is to begin, so that nothing after `checkpoint` is missed. Inside an aggregate that is the whole record
 * once more: its first parts are dropped by whoever takes it apart.
 */
export function startingPosition(checkpoint: Checkpoint, now: number): StartingPosition {
  const position = parsePosition(checkpoint)
  if (position !== undefined) {
    const isWhole = position.subSequenceNumber === undefined
    return {
      Type: isWhole ? 'AFTER_SEQUENCE_NUMBER' : 'AT_SEQUENCE_NUMBER',
      SequenceNumber: position.sequenceNumber,
    }
  }
  const [kind, ms] = checkpoint.split(':')
  if (kind === 'AT_TIMESTAMP') return { Type: 'AT_TIMESTAMP', Timestamp: new Date(Number(ms)) }
  if (kind !== 'LATEST') return { Type: 'TRIM_HORIZON' }
  const isFresh = ms === undefined || now - Number(ms) < LATEST_IS_FRESH_MS
  return isFresh ? { Type: 'LATEST' } : { Type: 'AT_TIMESTAMP', Timestamp: new Date(Number(ms)) }
}

/**
 * Ties a wish for `LATEST` to the moment at which it was made: an iterator that expires before the first record, or a
 * worker that ends before its first checkpoint, would else begin at a later tip and lose what came in between.
 */
export function anchorLatest(checkpoint: Checkpoint, now: number): Checkpoint {
  return checkpoint === 'LATEST' ? `LATEST:${Math.round(now)}` : checkpoint
}
