import type { Redis } from 'ioredis'
import { drawAccident } from '../../deploy/local/generator/accident.ts'
import { surgeAt } from '../../deploy/local/generator/plant.ts'
import { randomAt } from '../../deploy/local/generator/random.ts'
import type { Accident } from '../../lib/events/accident.ts'
import type { TopCity } from '../../lib/events/aggregates.ts'
import type { EnvelopeOf, TallyCounts } from '../../lib/events/envelope.ts'
import { type FeedCounts, type FeedPlan, NO_COUNTS } from '../../lib/feeds/feed.ts'
import { createFeedStore } from '../../lib/feeds/feed-store.ts'
import { createInsightStore } from '../../lib/insights/insight-store.ts'
import { createLeaseStore, type Lease } from '../../lib/kinesis/lease-store.ts'
import { startHeartbeat } from '../../lib/process/heartbeat.ts'
import { createLog } from '../../lib/process/log.ts'
import { accident, hotspot, minuteWindow, rejected, surge, tally, topCity } from './envelopes.ts'

const SEED = 7
const MINUTE_MS = 60_000
/** How far Flink's watermark is behind the present with the default B. */
const WATERMARK_BEHIND_MS = 31_000
const LEASE_TTL_MS = 60_000
const SHARDS = ['0', '1', '2', '3'].map((n) => `shardId-00000000000${n}`)
const REASONS = ['severity_out_of_range', 'latitude_out_of_range', 'end_before_start', 'not JSON'] as const

const PLAN: FeedPlan = {
  source: { kind: 'csv', bucket: 'source', key: 'demo.csv', etag: 'simulated', bytes: 1_000 },
  pace: { kind: 'rate', rowsPerSecond: 50 },
  repeat: false,
}

/**
 * What producer, Flink and consumer leave in Redis, without them: rows of the generator go through the same stores and
 * are counted by the same names. For tests of what only reads Redis.
 */
export class SimulatedPipeline {
  readonly #redis: Redis
  readonly #feeds
  readonly #insights
  readonly #producer: FeedCounts = { ...NO_COUNTS }
  readonly #flink: TallyCounts = {
    in: 0,
    resent: 0,
    rejected: 0,
    valid: 0,
    repeated: 0,
    unique: 0,
    on_time: 0,
    late: 0,
  }
  /** On time, by minute, state and severity, until the minute is closed. */
  readonly #open = new Map<number, Map<string, number>>()
  /** On time since the feed began, by city and state: there is no shorter window here. */
  readonly #places = new Map<string, SimulatedPlace>()
  #hasSurge = false
  #feed = ''
  #epoch = 0
  #stops: (() => Promise<void>)[] = []

  constructor(redis: Redis) {
    this.#redis = redis
    this.#feeds = createFeedStore({ redis })
    this.#insights = createInsightStore(redis)
  }

  get accidentsOnTime(): number {
    return this.#flink.on_time
  }

  async begin(): Promise<void> {
    const feed = await this.#feeds.ensureLive(PLAN)
    const claim = await this.#feeds.claim(feed.name, 0, 1_000)
    this.#feed = feed.name
    this.#epoch = claim?.epoch ?? 0
  }

  /** Sends the next rows all the way, as of the moment `at`. */
  async pass(rows: number, at: number): Promise<void> {
    const onTime: EnvelopeOf<'accident'>[] = []
    const late: EnvelopeOf<'accident_late'>[] = []
    const refusedByFlink: EnvelopeOf<'rejected'>[] = []
    for (let i = 0; i < rows; i++) {
      const seq = ++this.#producer.read
      const chance = randomAt(SEED, seq, 91).next()
      if (chance < 0.004) {
        this.#producer.refused++
        continue
      }
      this.#producer.emitted++
      this.#flink.in++
      const outcome = this.#classify(chance)
      if (outcome === 'rejected') refusedByFlink.push(this.#reject(seq, at))
      else if (outcome === 'late') late.push(this.#accident(seq, at - 90_000, 'accident_late'))
      else if (outcome === 'on_time') onTime.push(this.#accident(seq, at, 'accident'))
    }
    await this.#feeds.advance(this.#feed, 0, this.#epoch, {
      position: { offset: this.#producer.read, line: this.#producer.read + 1, seq: this.#producer.read },
      reserved: this.#producer.read + 1_000,
      bytes: this.#producer.read,
      counts: this.#producer,
    })
    await this.#insights.applyAccidents(this.#feed, 'accident', onTime)
    await this.#insights.applyAccidents(this.#feed, 'accident_late', late)
    await this.#insights.applyRejected(this.#feed, refusedByFlink)
    await this.#count(at - WATERMARK_BEHIND_MS)
  }

  /** Ends the feed, and closes all of its minutes. */
  async finish(): Promise<void> {
    const feed = await this.#feeds.get(this.#feed)
    if (feed !== undefined) await this.#feeds.finish(feed, 0, this.#epoch, { kind: 'finished' })
    await this.#count(Date.now() + MINUTE_MS)
  }

  /** Two consumers that share four shards, a producer and the Firehose stand-in, each with its heartbeat. */
  async startWorkers(): Promise<void> {
    const leases = createLeaseStore({ redis: this.#redis, application: 'roadpulse-consumer' })
    await leases.bindStream('processed')
    await leases.create(SHARDS.map((shardId) => ({ shardId, parents: [], checkpoint: 'TRIM_HORIZON' })))
    const first = await leases.acquire('consumer-1', [], LEASE_TTL_MS)
    const held = new Map<string, Lease[]>([['consumer-1', first.acquired]])
    const counters = () => ({ records: this.#flink.in })
    this.#beat('producer-1', 'producer', { holds: ['live'], lagMs: 40, progress: counters })
    this.#beat('consumer-1', 'consumer', {
      holds: first.acquired.map(({ shardId }) => shardId),
      lagMs: 310,
      progress: counters,
    })
    this.#beat('firehose-1', 'firehose', { holds: ['raw'], lagMs: 1_900, progress: counters })
    const timer = setInterval(() => void this.#renew(leases, held), 1_000)
    this.#stops.push(async () => clearInterval(timer))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()))
  }

  #beat(
    id: string,
    kind: string,
    report: { holds: string[]; lagMs: number; progress: () => Record<string, number> },
  ): void {
    const log = createLog({ name: kind, level: 'silent', workerId: id })
    const heartbeat = startHeartbeat({
      redis: this.#redis,
      id,
      kind,
      log,
      report: () => ({ holds: report.holds, lagMs: report.lagMs, progress: report.progress() }),
    })
    this.#stops.push(() => heartbeat.stop())
  }

  async #renew(leases: ReturnType<typeof createLeaseStore>, held: Map<string, Lease[]>): Promise<void> {
    for (const [worker, owned] of held) {
      const marks = owned.map((lease) => ({ ...lease, sequenceNumber: String(Date.now()) }))
      const lags = owned.map((lease, i) => ({ ...lease, lagMs: 180 + 130 * i, bytesPerSecond: 4_000 }))
      await leases.renew(worker, lags, { ttlMs: LEASE_TTL_MS, isLeaving: false, utilization: 0.2 })
      await leases.checkpoint(worker, marks)
    }
  }

  #classify(chance: number): 'rejected' | 'repeated' | 'late' | 'on_time' {
    if (chance < 0.01) {
      this.#flink.rejected++
      return 'rejected'
    }
    this.#flink.valid++
    if (chance < 0.13) {
      this.#flink.repeated++
      return 'repeated'
    }
    this.#flink.unique++
    const outcome = chance < 0.14 ? 'late' : 'on_time'
    this.#flink[outcome]++
    return outcome
  }

  #accident<T extends 'accident' | 'accident_late'>(seq: number, eventTime: number, type: T): EnvelopeOf<T> {
    const payload = drawPayload(seq)
    if (type === 'accident') {
      const minute = Math.floor(eventTime / MINUTE_MS) * MINUTE_MS
      const cells = this.#open.get(minute) ?? new Map<string, number>()
      const cell = `${payload.state}|${payload.severity}`
      this.#open.set(minute, cells.set(cell, (cells.get(cell) ?? 0) + 1))
      this.#notePlace(payload)
    }
    const emittedAt = Date.now() - 400 - (seq % 900)
    return accident(seq, { feed: this.#feed, eventTime, type, ...payload, row_emitted_at: emittedAt })
  }

  #notePlace({ city: name = '', state, lat = 0, lng = 0, severity }: ReturnType<typeof drawPayload>): void {
    const place = this.#places.get(`${name}|${state}`) ?? { name, state, lat, lng, count: 0, weight: 0 }
    place.count++
    place.weight += severity
    this.#places.set(`${name}|${state}`, place)
  }

  #reject(seq: number, at: number): EnvelopeOf<'rejected'> {
    const record = JSON.stringify({ feed: this.#feed, seq, severity: 9, id: `A-${seq}`, state: 'CA' })
    const envelope = rejected(seq, `rejected|${this.#feed}|${seq}`, { feed: this.#feed, eventTime: at })
    return {
      ...envelope,
      payload: {
        ...envelope.payload,
        reasons: [REASONS[seq % REASONS.length] ?? 'not JSON'],
        bytes_base64: Buffer.from(record).toString('base64'),
        arrived_at: at,
      },
    }
  }

  async #count(watermark: number): Promise<void> {
    for (const [minute, cells] of this.#open) {
      if (minute + MINUTE_MS > watermark) continue
      const windows = [...cells].map(([cell, count]) => {
        const [state = '', severity] = cell.split('|')
        return minuteWindow(count, { feed: this.#feed, state, severity: Number(severity), minute })
      })
      await this.#insights.applyMinutes(this.#feed, windows)
      this.#open.delete(minute)
    }
    await this.#rank(Math.floor(watermark / MINUTE_MS) * MINUTE_MS)
    await this.#insights.applyTallies(this.#feed, [tally(this.#flink, { feed: this.#feed, watermark })])
  }

  /** The first places as hotspots and top cities, and the very first state as the one with a surge. */
  async #rank(windowEnd: number): Promise<void> {
    const feed = this.#feed
    const places = [...this.#places.values()]
    const hotspots = places.sort((a, b) => b.weight - a.weight).slice(0, 20)
    const cities = places.toSorted((a, b) => b.count - a.count).slice(0, 10)
    await this.#insights.applyHotspots(
      feed,
      hotspots.map(({ lat, lng, count, weight }, i) =>
        hotspot(i + 1, { feed, windowEnd, lat, lng, count, weight }),
      ),
    )
    await this.#insights.applyTopCities(
      feed,
      cities.map(({ name, state, count, weight }, i) =>
        topCity(i + 1, { feed, windowEnd, name, state, count, weight }),
      ),
    )
    const [first] = cities
    if (first === undefined || this.#hasSurge) return
    this.#hasSurge = true
    await this.#insights.applySurges(feed, [surge(first.state, { feed, startedAt: windowEnd })])
  }
}

type SimulatedPlace = Pick<TopCity, 'name' | 'state' | 'count' | 'weight'> & { lat: number; lng: number }

function drawPayload(seq: number): Partial<Accident> & Pick<Accident, 'state' | 'severity'> {
  const surge = surgeAt({ seed: SEED, rate: 15 }, seq)
  const drawn = drawAccident(randomAt(SEED, seq, 3), seq, randomAt(SEED, Math.floor(seq / 5_000), 4), surge)
  return {
    severity: Number(drawn.severity),
    state: drawn.place.state,
    city: drawn.place.city,
    street: drawn.street.trim(),
    lat: Number(drawn.lat),
    lng: Number(drawn.lng),
    description: drawn.description.replaceAll('"', ''),
    start_time: new Date(drawn.startMs).toISOString().slice(0, 19),
  }
}
