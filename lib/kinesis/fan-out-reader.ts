import {
  type KinesisClient,
  SubscribeToShardCommand,
  type SubscribeToShardEvent,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis'
import type { Clock } from '../clock.ts'
import { RoadpulseError } from '../errors.ts'
import type { Checkpoint } from './position.ts'
import type { ReplaceableReader, ShardRead } from './shard-reader.ts'
import { anchorLatest, startingPosition } from './starting-position.ts'
import { toChildLease, toKinesisRecord } from './to-kinesis-record.ts'
import { withinDeadline } from './within-deadline.ts'

const SUBSCRIBE_DEADLINE_MS = 10_000
/** Kinesis sends an event every 5 s, also when there are no records. A stream without any is dead, if ever so open. */
const EVENT_DEADLINE_MS = 35_000

export type FanOutReaderOptions = {
  kinesis: Pick<KinesisClient, 'send'>
  /** Registers the application when need be. */
  consumerArn(signal: AbortSignal): Promise<string>
  shardId: string
  /** Reading begins after it. */
  checkpoint: Checkpoint
  clock: Clock
}

type Subscription = {
  events: AsyncIterator<SubscribeToShardEventStream>
  hasDelivered: boolean
  /** Closes the connection: the next to subscribe finds the shard free. */
  end(): void
}

/**
 * Reads a shard by enhanced fan-out. Kinesis ends a subscription after 5 minutes; it is renewed where it ended. Other
 * than `ShardReader` says, `read` rejects when the shard cannot be subscribed to or its events stop; the next `read`
 * subscribes anew, at the same place.
 *
 * Nothing is buffered: an event is taken from the connection when it is asked for, and until then the flow control of
 * HTTP holds Kinesis back.
 */
export function createFanOutReader(options: FanOutReaderOptions): ReplaceableReader {
  const { kinesis, clock } = options
  let position = anchorLatest(options.checkpoint, clock.now())
  let subscription: Subscription | undefined

  async function subscribe(signal: AbortSignal): Promise<Subscription> {
    const ended = new AbortController()
    const end = () => {
      signal.removeEventListener('abort', end)
      ended.abort()
    }
    signal.addEventListener('abort', end, { once: true })
    try {
      const request = async (deadline: AbortSignal) => {
        const input = {
          ConsumerARN: await options.consumerArn(deadline),
          ShardId: options.shardId,
          StartingPosition: startingPosition(position, clock.now()),
        }
        // Not the deadline's signal: that of the events, which outlives the call.
        return kinesis.send(new SubscribeToShardCommand(input), { abortSignal: ended.signal })
      }
      const reply = await withinDeadline(request, { ms: SUBSCRIBE_DEADLINE_MS, signal, clock })
      if (reply.EventStream === undefined) throw unavailable('a subscription without events')
      return { events: reply.EventStream[Symbol.asyncIterator](), hasDelivered: false, end }
    } catch (error) {
      end()
      throw error
    }
  }

  /** Undefined when Kinesis has ended the subscription in good order. */
  async function nextEvent(
    from: Subscription,
    signal: AbortSignal,
  ): Promise<SubscribeToShardEvent | undefined> {
    while (true) {
      const next = await withinDeadline(() => from.events.next(), { ms: EVENT_DEADLINE_MS, signal, clock })
      if (next.done === true) return undefined
      if (next.value.SubscribeToShardEvent !== undefined) return next.value.SubscribeToShardEvent
    }
  }

  function toShardRead(event: SubscribeToShardEvent): ShardRead {
    const children = (event.ChildShards ?? []).map(toChildLease)
    // The last event of a closed shard has no sequence number to go on from.
    const isShardEnd = children.length > 0 || (event.ContinuationSequenceNumber ?? null) === null
    position = event.ContinuationSequenceNumber ?? event.Records?.at(-1)?.SequenceNumber ?? position
    return {
      records: (event.Records ?? []).map(toKinesisRecord),
      behindMs: event.MillisBehindLatest ?? 0,
      isShardEnd,
      children,
    }
  }

  function endSubscription(): void {
    subscription?.end()
    subscription = undefined
  }

  return {
    async read(signal) {
      try {
        while (!signal.aborted) {
          subscription ??= await subscribe(signal)
          const event = await nextEvent(subscription, signal)
          if (event !== undefined) {
            subscription.hasDelivered = true
            return toShardRead(event)
          }
          if (!subscription.hasDelivered) {
            throw unavailable('the subscription ended before its first event')
          }
          endSubscription()
        }
      } catch (error) {
        endSubscription()
        if (!signal.aborted) throw error
      }
      return undefined
    },
    position: () => position,
  }
}

function unavailable(reason: string): RoadpulseError {
  return new RoadpulseError('FAN_OUT_UNAVAILABLE', reason)
}
