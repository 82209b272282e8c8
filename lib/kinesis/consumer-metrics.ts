type Labels = Record<string, string | number>

type Series = { inc(value?: number): void }

/** What the consumer counts and measures; metrics of prom-client fit. */
export type ConsumerMetrics = {
  counter(
    name:
      | 'consumer_reads_total'
      | 'consumer_batches_total'
      | 'consumer_shard_records_total'
      | 'consumer_shard_bytes_total'
      | 'consumer_lease_changes_total'
      | 'consumer_lease_takeovers_total'
      | 'consumer_lease_repairs_total'
      | 'consumer_checkpoints_total'
      | 'consumer_expired_checkpoints_total'
      | 'consumer_fan_out_changes_total',
  ): Series & { inc(labels: Labels, value?: number): void; labels(labels: Labels): Series }
  gauge(
    name:
      | 'consumer_lag_seconds'
      | 'consumer_checkpoint_age_seconds'
      | 'consumer_read_ahead_bytes'
      | 'consumer_read_ahead_limit_bytes'
      | 'consumer_shards_owned'
      | 'consumer_shards_stuck'
      | 'consumer_shards_waiting',
  ): {
    set(value: number): void
    set(labels: Labels, value: number): void
    /** Forgets the series of all labels. */
    clear(): void
  }
  histogram(name: 'consumer_batch_duration_seconds'): {
    labels(labels: Labels): { observe(seconds: number): void }
  }
  /** Calls back before the metrics are read, for what is only known by looking. */
  onScrape(measure: () => void): void
}
