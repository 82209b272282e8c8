import type { Redis } from 'ioredis'
import { RoadpulseError } from '../errors.ts'
import type { EnvelopeOf } from '../events/envelope.ts'
import {
  accidentsKey,
  hotspotsKey,
  minuteIndexKey,
  minuteKey,
  receiptKey,
  receivedFeedsKey,
  receivedKey,
  rejectedIdsKey,
  rejectedKey,
  stateTotalsKey,
  surgeAreasKey,
  surgeEndsKey,
  surgesKey,
  tallyKey,
  topCitiesKey,
} from '../redis/keys.ts'
import { loadScript, type Script } from '../redis/load-script.ts'

const DAY_SECONDS = 86_400
/** What is known of a feed goes so long after its last event. */
const FEED_TTL_SECONDS = 7 * DAY_SECONDS
const MAX_ACCIDENTS_LISTED = 2_000
const MAX_REJECTED_LISTED = 200
const MAX_REJECTED_IDS = 100_000
const MAX_SURGES_ENDED = 100
const MAX_SURGE_AREAS = 1_000
/** The start of a rejected record that is kept for display, in base64: 1 KiB of its bytes. */
const REJECTED_BASE64_CHARACTERS = 1_368
/** Redis does nothing else while a script runs: so many events take it about 2 ms. */
const EVENTS_PER_CALL = 500
const MINUTE_MS = 60_000
const FEED_NOTED_EVERY_MS = 1_000

/** A receipt is a bit: this seq is the last of a bitmap of 32 MiB, far beyond the dataset's rows. */
export const MAX_SEQ = 2 ** 28 - 1

/**
 * Applies the effects of events to what Redis knows of a feed. Each call is idempotent: an event has its effect once.
 * A call rejects with `STORE_UNAVAILABLE`; then some of its events may have had their effect: repeat all of them.
 */
export type InsightStore = {
  /** Their seqs must not exceed `MAX_SEQ`. */
  applyAccidents<T extends 'accident' | 'accident_late'>(
    feed: string,
    type: T,
    events: readonly EnvelopeOf<T>[],
  ): Promise<void>
  applyRejected(feed: string, events: readonly EnvelopeOf<'rejected'>[]): Promise<void>
  applyMinutes(feed: string, events: readonly EnvelopeOf<'state_severity_minute'>[]): Promise<void>
  applyHotspots(feed: string, events: readonly EnvelopeOf<'hotspot'>[]): Promise<void>
  applyTopCities(feed: string, events: readonly EnvelopeOf<'top_cities'>[]): Promise<void>
  applySurges(feed: string, events: readonly EnvelopeOf<'surge'>[]): Promise<void>
  applyTallies(feed: string, events: readonly EnvelopeOf<'tally'>[]): Promise<void>
}

const script = (name: string) => loadScript(new URL(`./scripts/${name}.lua`, import.meta.url))
const APPLY_ACCIDENTS = script('apply-accidents')
const APPLY_REJECTED = script('apply-rejected')
const APPLY_MINUTES = script('apply-minutes')
const APPLY_RANKS = script('apply-ranks')
const APPLY_SURGES = script('apply-surges')
const APPLY_TALLY = script('apply-tally')

export function createInsightStore(redis: Redis): InsightStore {
  const notedAt = new Map<string, number>()

  async function noteFeed(feed: string): Promise<void> {
    const now = Date.now()
    if (now - (notedAt.get(feed) ?? 0) < FEED_NOTED_EVERY_MS) return
    notedAt.set(feed, now)
    await redis.zadd(receivedFeedsKey(), now, feed)
    await redis.zremrangebyscore(receivedFeedsKey(), 0, now - FEED_TTL_SECONDS * 1_000)
  }

  /** One call for each 500 events, all under way at once. */
  async function apply<Event>(
    feed: string,
    events: readonly Event[],
    call: (chunk: readonly Event[]) => Promise<unknown>,
  ): Promise<void> {
    const calls = [noteFeed(feed)]
    for (let i = 0; i < events.length; i += EVENTS_PER_CALL) {
      calls.push(call(events.slice(i, i + EVENTS_PER_CALL)).then(() => undefined))
    }
    try {
      await Promise.all(calls)
    } catch (error) {
      throw new RoadpulseError('STORE_UNAVAILABLE', 'insights cannot be written to Redis', error)
    }
  }

  return {
    applyAccidents: (feed, type, events) =>
      apply(feed, events, (chunk) => {
        const minutes = new MinuteKeys(feed)
        const args = chunk.flatMap(({ id, event_time, payload }) => {
          const minute = event_time - (event_time % MINUTE_MS)
          const json = JSON.stringify({ id, eventTime: event_time, ...payload })
          return [payload.seq, minutes.numberOf(minute), minute, payload.state, payload.severity, json]
        })
        return APPLY_ACCIDENTS.run(
          redis,
          [
            receiptKey(feed, type),
            receivedKey(feed),
            stateTotalsKey(feed),
            accidentsKey(feed),
            minuteIndexKey(feed),
            ...minutes.keys,
          ],
          [type, FEED_TTL_SECONDS, MAX_ACCIDENTS_LISTED, ...args],
        )
      }),

    applyRejected: (feed, events) =>
      apply(feed, events, (chunk) => {
        const args = chunk.flatMap(({ id, event_time, payload }) => {
          const { seq } = payload
          const start = payload.bytes_base64.slice(0, REJECTED_BASE64_CHARACTERS)
          const json = JSON.stringify({ id, eventTime: event_time, ...payload, bytes_base64: start })
          return [seq === undefined || seq > MAX_SEQ ? '' : seq, id, json]
        })
        return APPLY_REJECTED.run(
          redis,
          [receiptKey(feed, 'rejected'), rejectedIdsKey(feed), receivedKey(feed), rejectedKey(feed)],
          [FEED_TTL_SECONDS, MAX_REJECTED_LISTED, MAX_REJECTED_IDS, ...args],
        )
      }),

    applyMinutes: (feed, events) =>
      apply(feed, events, (chunk) => {
        const minutes = new MinuteKeys(feed)
        const args = chunk.flatMap(({ window_start: minute, payload }) => {
          return [minutes.numberOf(minute), minute, payload.state, payload.severity, payload.count]
        })
        return APPLY_MINUTES.run(
          redis,
          [receivedKey(feed), minuteIndexKey(feed), ...minutes.keys],
          [FEED_TTL_SECONDS, ...args],
        )
      }),

    applyHotspots: (feed, events) =>
      apply(feed, events, (chunk) =>
        runRanks(redis, hotspotsKey(feed), chunk, ({ payload }) => `${payload.rank}`),
      ),

    applyTopCities: (feed, events) =>
      apply(feed, events, (chunk) =>
        runRanks(redis, topCitiesKey(feed), chunk, ({ payload }) => `${payload.level}|${payload.rank}`),
      ),

    applySurges: (feed, events) =>
      apply(feed, events, (chunk) => {
        const args = chunk.flatMap(({ window_start, window_end, payload }) => {
          const endedAt = payload.phase === 'ended' ? payload.ended_at : ''
          const json = JSON.stringify({ windowStart: window_start, windowEnd: window_end, ...payload })
          return [`${payload.area_kind}|${payload.area}`, payload.started_at, endedAt, json]
        })
        return APPLY_SURGES.run(
          redis,
          [surgesKey(feed), surgeEndsKey(feed), surgeAreasKey(feed)],
          [FEED_TTL_SECONDS, MAX_SURGES_ENDED, MAX_SURGE_AREAS, ...args],
        )
      }),

    applyTallies: (feed, events) =>
      apply(feed, events, (chunk) =>
        Promise.all(chunk.map((event) => runTally(APPLY_TALLY, redis, feed, event))),
      ),
  }
}

function runRanks<Event extends EnvelopeOf<'hotspot'> | EnvelopeOf<'top_cities'>>(
  redis: Redis,
  key: string,
  events: readonly Event[],
  fieldOf: (event: Event) => string,
) {
  const args = events.flatMap((event) => [
    event.window_start,
    event.window_end,
    fieldOf(event),
    JSON.stringify(event.payload),
  ])
  return APPLY_RANKS.run(redis, [key], [FEED_TTL_SECONDS, ...args])
}

function runTally(script: Script, redis: Redis, feed: string, { payload }: EnvelopeOf<'tally'>) {
  return script.run(
    redis,
    [tallyKey(feed)],
    [FEED_TTL_SECONDS, payload.counts.in, payload.watermark, JSON.stringify(payload)],
  )
}

/** A script is told all of its keys beforehand: the hashes of the minutes that a chunk touches, each once. */
class MinuteKeys {
  readonly keys: string[] = []
  readonly #feed: string
  readonly #numbers = new Map<number, number>()

  constructor(feed: string) {
    this.#feed = feed
  }

  /** The position of the minute's key among `keys`, from 1. */
  numberOf(minute: number): number {
    const known = this.#numbers.get(minute)
    if (known !== undefined) return known
    const number = this.keys.push(minuteKey(this.#feed, minute))
    this.#numbers.set(minute, number)
    return number
  }
}
