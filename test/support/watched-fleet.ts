import { type Memory, NO_MEMORY } from '../../api/watchdog/memory.ts'
import type { Observation, ObservedFeed, Wanted } from '../../api/watchdog/observation.ts'
import { type Announcement, watch } from '../../api/watchdog/watch.ts'

type Heartbeat = Observation['heartbeats'][number]

const START = Date.UTC(2026, 10, 23, 12, 0, 0)

export type FakeWorker = {
  id: string
  kind: string
  /** `frozen`: it writes no heartbeats; `stopped`: it has said goodbye. */
  state: 'running' | 'draining' | 'stopped' | 'frozen'
  /** What its clock is ahead by. */
  clockMs: number
  life: number
  holds: string[]
  /** Handled a second. */
  pace: number
  lagMs: number
  /** Fails at every heartbeat. */
  error?: string
  progress: { records: number; putAside: number }
}

/** A fleet as tests want it, looked at once a second. What was announced is noted as `<event> <kind>.<service>`. */
export class WatchedFleet {
  readonly workers = new Map<string, FakeWorker>()
  readonly announced: Announcement[] = []
  wanted: Wanted = { producer: 1, consumer: 1, api: 1, firehose: 1 }
  memory: Memory = NO_MEMORY
  now = START
  shards: Observation['shards'] = []
  feeds: ObservedFeed[] | undefined = []
  newestRawObject: string | undefined = ''
  failingDependencies: Observation['failingDependencies'] = {}
  rawLayerMaxAgeMs = 60_000
  #beats = new Map<string, Heartbeat>()

  constructor() {
    for (const kind of ['producer', 'consumer', 'api', 'firehose']) this.start(kind)
  }

  start(kind: string, id = `${kind}-1`): FakeWorker {
    const worker: FakeWorker = {
      id,
      kind,
      state: 'running',
      clockMs: 0,
      life: this.now,
      holds: ['shard-0'],
      pace: 10,
      lagMs: 100,
      progress: { records: 0, putAside: 0 },
    }
    this.workers.set(id, worker)
    return worker
  }

  worker(id: string): FakeWorker {
    const worker = this.workers.get(id)
    if (worker === undefined) throw new Error(`no worker ${id}`)
    return worker
  }

  /** `each` is called before each second's look. */
  watch(seconds: number, each?: (second: number) => void): this {
    for (let second = 1; second <= seconds; second++) {
      this.now += 1_000
      each?.(second)
      this.#look()
    }
    return this
  }

  /** Time in which nobody looks, because nobody is there. */
  lookAway(seconds: number): this {
    this.now += seconds * 1_000
    return this
  }

  take(): string[] {
    return this.announced
      .splice(0)
      .map(({ incident, event, isSuppressed }) =>
        [event, `${incident.kind}.${incident.service}`, ...(isSuppressed ? ['suppressed'] : [])].join(' '),
      )
  }

  #look(): void {
    for (const worker of this.workers.values()) {
      const heartbeat = this.#beatOf(worker)
      if (heartbeat !== undefined) this.#beats.set(worker.id, heartbeat)
    }
    const observation: Observation = {
      heartbeats: [...this.#beats.values()],
      shards: this.shards,
      feeds: this.feeds,
      newestRawObject: this.newestRawObject,
      failingDependencies: this.failingDependencies,
    }
    const settings = { rawLayerMaxAgeMs: this.rawLayerMaxAgeMs }
    // As it comes back from Redis.
    const memory = JSON.parse(JSON.stringify(this.memory)) as Memory
    const pass = watch(observation, memory, this.wanted, this.now, settings)
    this.memory = pass.memory
    this.announced.push(...pass.announcements)
  }

  #beatOf(worker: FakeWorker): Heartbeat | undefined {
    if (worker.state === 'frozen') return undefined
    const at = this.now + worker.clockMs
    worker.progress = { ...worker.progress, records: worker.progress.records + worker.pace }
    return {
      id: worker.id,
      kind: worker.kind,
      state: worker.state,
      since: worker.life,
      at: worker.state === 'stopped' ? worker.life : at,
      pid: 1,
      holds: worker.holds,
      progress: worker.progress,
      lagMs: worker.lagMs,
      ...(worker.error === undefined ? {} : { lastError: { at, message: worker.error } }),
    }
  }
}

export function watchedFeed(changes: Partial<ObservedFeed> = {}): ObservedFeed {
  return {
    name: 'live-3',
    isLive: true,
    state: 'running',
    pace: { kind: 'rate', rowsPerSecond: 50 },
    read: 0,
    emitted: 0,
    counted: 0,
    watermark: null,
    brokenSince: null,
    differences: '',
    ...changes,
  }
}
