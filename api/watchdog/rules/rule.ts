import type { IncidentKind, IncidentRecord, Service } from '../incident.ts'
import type { WatchView } from '../watch-view.ts'

/** That something is wrong with a service at present. */
export type Finding = Pick<IncidentRecord, 'severity' | 'summary' | 'workers' | 'details'> & {
  service: Service
}

/** How one kind of incident is recognised. */
export type Rule = {
  kind: IncidentKind
  /** A finding must have been there for so long before it is an incident. */
  openAfterMs: number
  /** And must have been absent for so long before the incident is over. */
  closeAfterMs: number
  /** At most one finding a service. Undefined when it cannot be judged at present: then all stays as it is. */
  find(view: WatchView): Finding[] | undefined
}
