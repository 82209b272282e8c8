import type { Redis } from 'ioredis'
import type { Accident } from '../events/accident.ts'
import type { Hotspot, Surge, TopCity } from '../events/aggregates.ts'
import type { Rejected, Tally } from '../events/envelope.ts'
import {
  accidentsKey,
  hotspotsKey,
  minuteIndexKey,
  minuteKey,
  receivedFeedsKey,
  receivedKey,
  rejectedKey,
  stateTotalsKey,
  surgesKey,
  tallyKey,
  topCitiesKey,
} from '../redis/keys.ts'

/** What the consumer has received of a feed, each event counted once. */
export type Received = { accident: number; accidentLate: number; rejected: number; windowed: number }

export type Severity = Accident['severity']

/** The accidents of one minute. `minute` is the epoch ms of its start. */
export type SeverityMinute = {
  minute: number
  /** Some of it is still counted as accidents come: Flink has not closed all of its windows. */
  isProvisional: boolean
  bySeverity: Map<Severity, number>
  byState: Map<string, number>
  cells: { state: string; severity: Severity; count: number }[]
}

/** `eventTime`: epoch ms on the replay's clock. `streamId` orders them as they were received. */
export type ReceivedAccident = Accident & { streamId: string; id: string; eventTime: number; late: boolean }

/** `bytes_base64` is cut to the first KiB of the record; all of it is in the dead letters. */
export type ReceivedRejected = Rejected & { streamId: string; id: string; eventTime: number }

/** Bounds in epoch ms, the end exclusive. */
export type Window = { windowStart: number; windowEnd: number }

/** What of a ranking has been received of its newest window, by rank. */
export type Ranking<Item> = Window & { items: Item[] }

/** The window is the five minutes that decided. */
export type ReceivedSurge = Window & Surge

/** Reads what the insight store wrote. Feeds that nothing was received of read as empty. */
export type InsightReader = {
  readTally(feed: string): Promise<Tally | undefined>
  readReceived(feed: string): Promise<Received>
  /** The minutes that start in [from, to), epoch ms, oldest first; minutes without accidents are left out. */
  readSeverityMinutes(feed: string, from: number, to: number): Promise<SeverityMinute[]>
  /** Accidents on time since the feed began, by state. */
  readStateTotals(feed: string): Promise<Map<string, number>>
  /** With `after`: the first `limit` after that stream id. Without: the last `limit`. Oldest first either way. */
  readAccidents(feed: string, range: { after?: string; limit: number }): Promise<ReceivedAccident[]>
  /** The last `limit`, oldest first. */
  readRejected(feed: string, limit: number): Promise<ReceivedRejected[]>
  /** Undefined before the first window. */
  readHotspots(feed: string): Promise<Ranking<Hotspot> | undefined>
  /** Cities and counties, each by rank. Undefined before the first window. */
  readTopCities(feed: string): Promise<Ranking<TopCity> | undefined>
  /** All that are open, and the last 100 that are over; newest start first. */
  readSurges(feed: string): Promise<ReceivedSurge[]>
  /** The feeds of the last 7 days, newest event first. */
  listReceivedFeeds(): Promise<string[]>
}

export function createInsightReader(redis: Redis): InsightReader {
  return {
    async readTally(feed) {
      const json = await redis.hget(tallyKey(feed), 'json')
      return json === null ? undefined : (JSON.parse(json) as Tally)
    },

    async readReceived(feed) {
      const counts = await redis.hgetall(receivedKey(feed))
      return {
        accident: Number(counts.accident ?? 0),
        accidentLate: Number(counts.accident_late ?? 0),
        rejected: Number(counts.rejected ?? 0),
        windowed: Number(counts.windowed ?? 0),
      }
    },

    async readSeverityMinutes(feed, from, to) {
      const minutes = await redis.zrangebyscore(minuteIndexKey(feed), from, `(${to}`)
      const hashes = await Promise.all(
        minutes.map((minute) => redis.hgetall(minuteKey(feed, Number(minute)))),
      )
      return minutes.map((minute, i) => toSeverityMinute(Number(minute), hashes[i] ?? {}))
    },

    async readStateTotals(feed) {
      const totals = await redis.hgetall(stateTotalsKey(feed))
      return new Map(Object.entries(totals).map(([state, count]) => [state, Number(count)]))
    },

    async readAccidents(feed, { after, limit }) {
      const entries =
        after === undefined
          ? (await redis.xrevrange(accidentsKey(feed), '+', '-', 'COUNT', limit)).toReversed()
          : await redis.xrange(accidentsKey(feed), `(${after}`, '+', 'COUNT', limit)
      return entries.map(([streamId, fields]) => ({
        ...(JSON.parse(fieldOf(fields, 'json') ?? '{}') as Omit<ReceivedAccident, 'streamId' | 'late'>),
        streamId,
        late: fieldOf(fields, 'late') === '1',
      }))
    },

    async readRejected(feed, limit) {
      const entries = await redis.xrevrange(rejectedKey(feed), '+', '-', 'COUNT', limit)
      return entries.toReversed().map(([streamId, fields]) => ({
        ...(JSON.parse(fieldOf(fields, 'json') ?? '{}') as Omit<ReceivedRejected, 'streamId'>),
        streamId,
      }))
    },

    readHotspots: async (feed) => toRanking<Hotspot>(await redis.hgetall(hotspotsKey(feed))),

    readTopCities: async (feed) => toRanking<TopCity>(await redis.hgetall(topCitiesKey(feed))),

    async readSurges(feed) {
      const surges = (await redis.hvals(surgesKey(feed))).map((json) => JSON.parse(json) as ReceivedSurge)
      return surges.sort((a, b) => b.started_at - a.started_at || a.area.localeCompare(b.area))
    },

    listReceivedFeeds: () => redis.zrevrange(receivedFeedsKey(), 0, -1),
  }
}

/** `hash` is that of a minute. A cell's final count replaces the one that was counted as accidents came. */
function toSeverityMinute(minute: number, hash: Record<string, string>): SeverityMinute {
  const counts = new Map<string, number>()
  let isProvisional = false
  for (const [field, count] of Object.entries(hash)) {
    const [kind, cell = ''] = field.split(':')
    if (kind === 'open' && hash[`final:${cell}`] !== undefined) continue
    if (kind === 'open') isProvisional = true
    counts.set(cell, Number(count))
  }
  const bySeverity = new Map<Severity, number>()
  const byState = new Map<string, number>()
  const cells = [...counts].map(([cell, count]) => {
    const [state = '', severity] = cell.split('|')
    return { state, severity: Number(severity), count }
  })
  for (const { state, severity, count } of cells) {
    bySeverity.set(severity, (bySeverity.get(severity) ?? 0) + count)
    byState.set(state, (byState.get(state) ?? 0) + count)
  }
  return { minute, isProvisional, bySeverity, byState, cells }
}

function toRanking<Item extends { rank: number }>(hash: Record<string, string>): Ranking<Item> | undefined {
  const { window_start: windowStart, window_end: windowEnd, ...ranks } = hash
  if (windowStart === undefined) return undefined
  const items = Object.values(ranks).map((json) => JSON.parse(json) as Item)
  return {
    windowStart: Number(windowStart),
    windowEnd: Number(windowEnd),
    items: items.sort((a, b) => a.rank - b.rank),
  }
}

/** Fields of a stream entry come as a flat list of names and values. */
function fieldOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.findIndex((field, i) => i % 2 === 0 && field === name)
  return at === -1 ? undefined : fields[at + 1]
}
