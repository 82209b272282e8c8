import { toIsoTime } from '../field-types.ts'
import type { IncidentKind, Service } from './incident.ts'
import type { Memory, WorkerMemory } from './memory.ts'
import type { Observation, Wanted } from './observation.ts'

export type KnownWorker = WorkerMemory & {
  id: string
  heartbeat: Observation['heartbeats'][number] | undefined
}

/** What the rules look at: one observation, with what is remembered. */
export type WatchView = {
  observation: Observation
  memory: Memory
  wanted: Wanted
  /** Watch time. */
  time: number
  /** Rows that are on stream 1 for so long must be in the raw layer. */
  rawLayerMaxAgeMs: number
  workersOf(kind: string): KnownWorker[]
  /** Those that run and are heard of. */
  healthyOf(kind: string): KnownWorker[]
  isOpen(kind: IncidentKind, service: Service): boolean
  /** A moment of watch time, for people. */
  at(time: number): string
}

export function createWatchView(
  memory: Memory,
  observation: Observation,
  wanted: Wanted,
  now: number,
  { rawLayerMaxAgeMs }: { rawLayerMaxAgeMs: number },
): WatchView {
  const heartbeats = new Map(observation.heartbeats.map((heartbeat) => [heartbeat.id, heartbeat]))
  const workers = Object.entries(memory.workers).map(([id, worker]) => ({
    ...worker,
    id,
    heartbeat: heartbeats.get(id),
  }))
  const workersOf = (kind: string) => workers.filter((worker) => worker.kind === kind)
  return {
    observation,
    memory,
    wanted,
    time: memory.time,
    rawLayerMaxAgeMs,
    workersOf,
    healthyOf: (kind) => workersOf(kind).filter(isHealthy),
    isOpen: (kind, service) => (memory.conditions[`${kind}.${service}`]?.incident ?? null) !== null,
    at: (time) =>
      `${toIsoTime(now - (memory.time - time))
        .slice(0, 19)
        .replace('T', ' ')} UTC`,
  }
}

const isHealthy = ({ isSeenAlive, goneAt, state }: KnownWorker) =>
  isSeenAlive && goneAt === null && (state === 'running' || state === 'starting')

/** There has been no sign that it fails for a while. */
export const failsSince = ({ errorSince, errorAt }: WorkerMemory, time: number): number | undefined =>
  errorSince === null || time - errorAt > ERROR_FRESH_MS ? undefined : errorSince

const ERROR_FRESH_MS = 15_000

export const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
