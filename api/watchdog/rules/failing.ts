import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import type { Service } from '../incident.ts'
import type { WorkerMemory } from '../memory.ts'
import { WORKER_KINDS, type WorkerKind } from '../observation.ts'
import { failsSince, type KnownWorker, plural, type WatchView } from '../watch-view.ts'
import type { Finding, Rule } from './rule.ts'

const { crashLoopDeaths, crashLoopMs, failedRecords, failedShare } = THRESHOLDS
const ERRORS_GO_ON_MS = 15_000
/** Of a producer, which tries again what was throttled and goes on. */
const NO_PROGRESS_MS = 15_000

/** A service runs but does not do its work: it ends again and again, its errors go on, or too much of its work fails. */
export const failing: Rule = {
  kind: 'failing',
  openAfterMs: 0,
  closeAfterMs: 30_000,
  find: (view) => [
    ...WORKER_KINDS.flatMap(
      (kind) =>
        findCrashLoop(view, kind) ?? findErrorsThatGoOn(view, kind) ?? findFailedShare(view, kind) ?? [],
    ),
    ...findFailedFeed(view),
  ],
}

function findCrashLoop(view: WatchView, kind: WorkerKind): Finding[] | undefined {
  const deaths = (view.memory.deaths[kind] ?? []).filter((at) => view.time - at <= crashLoopMs)
  const [first] = deaths
  if (first === undefined || deaths.length < crashLoopDeaths) return undefined
  return [
    {
      ...critical(kind),
      summary: `The ${kind} keeps ending without a goodbye: ${plural(deaths.length, 'time')} since ${view.at(first)}.`,
      workers: view.healthyOf(kind).map(({ id }) => id),
      details: { deaths: deaths.length, withinSeconds: crashLoopMs / 1_000 },
    },
  ]
}

function findErrorsThatGoOn(view: WatchView, kind: WorkerKind): Finding[] | undefined {
  if (view.isOpen('unresponsive', kind)) return undefined
  const { time } = view
  const fails = view.healthyOf(kind).filter((worker) => {
    const since = failsSince(worker, time)
    const isHeldUp = kind !== 'producer' || time - worker.progressAt >= NO_PROGRESS_MS
    return since !== undefined && time - since >= ERRORS_GO_ON_MS && isHeldUp
  })
  const [first] = fails.toSorted((a, b) => (a.errorSince ?? 0) - (b.errorSince ?? 0))
  if (first === undefined) return undefined
  return [
    {
      ...critical(kind),
      summary: `${plural(fails.length, kind)} ${fails.length === 1 ? 'fails' : 'fail'} and ${fails.length === 1 ? 'tries' : 'try'} again without success since ${view.at(first.errorSince ?? time)}.`,
      workers: fails.map(({ id }) => id),
      details: { error: lastErrorOf(first) },
    },
  ]
}

function findFailedShare(view: WatchView, kind: WorkerKind): Finding[] | undefined {
  const workers = view.healthyOf(kind)
  const counts = workers.map(countsLately)
  const records = counts.reduce((sum, count) => sum + count.records, 0)
  const failures = counts.reduce((sum, count) => sum + count.failures, 0)
  if (failures < failedRecords || failures < records * failedShare) return undefined
  return [
    {
      ...critical(kind),
      summary: `The ${kind} could not handle ${failures} of the last ${records} records; they are in the dead letters.`,
      workers: workers.filter((_, i) => (counts[i]?.failures ?? 0) > 0).map(({ id }) => id),
      details: { failures, records },
    },
  ]
}

/** Replays belong to whoever asked for them; the live feed to everybody. */
function findFailedFeed(view: WatchView): Finding[] {
  const feed = view.observation.feeds?.find(({ isLive, state }) => isLive && state === 'failed')
  if (feed === undefined) return []
  return [
    {
      service: 'pipeline',
      severity: 'critical',
      summary: `The live feed ${feed.name} has failed: ${feed.message ?? 'no reason is known'}.`,
      workers: [],
      details: { feed: feed.name },
    },
  ]
}

const critical = (service: Service) => ({ service, severity: 'critical' as const })

/** Within the last one to two minutes. */
function countsLately({ progress, errors }: WorkerMemory): { records: number; failures: number } {
  const now = progress === '' ? {} : (JSON.parse(progress) as Record<string, number>)
  return {
    records: Math.max(0, (now['records'] ?? 0) - errors.before.records),
    failures: Math.max(0, (now['putAside'] ?? 0) - errors.before.failures),
  }
}

const MAX_ERROR_LENGTH = 500
const lastErrorOf = ({ heartbeat }: KnownWorker) =>
  (heartbeat?.lastError?.message ?? 'unknown').slice(0, MAX_ERROR_LENGTH)
