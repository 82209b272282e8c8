import { type Static, Type } from 'typebox'
import { IsoTime, nullable } from '../field-types.ts'

export const INCIDENT_KINDS = [
  'down',
  'unresponsive',
  'failing',
  'under-strength',
  'shard-unowned',
  'stalled',
  'conservation-broken',
  'dependency',
] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

export const SERVICES = [
  'producer',
  'consumer',
  'api',
  'flink',
  'firehose',
  'redis',
  'kinesis',
  's3',
  'sns',
  'pipeline',
] as const
export type Service = (typeof SERVICES)[number]

export type Severity = 'critical' | 'warning'
export type IncidentEvent = 'opened' | 'closed'

/** What was told about an incident, or is still to be told. */
export const Publication = Type.Object({
  event: Type.Enum(['opened', 'closed']),
  dedupId: Type.String({ description: 'the same in every repetition of one message' }),
  state: Type.Enum(['pending', 'published', 'failed', 'suppressed'], {
    description: 'failed: the last try did, and it is tried again',
  }),
  at: nullable(IsoTime, 'when SNS took it'),
  messageId: nullable(Type.String()),
  attempts: Type.Integer(),
  error: nullable(Type.String()),
})
export type Publication = Static<typeof Publication>

export const Incident = Type.Object({
  id: Type.String(),
  kind: Type.Enum([...INCIDENT_KINDS]),
  service: Type.Enum([...SERVICES]),
  severity: Type.Enum(['critical', 'warning']),
  state: Type.Enum(['open', 'closed']),
  openedAt: IsoTime,
  closedAt: nullable(IsoTime),
  summary: Type.String({ description: 'what is wrong and since when, in one sentence' }),
  workers: Type.Array(Type.String(), { description: 'the workers that it is about' }),
  details: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  runbook: Type.String({ description: 'where it says what to do' }),
  suppressedBy: nullable(Type.String(), 'the incident of a dependency that explains it; it is not published'),
  publications: Type.Array(Publication),
})
export type Incident = Static<typeof Incident>

/** An incident as the watchdog keeps it; the rest is known to whoever reads it. */
export type IncidentRecord = Omit<Incident, 'runbook' | 'publications'>

/** Whether people can be told. */
export const Telling = Type.Object({
  state: Type.Enum(['ok', 'off', 'failing'], {
    description: 'off: no topic is configured; failing: SNS does not take messages',
  }),
  since: nullable(IsoTime),
  detail: nullable(Type.String()),
})
export type Telling = Static<typeof Telling>

export const dedupIdOf = (incidentId: string, event: IncidentEvent) => `${incidentId}.${event}`
