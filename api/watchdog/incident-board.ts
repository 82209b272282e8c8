import { type Static, Type } from 'typebox'
import type { Clock } from '../../lib/clock.ts'
import type { CheckResult } from '../../lib/process/probes.ts'
import { toIsoTime } from '../field-types.ts'
import { Incident, type IncidentRecord, type Publication, Telling } from './incident.ts'
import type { IncidentReader } from './incident-reader.ts'
import type { RedisWatch } from './redis-watch.ts'
import type { TellingState } from './telling.ts'

/** Longer than a takeover of the watch. */
const UNWATCHED_AFTER_MS = 30_000

/** What everybody is shown of incidents. */
export const IncidentBoard = Type.Object({
  open: Type.Array(Incident, { description: 'newest first' }),
  recent: Type.Array(Incident, { description: 'the last twenty that are over' }),
  telling: Telling,
})
export type IncidentBoard = Static<typeof IncidentBoard>

export type IncidentBoards = {
  read(now: number): Promise<IncidentBoard>
  /** The last one, with what this process knows without Redis. */
  latest(): IncidentBoard
}

/**
 * Adds to what is in Redis what nobody could write there: that Redis is gone, and that nobody watches any more.
 */
export function createIncidentBoards(options: {
  reader: IncidentReader
  redisWatch: RedisWatch
  telling: TellingState
  checkSns: () => CheckResult | undefined
  runbookUrl: string
  clock: Clock
}): IncidentBoards {
  const { reader, redisWatch, telling, checkSns, clock } = options
  const startedAt = clock.now()
  let last: Pick<IncidentBoard, 'open' | 'recent'> = { open: [], recent: [] }

  const complete = (incident: IncidentRecord, publications: Publication[]): Incident => ({
    ...incident,
    runbook: `${options.runbookUrl}#${incident.kind}`,
    publications,
  })

  function latest(): IncidentBoard {
    const outage = redisWatch.open()
    const open =
      outage === undefined ? last.open : [complete(outage.incident, outage.publications), ...last.open]
    const publications = [...open, ...last.recent].flatMap((incident) => incident.publications)
    return { open, recent: last.recent, telling: telling.observe(checkSns(), publications) }
  }

  return {
    latest,
    async read(now) {
      const { open, recent, passedAt = 0 } = await reader.readBoard()
      const lastPassAt = Math.max(passedAt, startedAt)
      const isUnwatched = now - lastPassAt > UNWATCHED_AFTER_MS
      last = { open: isUnwatched ? [complete(unwatched(lastPassAt), []), ...open] : open, recent }
      return latest()
    },
  }
}

function unwatched(since: number): IncidentRecord {
  const openedAt = toIsoTime(since)
  return {
    id: `stalled.api.${since}`,
    kind: 'stalled',
    service: 'api',
    severity: 'critical',
    state: 'open',
    openedAt,
    closedAt: null,
    summary: `Nobody watches since ${openedAt}: no pass of the watchdog was completed.`,
    workers: [],
    details: {},
    suppressedBy: null,
  }
}
