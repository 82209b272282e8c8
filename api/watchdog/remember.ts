import type { ErrorWindow, FeedMemory, Memory, WorkerMemory } from './memory.ts'
import { type Observation, type ObservedFeed, WORKER_KINDS, type WorkerKind } from './observation.ts'

/** Five heartbeats missed. */
const SILENT_MS = 5_000
/** Errors that are not further apart belong together. */
const ERROR_GAP_MS = 15_000
const ERROR_WINDOW_MS = 60_000
const DEATHS_KEPT_MS = 300_000
const DEATHS_KEPT = 20
const FEED_FORGOTTEN_AFTER_END_MS = 600_000

export const downKey = (kind: string) => `down.${kind}`

/**
 * Takes one observation into the memory: what has changed since the last one, by our own time. No clock of a worker is
 * compared with anything but its own earlier value.
 */
export function remember(memory: Memory, observation: Observation, now: number): Memory {
  const workers = rememberWorkers(memory, observation)
  return {
    ...memory,
    workers,
    deaths: rememberDeaths(memory, workers),
    shards: rememberShards(memory, observation),
    ...rememberFeeds(memory, observation, now),
  }
}

type Heartbeat = Observation['heartbeats'][number]

function rememberWorkers(memory: Memory, { heartbeats }: Observation): Memory['workers'] {
  const heard = heartbeats.map((beat) => [beat.id, rememberWorker(memory, beat)] as const)
  const ids = new Set(heartbeats.map(({ id }) => id))
  // The heartbeat of a worker that is gone expires; the worker is remembered for as long as its end is an incident.
  const missing = Object.entries(memory.workers).flatMap(([id, worker]) => {
    if (ids.has(id) || !worker.isSeenAlive || worker.state === 'stopped') return []
    return [[id, noticeSilence(worker, memory.time)] as const]
  })
  return Object.fromEntries([...missing, ...heard].map(([id, worker]) => [id, bury(worker, memory)]))
}

/** Whose end was an incident that is over is from then on one of those of whom nothing is known. */
function bury(worker: WorkerMemory, { conditions }: Memory): WorkerMemory {
  const closedAt = conditions[downKey(worker.kind)]?.closedAt ?? null
  const isOver = worker.goneAt !== null && closedAt !== null && closedAt >= worker.goneAt
  return isOver ? { ...worker, isSeenAlive: false, goneAt: null } : worker
}

function rememberWorker({ workers, time }: Memory, heartbeat: Heartbeat): WorkerMemory {
  const beat = `${heartbeat.since} ${heartbeat.pid} ${heartbeat.at} ${heartbeat.state}`
  const life = `${heartbeat.since} ${heartbeat.pid}`
  const known = workers[heartbeat.id]
  const isNewLife = known?.life !== life
  const before = known === undefined || isNewLife ? firstSight(heartbeat, time) : known
  if (known?.beat === beat) return noticeSilence(known, time)
  const progress = JSON.stringify(heartbeat.progress)
  const error = heartbeat.lastError === undefined ? '' : JSON.stringify(heartbeat.lastError)
  const isNewError = error !== before.error && error !== ''
  const errorRunGoesOn = before.errorSince !== null && time - before.errorAt <= ERROR_GAP_MS
  return {
    ...before,
    state: heartbeat.state,
    life,
    beat,
    beatAt: time,
    isSeenAlive: known !== undefined,
    goneAt: null,
    progress,
    progressAt: progress === before.progress ? before.progressAt : time,
    error,
    errorAt: isNewError ? time : before.errorAt,
    errorSince: isNewError
      ? errorRunGoesOn
        ? before.errorSince
        : time
      : errorRunGoesOn
        ? before.errorSince
        : null,
    errors: addToWindow(before.errors, heartbeat.progress, time),
  }
}

function firstSight(heartbeat: Heartbeat, time: number): WorkerMemory {
  return {
    kind: heartbeat.kind,
    state: heartbeat.state,
    life: '',
    beat: '',
    beatAt: time,
    isSeenAlive: false,
    goneAt: null,
    progress: '',
    progressAt: time,
    // An error from before it was first seen is none that goes on.
    error: heartbeat.lastError === undefined ? '' : JSON.stringify(heartbeat.lastError),
    errorAt: time,
    errorSince: null,
    errors: { since: time, ...countsOf(heartbeat.progress), before: countsOf(heartbeat.progress) },
  }
}

function noticeSilence(worker: WorkerMemory, time: number): WorkerMemory {
  const isGone = worker.isSeenAlive && worker.state !== 'stopped' && time - worker.beatAt >= SILENT_MS
  return isGone && worker.goneAt === null ? { ...worker, goneAt: time } : worker
}

const countsOf = (progress: Readonly<Record<string, number>>) => ({
  records: progress['records'] ?? 0,
  failures: progress['putAside'] ?? 0,
})

/** Counters as they were when this window and the one before it began. */
function addToWindow(
  window: ErrorWindow,
  progress: Readonly<Record<string, number>>,
  time: number,
): ErrorWindow {
  if (time - window.since < ERROR_WINDOW_MS) return window
  const { records, failures } = window
  return { since: time, ...countsOf(progress), before: { records, failures } }
}

function rememberDeaths(memory: Memory, workers: Memory['workers']): Memory['deaths'] {
  const deaths: Memory['deaths'] = {}
  for (const kind of WORKER_KINDS) {
    const ended = Object.entries(workers).filter(
      ([id, worker]) => worker.kind === kind && hasDied(memory.workers[id], worker, memory.time),
    )
    const times = [...(memory.deaths[kind] ?? []), ...ended.map(() => memory.time)]
    const kept = times.filter((at) => memory.time - at <= DEATHS_KEPT_MS).slice(-DEATHS_KEPT)
    if (kept.length > 0) deaths[kind] = kept
  }
  return deaths
}

/** It has fallen silent, or a new life under its id began before that could be noticed. */
function hasDied(before: WorkerMemory | undefined, worker: WorkerMemory, time: number): boolean {
  if (worker.goneAt === time) return true
  if (before === undefined || before.life === worker.life || before.goneAt !== null) return false
  // One that was about to stop has most likely said the goodbye that its successor has overwritten.
  return before.isSeenAlive && before.state === 'running'
}

function rememberShards({ shards, time }: Memory, observation: Observation): Memory['shards'] {
  return Object.fromEntries(
    observation.shards.map(({ shardId, checkpoint }) => {
      const known = shards[shardId]
      return [shardId, known?.checkpoint === checkpoint ? known : { checkpoint, changedAt: time }]
    }),
  )
}

function rememberFeeds(
  memory: Memory,
  { feeds, newestRawObject }: Observation,
  now: number,
): Pick<Memory, 'feeds' | 'rawLayer'> {
  if (feeds === undefined) return { feeds: memory.feeds, rawLayer: memory.rawLayer }
  let emitted = memory.rawLayer.emitted
  const remembered: Memory['feeds'] = {}
  for (const feed of feeds) {
    const known = memory.feeds[feed.name]
    emitted += Math.max(0, feed.emitted - (known?.emitted ?? feed.emitted))
    remembered[feed.name] = rememberFeed(known, feed, memory.time, now)
  }
  return { feeds: remembered, rawLayer: rememberRawLayer(memory, emitted, newestRawObject) }
}

function rememberFeed(
  known: FeedMemory | undefined,
  feed: ObservedFeed,
  time: number,
  now: number,
): FeedMemory {
  const flink = `${feed.counted} ${feed.watermark}`
  const isLongOver = feed.finishedAt !== undefined && now - feed.finishedAt > FEED_FORGOTTEN_AFTER_END_MS
  const isWaiting = feed.emitted > feed.counted && feed.state !== undefined && !isLongOver
  return {
    read: feed.read,
    // What a feed that is not running does not read is no standstill.
    readAt: known?.read === feed.read && feed.state === 'running' ? known.readAt : time,
    emitted: feed.emitted,
    flink,
    flinkAt: known?.flink === flink ? known.flinkAt : time,
    waitingSince: isWaiting ? (known?.waitingSince ?? time) : null,
  }
}

/** Rows are waiting for the raw layer from the first that is emitted after its newest object was seen. */
function rememberRawLayer(
  { rawLayer, time }: Memory,
  emitted: number,
  newest: string | undefined,
): Memory['rawLayer'] {
  if (newest !== undefined && newest !== rawLayer.newest) return { newest, emitted, waitingSince: null }
  const hasWaiting = emitted > rawLayer.emitted
  const waitingSince = rawLayer.waitingSince ?? (hasWaiting ? time : null)
  return { newest: rawLayer.newest, emitted, waitingSince }
}

export const isWorkerKind = (kind: string): kind is WorkerKind => WORKER_KINDS.some((known) => known === kind)
