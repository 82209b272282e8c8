/** One alert. It rings while `expr` returns something, and has for `forMs`. */
export type Alert = {
  alert: string
  expr: string
  forMs?: number
  /** `critical`: somebody has to look now. `warning`: on the next working day. */
  severity: 'critical' | 'warning'
  /** Section of the runbook. */
  section: string
  /** One sentence, with what is wrong; a template of Prometheus. */
  summary: string
  description: string
}

/** A series that is computed once for those who ask for it often, or over days. */
export type Recording = { record: string; expr: string }

export type RuleGroup = { name: string; rules: readonly (Alert | Recording)[] }

export const isAlert = (rule: Alert | Recording): rule is Alert => 'alert' in rule
