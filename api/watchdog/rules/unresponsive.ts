import { WORKER_KINDS, type WorkerKind } from '../observation.ts'
import { failsSince, type KnownWorker, plural, type WatchView } from '../watch-view.ts'
import type { Finding, Rule } from './rule.ts'

const NO_PROGRESS_MS = 30_000
const WAITING_MS = 30_000

/** A worker is alive and holds work, but has done none of it while records wait; and no error says why. */
export const unresponsive: Rule = {
  kind: 'unresponsive',
  openAfterMs: 0,
  closeAfterMs: 10_000,
  find: (view) => WORKER_KINDS.flatMap((kind) => findStuck(view, kind)),
}

function findStuck(view: WatchView, kind: WorkerKind): Finding[] {
  const { time } = view
  const isOpen = view.isOpen('unresponsive', kind)
  const stuck = view.healthyOf(kind).filter((worker) => {
    const isIdle = time - worker.progressAt >= NO_PROGRESS_MS
    // The library reports a handler that does not return as an error later on; by then it is this incident.
    const isExplained = !isOpen && failsSince(worker, time) !== undefined
    return isIdle && holdsWaitingRecords(worker) && !isExplained
  })
  const [first] = stuck.toSorted((a, b) => a.progressAt - b.progressAt)
  if (first === undefined) return []
  const lagMs = Math.max(...stuck.map(({ heartbeat }) => heartbeat?.lagMs ?? 0))
  return [
    {
      service: kind,
      severity: 'critical',
      summary: `${plural(stuck.length, kind)} ${stuck.length === 1 ? 'is' : 'are'} alive but ${stuck.length === 1 ? 'has' : 'have'} done nothing since ${view.at(first.progressAt)} while records wait.`,
      workers: stuck.map(({ id }) => id),
      details: { oldestRecordWaitsSeconds: Math.round(lagMs / 1_000) },
    },
  ]
}

const holdsWaitingRecords = ({ heartbeat }: KnownWorker) =>
  heartbeat !== undefined && heartbeat.holds.length > 0 && (heartbeat.lagMs ?? 0) >= WAITING_MS
