/**
 * From when on something is wrong: one definition for the rules of the watchdog and for the alert rules of Prometheus.
 * The alarms of CloudWatch are templates; a test compares them with this.
 */
export const THRESHOLDS = {
  /** Fewer workers than wanted, for longer than a deploy or a restart takes. */
  underStrengthMs: 60_000,
  /** A service that ends so often, without a goodbye, within so long. */
  crashLoopDeaths: 3,
  crashLoopMs: 180_000,
  /** Longer than a takeover takes. */
  shardUnownedMs: 20_000,
  /** Consumers behind by so much: there should be more of them, and they do not get on at all. */
  consumerBehindMs: 30_000,
  consumerStuckMs: 300_000,
  /** Records that a consumer could not handle: so many of them, and so large a share. */
  failedRecords: 10,
  failedShare: 0.05,
  /** A stage that does nothing for so long while its input waits. */
  stalledMs: 60_000,
  /** What the consumer has not handled yet, Flink cannot be blamed for. */
  consumerWellMs: 15_000,
  /** How far Flink may be behind stream 1. */
  rawBehindMs: 60_000,
  conservationBrokenMs: 10_000,
  /** Restarts of the Flink job in a quarter of an hour that are still none of a loop. */
  jobRestarts: 2,
  /** Half of the time between two checkpoints on AWS. */
  jobCheckpointMs: 30_000,
  redisMemoryShare: 0.75,
  /** A process that is busy for longer than this share of the time has none left for a burst. */
  busyShare: 0.85,
  /** Without a look at the whole fleet. */
  watchdogSilentMs: 180_000,
  /** Answers of the api that are errors of its own, a minute. */
  apiErrors: 5,
  /** What one answer in twenty of the api may take. */
  apiSlowMs: 1_000,
} as const
