import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { createAccessControl } from '../../api/access/access-control.ts'
import { parseAccessTokens } from '../../api/access/access-tokens.ts'
import { createSessionCookie } from '../../api/access/session-cookie.ts'
import type { SessionStore } from '../../api/access/session-store.ts'
import { buildApp } from '../../api/app.ts'
import type { DeadLetterService } from '../../api/dead-letters/dead-letter-service.ts'
import { describeFleet } from '../../api/fleet/fleet.ts'
import { AccidentRing } from '../../api/live/accident-ring.ts'
import { createEventHub, type EventHub } from '../../api/live/event-hub.ts'
import type { Snapshots } from '../../api/live/snapshot-loop.ts'
import type { Snapshot } from '../../api/live/snapshot-reader.ts'
import type { RequestLimits } from '../../api/plugins/request-limits.ts'
import { Problem } from '../../api/problems.ts'
import type { ReplayService } from '../../api/replays/replay-service.ts'
import type { IncidentBoard } from '../../api/watchdog/incident-board.ts'
import type { IncidentReader } from '../../api/watchdog/incident-reader.ts'
import type { Feed } from '../../lib/feeds/feed.ts'
import type { InsightReader, ReceivedAccident } from '../../lib/insights/insight-reader.ts'
import { createLog } from '../../lib/process/log.ts'
import { createMetrics, type Metrics } from '../../lib/process/metrics/metrics.ts'
import type { Readiness } from '../../lib/process/probes.ts'
import { accident } from './envelopes.ts'
import { createMemorySessions } from './memory-sessions.ts'

export const NOW = Date.UTC(2026, 10, 23, 12, 0, 30)

export const LIVE_FEED: Feed = {
  name: 'live-3',
  kind: 'live',
  state: 'running',
  createdAt: NOW - 60_000,
  source: { kind: 'csv', bucket: 'source', key: 'a.csv', etag: 'e', bytes: 1_000 },
  pace: { kind: 'rate', rowsPerSecond: 50 },
  repeat: false,
}

/** A consumer that has received nothing, apart from what a test says. */
export function fakeInsights(changes: Partial<InsightReader> = {}): InsightReader {
  return {
    readTally: async () => undefined,
    readReceived: async () => ({ accident: 0, accidentLate: 0, rejected: 0, windowed: 0 }),
    readSeverityMinutes: async () => [],
    readStateTotals: async () => new Map(),
    readAccidents: async () => [],
    readRejected: async () => [],
    readHotspots: async () => undefined,
    readTopCities: async () => undefined,
    readSurges: async () => [],
    listReceivedFeeds: async () => [],
    ...changes,
  }
}

/** The accident of row `seq`, received as entry `<seq>-0` of its stream. */
export function receivedAccident(seq: number, feed = 'live-3'): ReceivedAccident {
  const { id, event_time: eventTime, payload } = accident(seq, { feed })
  return { ...payload, id, eventTime, late: false, streamId: `${seq}-0` }
}

export function fakeSnapshot(accidents: readonly ReceivedAccident[] = [], feed = 'live-3'): Snapshot {
  const ring = new AccidentRing(feed)
  ring.append(accidents)
  const asOf = new Date(NOW).toISOString()
  const severity = { feed, asOf, watermark: null, from: asOf, to: asOf, minutes: [], states: [], total: 0 }
  const noWindow = { feed, windowStart: null, windowEnd: null }
  const hotspots = { ...noWindow, items: [] }
  const cities = { ...noWindow, cities: [], counties: [] }
  const surges = { feed, open: [], ended: [] }
  return {
    at: NOW,
    fleet: describeFleet([], [], NOW),
    pipeline: { asOf, rebuiltSince: null, feeds: [] },
    replays: [],
    incidents: NO_INCIDENTS,
    live: { severity, hotspots, cities, surges, rejections: [], accidents: ring },
  }
}

const NO_INCIDENTS: IncidentBoard = {
  open: [],
  recent: [],
  telling: { state: 'off', since: null, detail: null },
}

/** Snapshots that come when the test says so. */
export class FakeSnapshots implements Snapshots {
  #latest: Snapshot | undefined
  readonly #subscribers = new Set<(snapshot: Snapshot) => void>()

  constructor(latest?: Snapshot) {
    this.#latest = latest
  }

  latest(): Snapshot | undefined {
    return this.#latest
  }

  subscribe(onSnapshot: (snapshot: Snapshot) => void): () => void {
    this.#subscribers.add(onSnapshot)
    return () => this.#subscribers.delete(onSnapshot)
  }

  publish(snapshot: Snapshot): void {
    this.#latest = snapshot
    for (const onSnapshot of this.#subscribers) onSnapshot(snapshot)
  }
}

const absent = () => Promise.reject(new Problem('REPLAY_NOT_FOUND', 'none'))
const noLetters: DeadLetterService = {
  list: async () => ({ items: [], nextCursor: null }),
  get: () => Promise.reject(new Problem('NOT_FOUND', 'none')),
  recover: () => Promise.reject(new Problem('NOT_FOUND', 'none')),
}
const noReplays: ReplayService = {
  create: absent,
  estimate: absent,
  list: async () => ({ items: [], nextCursor: null }),
  get: absent,
  act: absent,
  setPace: absent,
}

export type FakeParts = {
  readiness?: Readiness | (() => Promise<Readiness>)
  insights?: InsightReader
  replays?: Partial<ReplayService>
  deadLetters?: Partial<DeadLetterService>
  snapshots?: Snapshots
  hub?: EventHub
  metrics?: Metrics
  log?: ReturnType<typeof createLog>
  incidents?: Partial<IncidentReader>
  board?: IncidentBoard
  /** API_TOKENS; without it the app is open, as on loopback. */
  tokens?: string
  sessions?: SessionStore
  isLocal?: boolean
  limits?: Partial<RequestLimits>
  trustedProxies?: string
}

/** The app over fakes; `live` and `live-3` are the one feed that there is. */
export async function buildFakeApp(t: Test, parts: FakeParts = {}): Promise<FastifyInstance> {
  const snapshots = parts.snapshots ?? new FakeSnapshots(fakeSnapshot())
  const { readiness = { status: 'ok', checks: {} } } = parts
  const hub = parts.hub ?? createEventHub(snapshots, { maxClients: 500 })
  const app = await buildApp({
    log: parts.log ?? createLog({ name: 'api', level: 'silent', workerId: 'test' }),
    metrics: parts.metrics ?? createMetrics('api', '0'),
    access: createAccessControl({
      tokens: parseAccessTokens(parts.tokens),
      sessions: parts.sessions ?? createMemorySessions(),
      cookie: createSessionCookie({ isSecure: parts.isLocal === false }),
    }),
    limits: { requestsPerMinute: 1_000_000, ...parts.limits },
    isLocal: parts.isLocal ?? true,
    ...(parts.trustedProxies === undefined ? {} : { trustedProxies: parts.trustedProxies }),
    readiness: typeof readiness === 'function' ? readiness : async () => readiness,
    feeds: { get: async (name) => (name === 'live' || name === 'live-3' ? LIVE_FEED : undefined) },
    insights: parts.insights ?? fakeInsights(),
    replays: { ...noReplays, ...parts.replays },
    deadLetters: { ...noLetters, ...parts.deadLetters },
    snapshots,
    hub,
    incidents: {
      readBoard: async () => ({ open: [], recent: [], passedAt: undefined }),
      list: async () => ({ items: [], nextCursor: null }),
      ...parts.incidents,
    },
    boards: { latest: () => parts.board ?? NO_INCIDENTS },
  })
  t.teardown(async () => {
    hub.close()
    await app.close()
  })
  return app
}
