import type { DeadLetter } from '../../../lib/dead-letters/dead-letter-store.ts'
import type { EnvelopeOf } from '../../../lib/events/envelope.ts'
import type { EventHandler } from '../event-handler.ts'

/** A record that Flink refused: put into the dead letters first, so that what is counted can be found there. */
export const handleRejected: EventHandler<'rejected'> = async (context, feed, events) => {
  await context.deadLetters.put(events.map(toDeadLetter))
  context.metrics.counter('dead_letters_total').inc({ origin: 'rejected' }, events.length)
  await context.insights.applyRejected(feed, events)
}

function toDeadLetter({ feed, payload }: EnvelopeOf<'rejected'>): DeadLetter {
  return {
    origin: 'rejected',
    reason: payload.reasons.join('; '),
    bytes: Buffer.from(payload.bytes_base64, 'base64'),
    feed,
    ...(payload.seq === undefined ? {} : { seq: payload.seq }),
    ...(payload.attempt === undefined ? {} : { attempt: payload.attempt }),
    shardId: payload.shard_id,
    sequenceNumber: payload.sequence_number,
  }
}
