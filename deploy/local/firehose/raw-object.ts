import { createHash, randomUUID } from 'node:crypto'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'

const NAME = 'roadpulse-raw-1'

/** Firehose names an object by the hour (UTC) and the second in which its oldest record arrived. */
export function rawObjectKey(records: readonly KinesisRecord[]): string {
  const oldest = records.reduce(
    (least, record) => Math.min(least, record.arrivedAt),
    Number.POSITIVE_INFINITY,
  )
  const [day = '', time = ''] = new Date(oldest).toISOString().split('T')
  const [hour = '', minute = '', second = ''] = time.split(/[:.]/)
  return `dt=${day}/hr=${hour}/${NAME}-${day}-${hour}-${minute}-${second}-${randomUUID()}.gz`
}

/** Firehose joins records as they are, without a delimiter, and may deliver some twice. */
export function rawObjectBytes(records: readonly KinesisRecord[], duplicateShare: number): Buffer {
  const repeated = records.filter((record) => isPicked(record, duplicateShare))
  return Buffer.concat([...records, ...repeated].map((record) => record.data))
}

/** By chance, but the same record in every run. */
function isPicked({ sequenceNumber }: KinesisRecord, share: number): boolean {
  return createHash('md5').update(sequenceNumber).digest().readUInt32BE(0) < share * 2 ** 32
}
