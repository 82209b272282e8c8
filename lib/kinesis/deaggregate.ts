import { readAggregate } from './aggregate.ts'
import type { KinesisRecord } from './kinesis-record.ts'

/**
 * The user records of a record that the Kinesis Producer Library has put, numbered from 0; any other record as it is.
 * None is left out because its hash key is outside of the shard: the KCL does so because its producers put such records
 * again, others do not, and a record twice is better than none.
 *
 * An aggregate that is whole by its checksum and yet names a key that it does not have cannot be taken apart. It stays
 * one record and is marked as such: no handler may take it for a record of its own, and none of it may be left out.
 */
export function deaggregate(record: KinesisRecord): KinesisRecord[] {
  const aggregate = readAggregate(record.data)
  if (aggregate === undefined) return [record]
  const { partitionKeys, explicitHashKeys, records } = aggregate
  const parts: KinesisRecord[] = []
  for (const { partitionKeyIndex, explicitHashKeyIndex, data } of records) {
    const partitionKey = partitionKeys[partitionKeyIndex]
    const explicitHashKey =
      explicitHashKeyIndex === undefined ? undefined : explicitHashKeys[explicitHashKeyIndex]
    if (partitionKey === undefined || (explicitHashKeyIndex !== undefined && explicitHashKey === undefined)) {
      return [{ ...record, damage: 'the aggregate names a key that it lacks' }]
    }
    parts.push({
      data,
      partitionKey,
      ...(explicitHashKey === undefined ? {} : { explicitHashKey }),
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: parts.length,
      arrivedAt: record.arrivedAt,
    })
  }
  return parts
}
