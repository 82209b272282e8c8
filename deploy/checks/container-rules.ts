import { STOP_DEADLINE_MS } from '../../lib/process/lifecycle.ts'
import type { Value } from '../templates/template.ts'
import { at, listOf, numberOf, type Rule, textOf, when } from './rule.ts'

const TASK = ['AWS::ECS::TaskDefinition']
const SERVICE = ['AWS::ECS::Service']
const MAX_STOP_TIMEOUT_SECONDS = 120
const DRAIN_SECONDS = STOP_DEADLINE_MS / 1_000

export const containerRules: readonly Rule[] = [
  {
    name: 'stop-timeout-fits',
    types: TASK,
    find: ({ properties }) =>
      eachEssential(properties.ContainerDefinitions, (container) => {
        const seconds = numberOf(at(container, 'StopTimeout'), 30)
        return [
          ...when(
            seconds > MAX_STOP_TIMEOUT_SECONDS,
            `Fargate kills after ${MAX_STOP_TIMEOUT_SECONDS} s, not ${seconds}`,
          ),
          ...when(
            seconds <= DRAIN_SECONDS,
            `is killed after ${seconds} s, within the ${DRAIN_SECONDS} s of its stop`,
          ),
        ]
      }),
  },
  {
    name: 'container-cannot-change-itself',
    types: TASK,
    find: ({ properties }) =>
      listOf(properties.ContainerDefinitions).flatMap((container) => [
        ...when(at(container, 'ReadonlyRootFilesystem') !== true, 'its root file system can be written'),
        ...when(at(container, 'LinuxParameters', 'Capabilities', 'Drop', 0) !== 'ALL', 'keeps capabilities'),
        ...when(at(container, 'Privileged') === true, 'is privileged'),
      ]),
  },
  {
    name: 'container-is-not-root',
    types: TASK,
    find: ({ properties }) =>
      eachEssential(properties.ContainerDefinitions, (container) => {
        const user = textOf(at(container, 'User'), 'root')
        return when(/^(root|0)(:|$)/.test(user), `runs as ${user}`)
      }),
  },
  {
    name: 'logs-do-not-block',
    types: TASK,
    find: ({ properties }) =>
      listOf(properties.ContainerDefinitions).flatMap((container) => {
        const options = at(container, 'LogConfiguration', 'Options')
        return [
          ...when(at(options, 'mode') === undefined, 'whether its logs may stop it is left to the account'),
          ...when(at(options, 'awslogs-stream-prefix') === undefined, 'Fargate needs awslogs-stream-prefix'),
        ]
      }),
  },
  {
    name: 'deployment-rolls-back',
    types: SERVICE,
    find({ properties: { DeploymentConfiguration: deployment } }) {
      const breaker = at(deployment, 'DeploymentCircuitBreaker')
      const alarms = at(deployment, 'Alarms')
      return [
        ...when(
          at(breaker, 'Enable') !== true || at(breaker, 'Rollback') !== true,
          'keeps a version that cannot start',
        ),
        ...when(alarms !== undefined && at(alarms, 'Rollback') !== true, 'only looks when its alarms ring'),
      ]
    },
  },
  {
    name: 'scaling-decides-alone',
    types: ['AWS::ApplicationAutoScaling::ScalableTarget'],
    find({ properties, layers }) {
      const service = /<([^>.]+)\.Name>$/.exec(textOf(properties.ResourceId))?.[1] ?? ''
      const count = layers.fleet.resources[service]?.Properties.DesiredCount
      return when(count !== undefined, `each update sets ${service} back to its DesiredCount`)
    },
  },
]

function eachEssential(containers: Value | undefined, find: (container: Value) => string[]): string[] {
  return listOf(containers)
    .filter((container) => at(container, 'Essential') !== false)
    .flatMap(find)
}
