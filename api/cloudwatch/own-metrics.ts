/** Of all that we publish ourselves. The role of the api may put metrics into no other. */
export const NAMESPACE = 'Roadpulse'

/** Each of our metrics in CloudWatch, and the sets of dimensions under which it exists: each value is billed. */
export const OWN_METRICS = {
  /** Passes of the watchdog since the last time; the alarm is on their absence. */
  WatchdogPasses: [[]],
  /** Accidents of a minute, at the minute's own time. */
  Accidents: [['Severity'], ['State']],
  /** Accidents of the hour that ends with a minute, in one of the first places of the ranking. */
  AccidentsLastHour: [['City'], ['County']],
  /** How far the shard is behind that is furthest behind. */
  LagSeconds: [['Service']],
  /** Shards that may be read and that nobody owns. */
  ShardsUnowned: [['Service']],
  /** Workers whose last error is younger than two intervals of publication. */
  FailingWorkers: [['Service']],
  /** Records that handlers could not handle, since the start of the workers of the last hour: look at its rise. */
  DeadLetters: [['Service']],
} as const satisfies Record<string, readonly (readonly string[])[]>

export type OwnMetric = keyof typeof OWN_METRICS
