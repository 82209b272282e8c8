import t from 'tap'
import type { Value } from '../../../deploy/templates/template.ts'
import { THRESHOLDS } from '../../../lib/process/metrics/thresholds.ts'
import { allLayers } from '../../support/layers.ts'

const { fleet, observability } = allLayers({ Size: 'production' })
const resources = { ...fleet.resources, ...observability.resources }

t.test(
  'an alarm of CloudWatch rings at another value than the alert of Prometheus, or after another time',
  (t) => {
    const rings = (alarm: string, at: Value, periods?: { Period?: number; EvaluationPeriods: number }) =>
      t.match(resources[alarm]?.Properties, { Threshold: at, ...periods }, alarm)
    rings('ConsumerBehind', THRESHOLDS.consumerBehindMs)
    rings('ConsumerStuck', THRESHOLDS.consumerStuckMs)
    rings('RawBehind', THRESHOLDS.rawBehindMs)
    rings('Redis1MemoryFull', THRESHOLDS.redisMemoryShare * 100)
    rings('Redis2MemoryFull', THRESHOLDS.redisMemoryShare * 100)
    rings('ConsumerBusy', THRESHOLDS.busyShare * 100)
    rings('ApiErrors', THRESHOLDS.apiErrors)
    rings('ApiSlow', THRESHOLDS.apiSlowMs / 1_000)
    rings('CheckpointsSlow', THRESHOLDS.jobCheckpointMs)
    rings('JobRestarts', THRESHOLDS.jobRestarts, { EvaluationPeriods: 1 })
    rings('WatchdogSilent', 1, { Period: 60, EvaluationPeriods: THRESHOLDS.watchdogSilentMs / 60_000 })
    t.end()
  },
)
