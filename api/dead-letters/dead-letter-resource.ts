import { isUtf8 } from 'node:buffer'
import { type Static, Type } from 'typebox'
import type { StoredLetter } from '../../lib/dead-letters/dead-letter-reader.ts'
import type { DeadLetterOrigin } from '../../lib/dead-letters/dead-letter-store.ts'
import { IsoTime, nullable, toIsoTime } from '../field-types.ts'

/** Enough for any row of the dataset to be seen whole. */
const SHOWN_BYTES = 8_192

export const ORIGINS: readonly DeadLetterOrigin[] = ['row', 'rejected', 'handler', 'oversize']

export const Origin = Type.Unsafe<DeadLetterOrigin>({
  type: 'string',
  enum: [...ORIGINS],
  description:
    'row: the producer could not read it; rejected: Flink refused it; handler: the consumer could not handle it; oversize: too large for Kinesis, it can only be looked at',
})

export const DeadLetterItem = Type.Object({
  id: Type.String(),
  origin: Origin,
  reason: Type.String(),
  storedAt: IsoTime,
  feed: nullable(Type.String()),
  seq: nullable(Type.Integer()),
  attempt: nullable(Type.Integer()),
  file: nullable(Type.String()),
  line: nullable(Type.Integer()),
  offset: nullable(Type.Integer(), 'byte of the file, unzipped'),
  shardId: nullable(Type.String()),
  sequenceNumber: nullable(Type.String()),
  bytes: Type.Integer({ description: 'how many there are' }),
  text: nullable(Type.String(), `its first ${SHOWN_BYTES} bytes, where they are text`),
  base64: nullable(Type.String(), 'the same of what is no text'),
  recovery: nullable(Type.String(), 'the recovery that feeds it in again, or did'),
  doneAt: nullable(IsoTime, 'when it had been fed in again'),
})
export type DeadLetterItem = Static<typeof DeadLetterItem>

/** A dead letter as the api shows it. `holder` is the recovery that is to feed it in again. */
export function describeLetter(letter: StoredLetter, holder: string | null): DeadLetterItem {
  const shown = Buffer.from(letter.bytes).subarray(0, SHOWN_BYTES)
  const isText = isUtf8(letter.bytes)
  return {
    id: letter.id,
    origin: letter.origin,
    reason: letter.reason,
    storedAt: toIsoTime(letter.storedAt),
    feed: letter.feed ?? null,
    seq: letter.seq ?? null,
    attempt: letter.attempt ?? null,
    file: letter.file ?? null,
    line: letter.line ?? null,
    offset: letter.offset ?? null,
    shardId: letter.shardId ?? null,
    sequenceNumber: letter.sequenceNumber ?? null,
    bytes: letter.bytes.length,
    // The cut may go through a character.
    text: isText ? shown.toString('utf8').replace(/\ufffd$/, '') : null,
    base64: isText ? null : shown.toString('base64'),
    recovery: letter.done?.recovery ?? holder,
    doneAt: letter.done === undefined ? null : toIsoTime(letter.done.at),
  }
}
