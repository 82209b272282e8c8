import { INCIDENT_KINDS } from '../../api/watchdog/incident.ts'
import type { Value } from '../templates/template.ts'
import { at, listOf, numberOf, type ResolvedLayers, type Rule, type Subject, textOf, when } from './rule.ts'

const ALARM = 'AWS::CloudWatch::Alarm'
const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm'

export const alarmRules: readonly Rule[] = [
  {
    name: 'alarm-can-ring',
    types: [ALARM],
    find({ properties }) {
      const periods = numberOf(properties.EvaluationPeriods)
      const datapoints = numberOf(properties.DatapointsToAlarm, periods)
      return when(datapoints > periods, `waits for ${datapoints} of ${periods} periods`)
    },
  },
  {
    name: 'alarm-says-what-silence-means',
    types: [ALARM],
    find: ({ properties }) =>
      when(properties.TreatMissingData === undefined, 'says nothing about missing data'),
  },
  {
    name: 'alarm-tells-somebody',
    types: [ALARM, COMPOSITE],
    find(subject) {
      if (listOf(subject.properties.AlarmActions).length > 0) return []
      const heard = compositesOf(subject.layers).some(
        ({ AlarmRule, ActionsSuppressor }) =>
          textOf(AlarmRule).includes(`ALARM(${referenceTo(subject)})`) ||
          ActionsSuppressor === referenceTo(subject),
      )
      return when(!heard, 'has no action, and no composite alarm looks at it')
    },
  },
  {
    name: 'alarm-says-when-it-is-over',
    types: [ALARM, COMPOSITE],
    find({ properties }) {
      const told = listOf(properties.AlarmActions).filter((action) => !isScaling(action))
      const over = listOf(properties.OKActions)
      return when(
        told.length > 0 && JSON.stringify(told) !== JSON.stringify(over),
        'tells when it rings, and not when it is over',
      )
    },
  },
  {
    name: 'alarm-names-its-runbook',
    types: [ALARM, COMPOSITE],
    find({ properties }) {
      const anchor = /\.md#([a-z-]+)$/.exec(textOf(properties.AlarmDescription))?.[1] ?? ''
      return when(!INCIDENT_KINDS.some((kind) => kind === anchor), `the runbook has no section "${anchor}"`)
    },
  },
  {
    name: 'composite-knows-its-alarms',
    types: [COMPOSITE],
    find({ properties, layers }) {
      const known = new Set(
        Object.values(layers).flatMap(({ resources }) =>
          Object.entries(resources).flatMap(([name, { Type, Properties }]) =>
            Type === ALARM ? [`<${name}>`, textOf(Properties.AlarmName)] : [],
          ),
        ),
      )
      const rule = textOf(properties.AlarmRule)
      const asked = [...rule.matchAll(/(?:ALARM|OK|INSUFFICIENT_DATA)\("?([^")]+)"?\)/g)].map(
        ([, name]) => name ?? '',
      )
      const suppressor = listOf(properties.ActionsSuppressor).map((item) => textOf(item))
      return [
        ...[...asked, ...suppressor]
          .filter((name) => !known.has(name))
          .map((name) => `there is no alarm ${name}`),
        ...when(asked.length === 0, 'looks at no alarm'),
      ]
    },
  },
  {
    name: 'rollback-alarm-exists',
    types: ['AWS::ECS::Service'],
    find({ properties, layers }) {
      const names = listOf(at(properties.DeploymentConfiguration, 'Alarms', 'AlarmNames'))
      return names
        .map((name) => textOf(name).replaceAll(/[<>]/g, ''))
        .filter((name) => layers.fleet.resources[name]?.Type !== ALARM)
        .map((name) => `there is no alarm ${name} in its layer`)
    },
  },
]

const referenceTo = ({ name }: Subject) => `<${name}>`

function compositesOf(layers: ResolvedLayers) {
  return Object.values(layers)
    .flatMap(({ resources }) => Object.values(resources))
    .filter(({ Type }) => Type === COMPOSITE)
    .map(({ Properties }) => Properties)
}

/** An action that changes a number of tasks, and tells nobody. */
function isScaling(action: Value): boolean {
  return /^<(More|Fewer)[A-Za-z]*>$/.test(textOf(action))
}
