import t from 'tap'
import { deaggregate } from '../../lib/kinesis/deaggregate.ts'
import type { KinesisRecord } from '../../lib/kinesis/kinesis-record.ts'
import { NO_VECTORS, readVectors } from '../support/vectors.ts'

type UserRecord = {
  /** Null where the record is passed on as it was put, under its own key. */
  partitionKey: string | null
  explicitHashKey: string | null
  dataBase64: string
  subSequenceNumber: number
}

type AggregationVectors = {
  format: 'kpl-aggregation-vectors/1'
  vectors: {
    name: string
    recordBase64: string
    aggregated: boolean
    userRecords?: UserRecord[] | null
    /** What the KCL drops is left to a policy. Ours delivers all, and puts aside what cannot be taken apart. */
    expect?: 'policy' | 'kcl-drops-all'
  }[]
}

const files = readVectors<AggregationVectors>('kpl-aggregation-vectors/1')
const put = { partitionKey: 'as it was put', sequenceNumber: '49', arrivedAt: 1_795_000_000_000 }

if (files === undefined) t.test('aggregates of the KPL', { skip: NO_VECTORS }, () => {})
for (const vector of files?.flatMap(({ vectors }) => vectors) ?? []) {
  t.test(`an aggregate comes apart differently than the KCL takes it: ${vector.name}`, async (t) => {
    const raw = { ...put, data: Buffer.from(vector.recordBase64, 'base64') }
    const records = deaggregate(raw)
    if (!vector.aggregated) {
      t.strictSame(records, [raw])
    } else if (vector.expect === 'policy') {
      t.match(records, [{ ...raw, damage: String }])
      t.equal(records.length, 1)
    } else if (vector.expect === 'kcl-drops-all') {
      t.ok(records.length > 0 && records.every(({ damage }) => damage === undefined))
    } else {
      t.strictSame(records.map(toReadable), vector.userRecords?.map(toKinesisRecord).map(toReadable))
    }
  })
}

function toReadable(record: KinesisRecord) {
  return { ...record, data: Buffer.from(record.data).toString('base64') }
}

function toKinesisRecord(record: UserRecord): KinesisRecord {
  const { partitionKey, explicitHashKey, dataBase64, subSequenceNumber } = record
  return {
    ...put,
    partitionKey: partitionKey ?? put.partitionKey,
    ...(explicitHashKey === null ? {} : { explicitHashKey }),
    data: Buffer.from(dataBase64, 'base64'),
    subSequenceNumber,
  }
}
