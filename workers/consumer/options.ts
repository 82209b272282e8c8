import { type Static, Type } from 'typebox'
import { awsOptions, processOptions, redisOptions } from '../../lib/process/common-options.ts'

export const consumerOptions = Type.Object({
  ...processOptions,
  ...redisOptions,
  ...awsOptions,
  PROCESSED_STREAM: Type.String({
    minLength: 1,
    description: 'Kinesis stream of the processed events, by name or ARN',
  }),
  CONSUMER_APPLICATION: Type.String({
    default: 'roadpulse-consumer',
    minLength: 1,
    description: 'consumers of the same application share the shards of the stream',
  }),
  DEAD_LETTER_BUCKET: Type.String({ minLength: 1, description: 'bucket for what cannot be handled' }),
  LEASE_TTL_MS: Type.Integer({
    default: 5_000,
    minimum: 200,
    description: 'a consumer that was not heard of for so long loses its shards',
  }),
  LEASE_HEARTBEAT_MS: Type.Integer({
    default: 1_000,
    minimum: 50,
    description: 'how often a consumer renews its leases; at most a third of LEASE_TTL_MS',
  }),
  SHARD_POLL_INTERVAL_MS: Type.Integer({
    default: 250,
    minimum: 200,
    description:
      'how often a shard is read at its tip; Kinesis allows all readers of a shard 5 reads a second',
  }),
})
export type ConsumerWorkerOptions = Static<typeof consumerOptions>
