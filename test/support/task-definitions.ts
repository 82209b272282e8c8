import { at, listOf, textOf } from '../../deploy/checks/rule.ts'
import type { Value } from '../../deploy/templates/template.ts'
import { allLayers, VARIANTS } from './layers.ts'

export const PROCESSES = ['producer', 'consumer', 'api'] as const
export type Process = (typeof PROCESSES)[number]

export type Statement = { Effect: string; Action: string[]; Resource: string[] }

/** The fleet with all that conditions can add. */
const { resources } = allLayers(VARIANTS['frugal with all there is'] ?? {}).fleet
const nameOf = (process: Process) => process.charAt(0).toUpperCase() + process.slice(1)

/** The container of a process, as ECS gets it. */
export function containerOf(process: Process): Value {
  const containers = listOf(resources[`${nameOf(process)}Task`]?.Properties.ContainerDefinitions)
  return containers.find((container) => at(container, 'Name') === process) ?? null
}

/** The environment that ECS gives to a process. A secret is there as the name of what holds it. */
export function environmentOf(process: Process): Record<string, string> {
  const container = containerOf(process)
  const set = listOf(at(container, 'Environment')).map((item) => [at(item, 'Name'), at(item, 'Value')])
  const secret = listOf(at(container, 'Secrets')).map((item) => [at(item, 'Name'), at(item, 'ValueFrom')])
  const asArn = (value: Value | undefined) =>
    textOf(value).replace(/^<(\w+Topic)>$/, 'arn:aws:sns:us-east-1:000000000000:$1')
  return Object.fromEntries([...set, ...secret].map(([name, value]) => [textOf(name), asArn(value)]))
}

/** What the role of a process allows it; its collector's rights are apart. */
export function statementsOf(process: Process): Statement[] {
  const policies = listOf(resources[`${nameOf(process)}Role`]?.Properties.Policies)
  return policies
    .flatMap((policy) => listOf(at(policy, 'PolicyDocument', 'Statement')))
    .map((statement) => ({
      Effect: textOf(at(statement, 'Effect')),
      Action: listOf(at(statement, 'Action')).map((action) => textOf(action)),
      Resource: listOf(at(statement, 'Resource')).map((resource) => textOf(resource)),
    }))
}
