import type { DeadLetter } from '../../lib/dead-letters/dead-letter-store.ts'
import { decodeEnvelope, type Envelope, type EventType } from '../../lib/events/envelope.ts'
import { MAX_SEQ } from '../../lib/insights/insight-store.ts'
import type { KinesisRecord } from '../../lib/kinesis/kinesis-record.ts'
import type { ShardBatch } from '../../lib/kinesis/shard-runner.ts'
import { feedKindOf } from '../../lib/process/metrics/feed-kind.ts'
import type { EventHandler, HandlerContext } from './event-handler.ts'
import { handleAccidents } from './handlers/accident.ts'
import { handleLateAccidents } from './handlers/accident-late.ts'
import { handleHotspots } from './handlers/hotspot.ts'
import { handleRejected } from './handlers/rejected.ts'
import { handleMinutes } from './handlers/state-severity-minute.ts'
import { handleSurges } from './handlers/surge.ts'
import { handleTallies } from './handlers/tally.ts'
import { handleTopCities } from './handlers/top-cities.ts'
import type { UnknownTypes } from './unknown-types.ts'

const HANDLERS: { [T in EventType]: EventHandler<T> } = {
  accident: handleAccidents,
  accident_late: handleLateAccidents,
  rejected: handleRejected,
  state_severity_minute: handleMinutes,
  hotspot: handleHotspots,
  top_cities: handleTopCities,
  surge: handleSurges,
  tally: handleTallies,
}

/** Events of one type and feed, in their order in the batch. */
type Group = { type: EventType; feed: string; events: Envelope[] }

/**
 * Handles the records of a shard: decodes them, puts aside what is no event, and gives each handler its events together,
 * so that a batch costs a few round trips however many records it has.
 */
export async function handleBatch(
  batch: ShardBatch,
  context: HandlerContext & { unknownTypes: UnknownTypes },
): Promise<void> {
  const { metrics } = context
  const groups = new Map<string, Group>()
  const undecodable: DeadLetter[] = []
  let skipped = 0

  for (const record of batch.records) {
    const decoded = decode(record)
    if ('fault' in decoded) {
      undecodable.push(toDeadLetter(batch, record, decoded.fault))
    } else if ('unknownType' in decoded) {
      context.unknownTypes.note(decoded.unknownType)
      skipped++
    } else {
      const { envelope } = decoded
      const key = `${envelope.type}|${envelope.feed}`
      const group = groups.get(key)
      if (group === undefined) {
        groups.set(key, { type: envelope.type, feed: envelope.feed, events: [envelope] })
      } else group.events.push(envelope)
    }
  }

  const effects = [...groups.values()].map((group) => handleGroup(context, group))
  if (undecodable.length > 0) effects.push(context.deadLetters.put(undecodable))
  await Promise.all(effects)

  const records = metrics.counter('consumer_records_total')
  for (const { type, feed, events } of groups.values()) {
    records.inc({ feed_kind: feedKindOf(feed), type, result: 'handled' }, events.length)
  }
  if (skipped > 0) records.inc({ type: 'unknown', result: 'skipped' }, skipped)
  if (undecodable.length > 0) {
    records.inc({ type: 'unknown', result: 'undecodable' }, undecodable.length)
    // Without the reasons: what a parser says of a text repeats some of it.
    context.log.warn(
      {
        shard: batch.shardId,
        epoch: batch.epoch,
        records: undecodable.length,
        sequenceNumber: undecodable[0]?.sequenceNumber,
      },
      'records cannot be decoded',
    )
    metrics.counter('dead_letters_total').inc({ origin: 'handler' }, undecodable.length)
  }
}

function decode(record: KinesisRecord): ReturnType<typeof decodeEnvelope> {
  const decoded = decodeEnvelope(record.data)
  if (!('envelope' in decoded)) return decoded
  const { type, payload } = decoded.envelope
  const needsReceipt = type === 'accident' || type === 'accident_late'
  if (needsReceipt && payload.seq > MAX_SEQ) return { fault: `seq ${payload.seq} is beyond ${MAX_SEQ}` }
  return decoded
}

function handleGroup(context: HandlerContext, group: Group): Promise<void> {
  // A group's events are all of its type, which the compiler cannot follow through the map.
  const handler = HANDLERS[group.type] as EventHandler<EventType>
  return handler(context, group.feed, group.events)
}

function toDeadLetter(batch: ShardBatch, record: KinesisRecord, reason: string): DeadLetter {
  return {
    origin: 'handler',
    reason,
    bytes: record.data,
    shardId: batch.shardId,
    sequenceNumber: record.sequenceNumber,
    epoch: batch.epoch,
    ...(record.subSequenceNumber === undefined ? {} : { subSequenceNumber: record.subSequenceNumber }),
  }
}
