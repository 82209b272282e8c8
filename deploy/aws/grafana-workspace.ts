import { randomUUID } from 'node:crypto'
import {
  CreateWorkspaceServiceAccountCommand,
  CreateWorkspaceServiceAccountTokenCommand,
  DeleteWorkspaceServiceAccountCommand,
  type GrafanaClient,
} from '@aws-sdk/client-grafana'

/** Longer than a push takes, and not much: should the account outlive us, its token does not. */
const TOKEN_SECONDS = 900

/** Lends `use` a token of the workspace, whose account is deleted with it afterwards, whatever happened. */
export async function withGrafanaToken<T>(
  client: GrafanaClient,
  workspaceId: string,
  use: (token: string) => Promise<T>,
): Promise<T> {
  const name = `roadpulse-deploy-${randomUUID().slice(0, 8)}`
  const { id: serviceAccountId } = await client.send(
    new CreateWorkspaceServiceAccountCommand({ workspaceId, name, grafanaRole: 'ADMIN' }),
  )
  try {
    const { serviceAccountToken } = await client.send(
      new CreateWorkspaceServiceAccountTokenCommand({
        workspaceId,
        serviceAccountId,
        name,
        secondsToLive: TOKEN_SECONDS,
      }),
    )
    return await use(serviceAccountToken?.key ?? '')
  } finally {
    await client.send(new DeleteWorkspaceServiceAccountCommand({ workspaceId, serviceAccountId }))
  }
}
