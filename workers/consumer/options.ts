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
  READ_AHEAD_BYTES: Type.Integer({
    default: 33_554_432,
    minimum: 1_048_576,
    description: 'how much all shards together may have read and not handled yet; each may hold one read',
  }),
  LANES_PER_SHARD: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 64,
    description:
      'how many batches of a shard are handled at a time; events of one partition key stay in order',
  }),
  MAX_BATCH_RECORDS: Type.Integer({
    default: 1_000,
    minimum: 1,
    description:
      'how many events are handled together; fewer are handled twice after a crash, at more cost each',
  }),
})
export type ConsumerWorkerOptions = Static<typeof consumerOptions>
