import { createHash } from 'node:crypto'

const MAGIC = Buffer.from('f3899ac2', 'hex')
const MAX_FIELD_BYTES = 0x7f

/** An aggregate as the Kinesis Producer Library puts it. Its fields are short: each length fits into one byte. */
export function encodeAggregate(records: readonly { partitionKey: string; data: Uint8Array }[]): Uint8Array {
  const keys = [...new Set(records.map((record) => record.partitionKey))]
  const message = Buffer.concat([
    ...keys.map((key) => field(1, Buffer.from(key))),
    ...records.map(({ partitionKey, data }) =>
      field(3, Buffer.concat([Buffer.from([(1 << 3) | 0, keys.indexOf(partitionKey)]), field(3, data)])),
    ),
  ])
  return Buffer.concat([MAGIC, message, createHash('md5').update(message).digest()])
}

function field(number: number, bytes: Uint8Array): Buffer {
  if (bytes.byteLength > MAX_FIELD_BYTES) throw new RangeError('a length of more than one byte')
  return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.byteLength]), bytes])
}
