import { createHash } from 'node:crypto'

const MAGIC = Buffer.from('f3899ac2', 'hex')
const DIGEST_BYTES = 16

/** Wire types of protocol buffers. */
const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

/** A record as it stands in an aggregate: its keys are places in the aggregate's tables. */
export type AggregatedRecord = { partitionKeyIndex: number; explicitHashKeyIndex?: number; data: Uint8Array }

export type Aggregate = { partitionKeys: string[]; explicitHashKeys: string[]; records: AggregatedRecord[] }

/**
 * Reads the aggregate of the Kinesis Producer Library that `data` may be: magic, AggregatedRecord as protocol buffer,
 * MD5 of that. Undefined when it is not one, or holds no record: then it is a record like any other.
 * Source: aggregation-format.md of awslabs/amazon-kinesis-producer.
 */
export function readAggregate(data: Uint8Array): Aggregate | undefined {
  const message = messageOf(data)
  const fields = message === undefined ? undefined : fieldsOf(message)
  if (fields === undefined) return undefined
  const aggregate: Aggregate = { partitionKeys: [], explicitHashKeys: [], records: [] }
  for (const { number, bytes } of fields) {
    if (bytes === undefined) continue
    if (number === 1) aggregate.partitionKeys.push(toText(bytes))
    if (number === 2) aggregate.explicitHashKeys.push(toText(bytes))
    if (number !== 3) continue
    const record = readRecord(bytes)
    if (record === undefined) return undefined
    aggregate.records.push(record)
  }
  return aggregate.records.length === 0 ? undefined : aggregate
}

function messageOf(data: Uint8Array): Uint8Array | undefined {
  if (data.byteLength <= MAGIC.byteLength + DIGEST_BYTES) return undefined
  if (MAGIC.compare(data, 0, MAGIC.byteLength) !== 0) return undefined
  const message = data.subarray(MAGIC.byteLength, -DIGEST_BYTES)
  const digest = createHash('md5').update(message).digest()
  return digest.compare(data, data.byteLength - DIGEST_BYTES) === 0 ? message : undefined
}

/** The key's index and the data are required. Tags (field 4) are not delivered, as in the KCL. */
function readRecord(message: Uint8Array): AggregatedRecord | undefined {
  const fields = fieldsOf(message)
  if (fields === undefined) return undefined
  let partitionKeyIndex: number | undefined
  let explicitHashKeyIndex: number | undefined
  let data: Uint8Array | undefined
  for (const { number, value, bytes } of fields) {
    if (number === 1) partitionKeyIndex = value
    if (number === 2) explicitHashKeyIndex = value
    if (number === 3) data = bytes
  }
  if (partitionKeyIndex === undefined || data === undefined) return undefined
  return { partitionKeyIndex, ...(explicitHashKeyIndex === undefined ? {} : { explicitHashKeyIndex }), data }
}

type Field = { number: number; value?: number; bytes?: Uint8Array }

/**
 * The fields of a message in their order, those of fixed width, which this format has none of, without their value.
 * Undefined when it is no protocol buffer.
 */
function fieldsOf(message: Uint8Array): Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  while (at < message.byteLength) {
    const tag = readVarint(message, at)
    if (tag === undefined) return undefined
    const number = Math.floor(tag.value / 8)
    const value = readValue(message, tag.end, tag.value % 8)
    if (number === 0 || value === undefined || value.end > message.byteLength) return undefined
    fields.push({ number, ...value.content })
    at = value.end
  }
  return fields
}

function readValue(
  message: Uint8Array,
  at: number,
  wireType: number,
): { content: Omit<Field, 'number'>; end: number } | undefined {
  if (wireType === FIXED_64) return { content: {}, end: at + 8 }
  if (wireType === FIXED_32) return { content: {}, end: at + 4 }
  if (wireType !== VARINT && wireType !== LENGTH_DELIMITED) return undefined
  const varint = readVarint(message, at)
  if (varint === undefined) return undefined
  if (wireType === VARINT) return { content: { value: varint.value }, end: varint.end }
  const end = varint.end + varint.value
  return { content: { bytes: message.subarray(varint.end, end) }, end }
}

/** Of at most 10 bytes. Above 2^53 it is not exact, and larger than any length or index that can be valid. */
function readVarint(message: Uint8Array, at: number): { value: number; end: number } | undefined {
  let value = 0
  for (let i = 0; i < 10; i++) {
    const byte = message[at + i]
    if (byte === undefined) return undefined
    value += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) return { value, end: at + i + 1 }
  }
  return undefined
}

function toText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}
