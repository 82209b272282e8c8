import type { Group } from './definition.ts'
import { apiMetrics } from './table/api.ts'
import { deadLetterMetrics, insightMetrics, libraryMetrics } from './table/consumer.ts'
import { processMetrics } from './table/process.ts'
import { producerMetrics } from './table/producer.ts'
import { roadMetrics } from './table/roads.ts'
import { fleetMetrics, pipelineMetrics } from './table/watch.ts'

export const METRIC_GROUPS = [
  processMetrics,
  producerMetrics,
  libraryMetrics,
  insightMetrics,
  deadLetterMetrics,
  apiMetrics,
  fleetMetrics,
  pipelineMetrics,
  roadMetrics,
] as const satisfies readonly Group[]

/** Every metric of every process, by name: the one place for their names, labels and meaning. */
export const METRICS = {
  ...processMetrics.metrics,
  ...producerMetrics.metrics,
  ...libraryMetrics.metrics,
  ...insightMetrics.metrics,
  ...deadLetterMetrics.metrics,
  ...apiMetrics.metrics,
  ...fleetMetrics.metrics,
  ...pipelineMetrics.metrics,
  ...roadMetrics.metrics,
}
