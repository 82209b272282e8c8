import type { DataLayer } from '../deploy-data.ts'
import type { Part } from '../part.ts'
import { choosePort } from '../ports.ts'
import type { Addresses } from '../stack.ts'
import { LOCAL_AWS, type PortName, type StackOptions } from '../stack-options.ts'
import { flinkPart } from './flink.ts'
import { nodeProcessPart } from './node-process.ts'

export type StreamingContext = {
  stack: StackOptions
  addresses: Addresses
  ports: Readonly<Record<PortName, number>>
  data: DataLayer
  /** s3://bucket/key of the live feed. */
  source: string
}

/** The parts that carry the stream. The producer starts after all others, so that nothing waits for a reader. */
export async function streamingParts(context: StreamingContext): Promise<{ producer: Part; others: Part[] }> {
  const { stack, addresses, ports, data } = context
  const aws = { ...LOCAL_AWS, ...addresses.aws }
  const common = { ...aws, REDIS_URL: addresses.redis }
  const { RawStreamName, ProcessedStreamName, RawBucketName, DeadLetterBucketName, SourceBucketName } = data
  const environment = (name: string, own: Record<string, string>) => ({
    ...common,
    ...own,
    ...stack.environment[name],
  })
  const probePort = (index: number) => choosePort(ports.probes === 0 ? 0 : ports.probes + index)

  const flink = flinkPart({
    restPort: ports.flink,
    metricsPort: await probePort(5),
    folder: `${stack.folder}/flink`,
    rawStream: RawStreamName,
    processedStream: ProcessedStreamName,
    region: LOCAL_AWS.AWS_REGION,
    kinesisEndpoint: addresses.aws.AWS_ENDPOINT_URL_KINESIS ?? '',
    latenessSeconds: stack.latenessSeconds,
    tipSlackSeconds: stack.tipSlackSeconds,
    checkpointIntervalMs: stack.checkpointIntervalMs,
  })
  const consumer = nodeProcessPart({
    name: 'consumer',
    main: 'workers/consumer/main.ts',
    probePort: await probePort(1),
    stopDeadlineMs: 4_000,
    environment: environment('consumer', {
      PROCESSED_STREAM: ProcessedStreamName,
      DEAD_LETTER_BUCKET: DeadLetterBucketName,
    }),
  })
  const firehose = nodeProcessPart({
    name: 'firehose',
    main: 'deploy/local/firehose/main.ts',
    probePort: await probePort(2),
    stopDeadlineMs: 4_000,
    environment: environment('firehose', { RAW_STREAM: RawStreamName, RAW_BUCKET: RawBucketName }),
  })
  const api = nodeProcessPart({
    name: 'api',
    main: 'api/main.ts',
    probePort: await probePort(3),
    stopDeadlineMs: 4_000,
    address: addresses.api,
    environment: environment('api', {
      HTTP_PORT: `${ports.api}`,
      PROCESSED_STREAM: ProcessedStreamName,
      RAW_BUCKET: RawBucketName,
      DEAD_LETTER_BUCKET: DeadLetterBucketName,
      SOURCE_BUCKET: SourceBucketName,
      ALERT_TOPIC_ARN: data.AlertTopicArn,
      STACK_FILE: `${stack.folder}/stack.json`,
      RAW_LAYER_MAX_AGE_SECONDS: '60',
    }),
  })
  const producer = nodeProcessPart({
    name: 'producer',
    main: 'workers/producer/main.ts',
    probePort: await probePort(4),
    stopDeadlineMs: 4_000,
    environment: environment('producer', {
      RAW_STREAM: RawStreamName,
      PROCESSED_STREAM: ProcessedStreamName,
      DEAD_LETTER_BUCKET: DeadLetterBucketName,
      SOURCE_BUCKET: SourceBucketName,
      LIVE_SOURCE: context.source,
      ...stack.live,
    }),
  })
  return { producer, others: [flink, consumer, firehose, api] }
}
