import { toIsoTime } from '../field-types.ts'
import type { IncidentEvent, IncidentKind, IncidentRecord } from './incident.ts'
import type { ConditionMemory, Memory } from './memory.ts'
import type { Observation, Wanted } from './observation.ts'
import { remember } from './remember.ts'
import { conservationBroken } from './rules/conservation-broken.ts'
import { dependency } from './rules/dependency.ts'
import { down } from './rules/down.ts'
import { failing } from './rules/failing.ts'
import type { Finding, Rule } from './rules/rule.ts'
import { shardUnowned } from './rules/shard-unowned.ts'
import { stalled } from './rules/stalled.ts'
import { underStrength } from './rules/under-strength.ts'
import { unresponsive } from './rules/unresponsive.ts'
import { createWatchView } from './watch-view.ts'

/** Dependencies first: they explain what the others find in the same pass. */
const RULES: readonly Rule[] = [
  dependency,
  down,
  failing,
  unresponsive,
  underStrength,
  shardUnowned,
  stalled,
  conservationBroken,
]

/**
 * Watch time passes by what Redis's clock says, but never back, and never more than this between two passes: a clock
 * that is set, or a time in which nobody watched, makes nothing look old.
 */
const MAX_STEP_MS = 2_000
/** After a longer pause everybody is coming back from the same outage. */
const PAUSE_MS = 10_000
const SETTLE_MS = 10_000
/** Who fell silent during a longer pause is not known to have ended while it mattered. */
const FORGET_MS = 60_000
/** An incident that comes back within this time is held open twice as long as before, up to a limit. */
const RETURN_MS = 600_000
const MAX_CLOSE_AFTER_MS = 300_000
/** What a dependency did to others may outlast it for so long. */
const AFTERMATH_MS = 30_000

const EXPLAINED_BY: Record<'kinesis' | 's3', readonly IncidentKind[]> = {
  kinesis: ['unresponsive', 'failing', 'under-strength', 'shard-unowned', 'stalled', 'conservation-broken'],
  s3: ['unresponsive', 'failing', 'under-strength', 'stalled', 'conservation-broken'],
}

export type Announcement = { incident: IncidentRecord; event: IncidentEvent; isSuppressed: boolean }

export type Pass = {
  memory: Memory
  /** Incidents that are new or have changed, as they are now. */
  changed: IncidentRecord[]
  announcements: Announcement[]
}

/**
 * One look at the fleet: what has begun, what goes on and what is over. Pure: `now` is epoch ms by the clock of Redis,
 * and `memory` what the pass before this one returned, whoever made it.
 */
export function watch(
  observation: Observation,
  before: Memory,
  wanted: Wanted,
  now: number,
  settings: { rawLayerMaxAgeMs: number },
): Pass {
  const memory = remember(advance(before, now), observation, now)
  const pass: Pass = {
    memory: { ...memory, conditions: { ...memory.conditions } },
    changed: [],
    announcements: [],
  }
  const { conditions } = pass.memory
  for (const rule of RULES) {
    // Made anew for each rule, so that it knows what those before it have opened.
    const findings = rule.find(createWatchView(pass.memory, observation, wanted, now, settings))
    if (findings === undefined) continue
    const byKey = new Map(findings.map((finding) => [`${rule.kind}.${finding.service}`, finding]))
    const known = Object.keys(conditions).filter((key) => key.startsWith(`${rule.kind}.`))
    for (const key of new Set([...byKey.keys(), ...known])) {
      const condition = settle(pass, rule, key, byKey.get(key), now)
      if (condition === undefined) delete conditions[key]
      else conditions[key] = condition
    }
  }
  return pass
}

function advance(memory: Memory, now: number): Memory {
  if (memory.at === 0) return { ...memory, at: now }
  const elapsedMs = Math.max(0, now - memory.at)
  const time = memory.time + Math.min(elapsedMs, MAX_STEP_MS)
  const settlingUntil = elapsedMs >= PAUSE_MS ? time + SETTLE_MS : memory.settlingUntil
  return { ...memory, at: now, time, settlingUntil, workers: elapsedMs >= FORGET_MS ? {} : memory.workers }
}

/** The condition after this pass; undefined when there is nothing to be remembered of it. */
function settle(
  pass: Pass,
  rule: Rule,
  key: string,
  finding: Finding | undefined,
  now: number,
): ConditionMemory | undefined {
  const { time } = pass.memory
  const condition = pass.memory.conditions[key] ?? NO_CONDITION
  if (finding === undefined) {
    if (condition.incident !== null) return clear(pass, rule, condition, now)
    const isForgotten = condition.closedAt === null || time - condition.closedAt > RETURN_MS
    return isForgotten ? undefined : { ...condition, since: null }
  }
  const holding = { ...condition, since: condition.since ?? time, clearSince: null }
  if (condition.incident !== null) return hold(pass, holding, condition.incident, finding)
  const isDue = time - holding.since >= rule.openAfterMs && time >= pass.memory.settlingUntil
  return isDue ? open(pass, rule, holding, finding, now) : holding
}

function open(
  pass: Pass,
  rule: Rule,
  condition: ConditionMemory,
  finding: Finding,
  now: number,
): ConditionMemory {
  const { time } = pass.memory
  const incident: IncidentRecord = {
    id: `${rule.kind}.${finding.service}.${now}`,
    kind: rule.kind,
    ...finding,
    state: 'open',
    openedAt: toIsoTime(now),
    closedAt: null,
    suppressedBy: explanationOf(pass.memory, rule.kind) ?? null,
  }
  pass.changed.push(incident)
  announce(pass, incident, 'opened')
  const isReturn = condition.closedAt !== null && time - condition.closedAt <= RETURN_MS
  return { ...condition, incident, openedAt: time, returns: isReturn ? condition.returns + 1 : 0 }
}

function hold(
  pass: Pass,
  condition: ConditionMemory,
  incident: IncidentRecord,
  finding: Finding,
): ConditionMemory {
  const workers = [...new Set([...incident.workers, ...finding.workers])].slice(-MAX_WORKERS_NAMED)
  const severity = finding.severity === 'critical' ? 'critical' : incident.severity
  const isUnexplained =
    incident.suppressedBy !== null && explanationOf(pass.memory, incident.kind) === undefined
  const hasChanged =
    isUnexplained || severity !== incident.severity || workers.length !== incident.workers.length
  if (!hasChanged) return condition
  const next = { ...incident, workers, severity, ...(isUnexplained ? { suppressedBy: null } : {}) }
  pass.changed.push(next)
  if (isUnexplained) announce(pass, next, 'opened')
  return { ...condition, incident: next }
}

function clear(pass: Pass, rule: Rule, condition: ConditionMemory, now: number): ConditionMemory {
  const { time } = pass.memory
  const { incident } = condition
  const clearSince = condition.clearSince ?? time
  const closeAfterMs = Math.min(rule.closeAfterMs * 2 ** condition.returns, MAX_CLOSE_AFTER_MS)
  if (incident === null || time - clearSince < closeAfterMs) return { ...condition, clearSince }
  const closed: IncidentRecord = { ...incident, state: 'closed', closedAt: toIsoTime(now) }
  pass.changed.push(closed)
  announce(pass, closed, 'closed')
  return { ...condition, since: null, clearSince: null, incident: null, closedAt: time, closedId: closed.id }
}

/** The id of the dependency's incident that this kind follows from, while it is open and shortly after it. */
function explanationOf({ conditions, time }: Memory, kind: IncidentKind): string | undefined {
  for (const [service, kinds] of Object.entries(EXPLAINED_BY)) {
    const condition = conditions[`dependency.${service}`]
    if (condition === undefined || !kinds.includes(kind)) continue
    if (condition.incident !== null) return condition.incident.id
    const { closedAt, closedId } = condition
    if (closedAt !== null && closedId !== null && time - closedAt < AFTERMATH_MS) return closedId
  }
  return undefined
}

function announce(pass: Pass, incident: IncidentRecord, event: IncidentEvent): void {
  pass.announcements.push({ incident, event, isSuppressed: incident.suppressedBy !== null })
}

const MAX_WORKERS_NAMED = 50

const NO_CONDITION: ConditionMemory = {
  since: null,
  clearSince: null,
  incident: null,
  openedAt: 0,
  closedAt: null,
  closedId: null,
  returns: 0,
}
