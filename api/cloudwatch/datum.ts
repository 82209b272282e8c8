import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { OwnMetric } from './own-metrics.ts'

/** One value of one of our metrics; `at` is epoch ms. */
export function datum(
  metric: OwnMetric,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  at: number,
): MetricDatum {
  return {
    MetricName: metric,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
    Value: value,
    Unit: metric === 'LagSeconds' ? 'Seconds' : 'Count',
    Timestamp: new Date(at),
  }
}
