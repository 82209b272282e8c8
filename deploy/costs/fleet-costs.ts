import { at, listOf, numberOf, type ResolvedLayers, textOf } from '../checks/rule.ts'
import type { ResolvedResource } from '../templates/resolve.ts'
import { type CostLine, HOURS, line, price, redisNodeHour } from './cost-line.ts'

const MIB_PER_GIB = 1_024

/** Each service at the least number of tasks that it may have. */
export function fargateLines(layers: ResolvedLayers): CostLine[] {
  const { resources } = layers.fleet
  return ['Producer', 'Consumer', 'Api'].map((name) => {
    const task = resources[`${name}Task`]?.Properties
    const service = resources[`${name}Service`]?.Properties
    const tasks = numberOf(service?.DesiredCount, numberOf(resources.ConsumerCount?.Properties.MinCapacity))
    const isSpot = listOf(service?.CapacityProviderStrategy).some(
      (item) => at(item, 'CapacityProvider') === 'FARGATE_SPOT' && numberOf(at(item, 'Weight')) > 0,
    )
    const share = isSpot ? price('spotShare') : 1
    const hour =
      (numberOf(task?.Cpu) / MIB_PER_GIB) * price('vcpuHour') +
      (numberOf(task?.Memory) / MIB_PER_GIB) * price('memoryGibHour')
    const hasAddress = layers.network.outputs.TaskPublicAddress === 'ENABLED'
    const label = `${name}${tasks === 1 ? '' : 's'} on Fargate${isSpot ? ' Spot' : ''}`
    const hours = tasks * HOURS
    return hasAddress
      ? line(label, [hours, 'h', hour * share], [hours, 'address-h', price('publicAddressHour')])
      : line(label, [hours, 'h', hour * share])
  })
}

export function redisLine({ Properties }: ResolvedResource): CostLine {
  const type = textOf(Properties.CacheNodeType)
  return line(`Redis, ${type}`, [
    numberOf(Properties.NumCacheClusters) * HOURS,
    'node-h',
    redisNodeHour(type),
  ])
}

export function tasksOf({ fleet: { resources } }: ResolvedLayers): number {
  const counts = ['Producer', 'Api'].map((name) =>
    numberOf(resources[`${name}Service`]?.Properties.DesiredCount),
  )
  return counts.reduce((sum, count) => sum + count, numberOf(resources.ConsumerCount?.Properties.MinCapacity))
}
