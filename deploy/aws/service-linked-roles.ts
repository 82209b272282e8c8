import { CreateServiceLinkedRoleCommand, type IAMClient, ListRolesCommand } from '@aws-sdk/client-iam'

/**
 * Services that act in an account by a role of their own. They make it at their first use, but in a new account too
 * late for the stack that uses them first. (Application Auto Scaling makes its own in time.)
 */
const SERVICES = ['ecs.amazonaws.com', 'elasticache.amazonaws.com', 'elasticloadbalancing.amazonaws.com']

/** The services whose role the account does not have yet. */
export async function missingServiceRoles(iam: IAMClient): Promise<string[]> {
  const missing = await Promise.all(
    SERVICES.map(async (service) => {
      const PathPrefix = `/aws-service-role/${service}/`
      const { Roles = [] } = await iam.send(new ListRolesCommand({ PathPrefix }))
      return Roles.length === 0 ? service : []
    }),
  )
  return missing.flat()
}

export async function createServiceRole(iam: IAMClient, service: string): Promise<void> {
  await iam.send(new CreateServiceLinkedRoleCommand({ AWSServiceName: service }))
}
