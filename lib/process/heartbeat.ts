import { hostname } from 'node:os'
import type { Redis } from 'ioredis'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { describeError } from '../errors.ts'
import { workerIndexKey, workerKey } from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'
import type { Log } from './log.ts'
import { VERSION } from './version.ts'

const BEAT_INTERVAL_MS = 1_000
/** A worker that vanished stays visible for an hour, so that somebody can be told. */
const KEEP_SECONDS = 3_600

const NOTE_HEARTBEAT = loadScript(new URL('./scripts/note-heartbeat.lua', import.meta.url))

export const WorkerState = Type.Union([
  Type.Literal('starting'),
  Type.Literal('running'),
  Type.Literal('draining'),
  Type.Literal('stopped'),
])

/** What a worker says of itself every second. `at` is its own clock, epoch ms. */
export const Heartbeat = Type.Object({
  id: Type.String(),
  kind: Type.String({ description: 'producer, consumer, api, firehose' }),
  state: WorkerState,
  since: Type.Integer({ description: 'epoch ms of its start' }),
  at: Type.Integer(),
  version: Type.String(),
  host: Type.String(),
  pid: Type.Integer(),
  probePort: Type.Optional(Type.Integer()),
  holds: Type.Array(Type.String(), { description: 'shards, ranges' }),
  progress: Type.Record(Type.String(), Type.Number(), { description: 'counters that only rise' }),
  lagMs: Type.Optional(Type.Number()),
  eventLoopUtilization: Type.Number(),
  rssMb: Type.Number(),
  lastError: Type.Optional(Type.Object({ at: Type.Integer(), message: Type.String() })),
})
export type Heartbeat = Static<typeof Heartbeat>
const heartbeatValidator = Compile(Heartbeat)

/** The part of a heartbeat that only the worker itself knows. */
export type WorkerReport = Pick<Heartbeat, 'holds' | 'progress'> &
  Partial<Pick<Heartbeat, 'lagMs' | 'lastError'>>

export type HeartbeatWriter = {
  /** Says goodbye: the last heartbeat has the state `stopped`. */
  stop(): Promise<void>
  setState(state: Heartbeat['state']): void
}

export function startHeartbeat(options: {
  redis: Redis
  id: string
  kind: string
  log: Log
  probePort?: number
  report: () => WorkerReport
}): HeartbeatWriter {
  const since = Date.now()
  let state: Heartbeat['state'] = 'running'
  let lastUtilization = performance.eventLoopUtilization()

  async function beat(): Promise<void> {
    const utilization = performance.eventLoopUtilization()
    const heartbeat: Heartbeat = {
      id: options.id,
      kind: options.kind,
      state,
      since,
      at: Date.now(),
      version: VERSION,
      host: hostname(),
      pid: process.pid,
      ...(options.probePort === undefined ? {} : { probePort: options.probePort }),
      eventLoopUtilization: performance.eventLoopUtilization(utilization, lastUtilization).utilization,
      rssMb: Math.round(process.memoryUsage.rss() / 1_048_576),
      ...options.report(),
    }
    lastUtilization = utilization
    await Promise.all([
      options.redis.set(workerKey(options.id), JSON.stringify(heartbeat), 'EX', KEEP_SECONDS),
      NOTE_HEARTBEAT.run(options.redis, [workerIndexKey()], [options.id, KEEP_SECONDS]),
    ])
  }

  const tick = () => {
    beat().catch((error: unknown) =>
      options.log.warn({ error: describeError(error) }, 'heartbeat not written'),
    )
  }
  tick()
  const timer = setInterval(tick, BEAT_INTERVAL_MS)
  return {
    setState(next) {
      state = next
    },
    async stop() {
      clearInterval(timer)
      state = 'stopped'
      await beat()
    },
  }
}

/** As it was received: `ageMs` ago, by the clock of the server, whatever that of the worker says. */
export type ReceivedHeartbeat = Heartbeat & { ageMs: number }

/** Every worker heard of in the last hour, newest heartbeat first. What does not read as a heartbeat is left out. */
export async function readHeartbeats(redis: Redis): Promise<ReceivedHeartbeat[]> {
  const [[seconds = 0, micros = 0], index] = await Promise.all([
    redis.time(),
    redis.zrevrange(workerIndexKey(), 0, -1, 'WITHSCORES'),
  ])
  if (index.length === 0) return []
  const now = seconds * 1_000 + micros / 1_000
  const ids = index.filter((_, i) => i % 2 === 0)
  const texts = await redis.mget(ids.map(workerKey))
  return texts.flatMap((text, i) => {
    if (text === null) return []
    const value: unknown = JSON.parse(text)
    const ageMs = Math.max(0, now - Number(index[2 * i + 1]))
    return heartbeatValidator.Check(value) ? [{ ...value, ageMs }] : []
  })
}
