import { type Static, Type } from 'typebox'
import { awsOptions, processOptions, redisOptions } from '../../../lib/process/common-options.ts'

export const firehoseOptions = Type.Object({
  ...processOptions,
  ...redisOptions,
  ...awsOptions,
  RAW_STREAM: Type.String({ minLength: 1, description: 'Kinesis stream of the raw events' }),
  RAW_BUCKET: Type.String({ minLength: 1, description: 'bucket of the raw layer' }),
  FIREHOSE_BUFFER_SECONDS: Type.Number({
    default: 10,
    exclusiveMinimum: 0,
    description: 'records are delivered when the oldest has waited for so long',
  }),
  FIREHOSE_BUFFER_BYTES: Type.Integer({
    default: 1_048_576,
    minimum: 1,
    description: 'or when so many bytes have come together',
  }),
  FIREHOSE_DUPLICATE_SHARE: Type.Number({
    default: 0.001,
    minimum: 0,
    maximum: 1,
    description: 'share of the records that are delivered twice, as Firehose may',
  }),
})
export type FirehoseOptions = Static<typeof firehoseOptions>
