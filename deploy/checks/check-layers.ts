import type { Layer } from '../templates/layers.ts'
import { accessRules } from './access-rules.ts'
import { alarmRules } from './alarm-rules.ts'
import { containerRules } from './container-rules.ts'
import { dashboardRules } from './dashboard-rules.ts'
import { deliveryRules } from './delivery-rules.ts'
import { eventRules } from './event-rules.ts'
import { grafanaRules } from './grafana-rules.ts'
import { jobRules } from './job-rules.ts'
import { metricRules } from './metric-rules.ts'
import { redisRules } from './redis-rules.ts'
import type { ResolvedLayers, Rule } from './rule.ts'
import { secretRules } from './secret-rules.ts'
import { streamRules } from './stream-rules.ts'

export const RULES: readonly Rule[] = [
  ...streamRules,
  ...deliveryRules,
  ...jobRules,
  ...containerRules,
  ...alarmRules,
  ...metricRules,
  ...dashboardRules,
  ...redisRules,
  ...accessRules,
  ...eventRules,
  ...secretRules,
  ...grafanaRules,
]

export type Finding = { rule: string; layer: Layer; resource: string; message: string }

/** Holds what CloudFormation would make of the templates against every rule; a rule without types looks at all. */
export function checkLayers(layers: ResolvedLayers): Finding[] {
  return Object.entries(layers).flatMap(([layer, { resources }]) =>
    Object.entries(resources).flatMap(([name, resource]) =>
      RULES.filter(({ types }) => types.length === 0 || types.includes(resource.Type)).flatMap((rule) =>
        rule
          .find({ name, layer: layer as Layer, resource, properties: resource.Properties, layers })
          .map((message) => ({ rule: rule.name, layer: layer as Layer, resource: name, message })),
      ),
    ),
  )
}
