import type { Envelope, EnvelopeOf } from '../../../lib/events/envelope.ts'
import type { Row } from './start-spark.ts'

export type AccidentEnvelope = EnvelopeOf<'accident'> | EnvelopeOf<'accident_late'>

export const isAccident = (envelope: Envelope): envelope is AccidentEnvelope =>
  envelope.type === 'accident' || envelope.type === 'accident_late'

/**
 * An accident of Flink as a row of the tables. What only stream 1 knows is not in them: the arrival, and so whether it is
 * late.
 */
export function rowOfEnvelope({ id, feed, event_time, payload }: AccidentEnvelope): Row {
  const { arrived_at: _, ...columns } = payload
  return { id, feed, event_time, ...columns }
}

/** A row of the tables as Flink writes it: moments as epoch ms, local times without a fraction that is zero. */
export function envelopeOfRow(row: Row): Row {
  const { attempt: _, partition_key: __, ...columns } = row
  for (const name of ['event_time', 'row_emitted_at']) columns[name] = Date.parse(String(row[name]))
  for (const name of ['start_time', 'end_time', 'start_time_utc'])
    if (name in row) columns[name] = String(row[name]).replace(/\.0+(?=Z?$)/, '')
  return columns
}

/** The first put of each accident, whatever its feed. */
export function mergedByKey(envelopes: readonly AccidentEnvelope[]): AccidentEnvelope[] {
  const first = new Map<string, AccidentEnvelope>()
  for (const envelope of envelopes) {
    const key = envelope.id.slice(`accident|${envelope.feed}|`.length)
    const held = first.get(key)
    if (held === undefined || envelope.payload.row_emitted_at < held.payload.row_emitted_at)
      first.set(key, envelope)
  }
  return [...first.values()]
}

export const byId = (rows: readonly Row[]): Map<string, Row> =>
  new Map(rows.map((row) => [String(row.id), row]))

const NOT_COMPARED = new Set([
  'id',
  'delivered_at',
  'event_time',
  'row_emitted_at',
  'raw_object',
  'raw_offset',
  'partition_key',
])

/** A refused row by its bytes, as Flink has it. Of a record without a time Flink has the arrival, and the table nothing. */
export function refusalOfRow(row: Row): [sha256: string, Row] {
  const columns = Object.fromEntries(Object.entries(row).filter(([name]) => !NOT_COMPARED.has(name)))
  return [String(row.bytes_sha256), columns]
}

export function refusalOfEnvelope({ feed, payload }: EnvelopeOf<'rejected'>): [sha256: string, Row] {
  const { shard_id: _, sequence_number: __, partition_key: ___, arrived_at: ____, ...columns } = payload
  return [payload.bytes_sha256, { feed, ...columns }]
}
