import { DescribeServicesCommand } from '@aws-sdk/client-ecs'
import type { AwsAddress } from '../../../lib/aws/aws-address.ts'
import { createEcsClient } from '../../../lib/aws/ecs-client.ts'

/** How many tasks the active ones among these services of ECS are to have, by name. */
export type DesiredCounts = (services: readonly string[]) => Promise<ReadonlyMap<string, number>>

export function createDesiredCounts(address: AwsAddress, cluster: string): DesiredCounts {
  const ecs = createEcsClient(address)
  return async (services) => {
    const reply = await ecs.send(new DescribeServicesCommand({ cluster, services: [...services] }))
    return new Map(
      (reply.services ?? []).flatMap(({ status, serviceName, desiredCount }) =>
        status === 'ACTIVE' && serviceName !== undefined && desiredCount !== undefined
          ? [[serviceName, desiredCount] as const]
          : [],
      ),
    )
  }
}
