type Labels = Record<string, string | number>

/** What the consumer counts and measures; metrics of prom-client fit. */
export type ConsumerMetrics = {
  counter(
    name:
      | 'consumer_lease_changes_total'
      | 'consumer_lease_repairs_total'
      | 'consumer_checkpoints_total'
      | 'consumer_expired_checkpoints_total'
      | 'consumer_fan_out_changes_total',
  ): { inc(labels: Labels, value?: number): void; inc(value?: number): void }
  gauge(name: 'consumer_lag_seconds' | 'consumer_shards_owned' | 'consumer_shards_stuck'): {
    set(value: number): void
    set(labels: Labels, value: number): void
    remove(labels: Labels): void
  }
}
