import t from 'tap'
import { deaggregate } from '../../lib/kinesis/deaggregate.ts'
import { NO_VECTORS, readVectors } from '../support/vectors.ts'

type UserRecord = {
  /** Null where the record is passed on as it was put, under its own key. */
  partitionKey: string | null
  explicitHashKey: string | null
  dataBase64: string
  subSequenceNumber: number
}

type AggregationVector = {
  name: string
  recordBase64: string
  aggregated: boolean
  userRecords?: UserRecord[] | null
  /** What the KCL drops is left to a policy. Ours delivers all, and puts aside what cannot be taken apart. */
  expect?: 'policy' | 'kcl-drops-all'
}

type AggregationVectors = { format: 'kpl-aggregation-vectors/1'; vectors: AggregationVector[] }

const files = readVectors<AggregationVectors>('kpl-aggregation-vectors/1')
const put = { partitionKey: 'as it was put', sequenceNumber: '49', arrivedAt: 1_795_000_000_000 }

t.test(
  'an aggregate comes apart differently than the KCL would take it',
  { skip: files === undefined && NO_VECTORS },
  async (t) => {
    for (const vector of files?.flatMap(({ vectors }) => vectors) ?? []) {
      await t.test(vector.name, async (t) => {
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
          t.strictSame(records.map(toUserRecord), vector.userRecords?.map(expectedOf))
        }
      })
    }
  },
)

function toUserRecord(record: ReturnType<typeof deaggregate>[number]): UserRecord {
  t.match(record, { sequenceNumber: put.sequenceNumber, arrivedAt: put.arrivedAt })
  return {
    partitionKey: record.partitionKey,
    explicitHashKey: record.explicitHashKey ?? null,
    dataBase64: Buffer.from(record.data).toString('base64'),
    subSequenceNumber: record.subSequenceNumber ?? -1,
  }
}

function expectedOf({
  partitionKey,
  explicitHashKey,
  dataBase64,
  subSequenceNumber,
}: UserRecord): UserRecord {
  return { partitionKey, explicitHashKey, dataBase64, subSequenceNumber }
}
