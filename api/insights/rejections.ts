import { type Static, Type } from 'typebox'
import type { ReceivedRejected } from '../../lib/insights/insight-reader.ts'
import { IsoTime, nullable, toIsoTime } from '../field-types.ts'

const EXCERPT_CHARACTERS = 160

export const RejectionItem = Type.Object({
  id: Type.String(),
  seq: nullable(Type.Integer(), 'row number in the source, where it could be read'),
  reasons: Type.Array(Type.String()),
  shardId: Type.String(),
  sequenceNumber: Type.String(),
  bytesLength: Type.Integer(),
  excerpt: Type.String({ description: 'how the record begins' }),
  arrivedAt: IsoTime,
})
export type RejectionItem = Static<typeof RejectionItem>

export const RejectionList = Type.Object({
  feed: Type.String(),
  items: Type.Array(RejectionItem, { description: 'newest first' }),
})

export function describeRejection(rejected: ReceivedRejected): RejectionItem {
  return {
    id: rejected.id,
    seq: rejected.seq ?? null,
    reasons: rejected.reasons,
    shardId: rejected.shard_id,
    sequenceNumber: rejected.sequence_number,
    bytesLength: rejected.bytes_length,
    excerpt: excerptOf(rejected.bytes_base64),
    arrivedAt: toIsoTime(rejected.arrived_at),
  }
}

/** As text that can be shown: what is not printable becomes a dot. */
function excerptOf(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8').trimEnd()
  return text.slice(0, EXCERPT_CHARACTERS).replaceAll(/[\p{Cc}\p{Cf}\p{Co}\u{FFFD}]/gu, '·')
}
