import {
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  RegisterStreamConsumerCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-kinesis'
import { RoadpulseError } from '../errors.ts'
import { streamAddress } from './stream-address.ts'

export type StreamConsumerOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  /** Its name or its ARN. */
  stream: string
  /** The same for all workers of an application: each name has 2 MiB/s of each shard to itself, and costs. */
  consumerName: string
}

/** The registration of an application for enhanced fan-out. */
export type StreamConsumer = {
  /**
   * The ARN of the consumer, which is registered if it is not yet. Shards that ask at the same time share one answer; it
   * is not kept, for others may remove the registration. Rejects while the consumer cannot be used, as a new one for its
   * first seconds.
   */
  arn(signal: AbortSignal): Promise<string>
}

export function createStreamConsumer(options: StreamConsumerOptions): StreamConsumer {
  const { kinesis, consumerName: ConsumerName } = options
  let registration: Promise<string> | undefined

  async function register(abortSignal: AbortSignal): Promise<string> {
    const StreamARN = await findStreamArn(abortSignal)
    const { ConsumerARN, ConsumerStatus } =
      (await describe(StreamARN, abortSignal)) ??
      (await kinesis.send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName }), { abortSignal }))
        .Consumer ??
      {}
    if (ConsumerARN !== undefined && ConsumerStatus === 'ACTIVE') return ConsumerARN
    throw new RoadpulseError(
      'FAN_OUT_UNAVAILABLE',
      `the consumer ${ConsumerName} is ${ConsumerStatus ?? 'unknown'}`,
    )
  }

  async function findStreamArn(abortSignal: AbortSignal): Promise<string> {
    const address = streamAddress(options.stream)
    if ('StreamARN' in address) return address.StreamARN
    const reply = await kinesis.send(new DescribeStreamSummaryCommand(address), { abortSignal })
    return reply.StreamDescriptionSummary?.StreamARN ?? ''
  }

  async function describe(StreamARN: string, abortSignal: AbortSignal) {
    try {
      const request = new DescribeStreamConsumerCommand({ StreamARN, ConsumerName })
      return (await kinesis.send(request, { abortSignal })).ConsumerDescription
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return undefined
      throw error
    }
  }

  return {
    arn(signal) {
      registration ??= register(signal).finally(() => {
        registration = undefined
      })
      return registration
    },
  }
}
