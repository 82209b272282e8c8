/** The values that a label may have: all of them, or how many at most and what they are. */
export type LabelBound = readonly string[] | { readonly atMost: number; readonly what: string }

export type Definition = {
  type: 'counter' | 'gauge' | 'histogram'
  /** A base unit, which the name ends with (before `_total`); absent for a number of things. */
  unit?: 'seconds' | 'bytes' | 'ratio'
  /** What one reads from it, as a phrase. */
  help: string
  labels: Readonly<Record<string, LabelBound>>
  buckets?: readonly number[]
  /** Where labels change together, or come and go: series of one process at a time, and at most in a day. */
  series?: { readonly atOnce: number; readonly aDay: number }
}

/** Metrics that belong together, and the processes that have them. */
export type Group = {
  title: string
  /** `watch` is the one api that is on watch: facts of the whole fleet come once, so that sums over processes hold. */
  from: readonly ('producer' | 'consumer' | 'api' | 'watch')[]
  metrics: Readonly<Record<string, Definition>>
}
