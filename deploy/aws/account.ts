import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { RoadpulseError } from '../../lib/errors.ts'
import { createDeployClients, type DeployClients } from './clients.ts'

const AWS_POLL_MS = 3_000
const STAND_IN_POLL_MS = 50

/** Where everything is deployed. */
export type Account = {
  id: string
  region: string
  /** Who deploys. */
  caller: string
  /** The address of what stands in for AWS. It does not know all that AWS knows, and answers at once. */
  endpoint: string | undefined
  pollMs: number
  clients: DeployClients
}

/**
 * The account that the environment or the profile names, as the AWS command line finds it. Throws one
 * `PREREQUISITE_MISSING` when there is none or it cannot be reached.
 */
export async function openAccount(endpoint: string | undefined): Promise<Account> {
  const clients = createDeployClients(endpoint !== undefined)
  const region = await clients.sts.config.region().catch(() => undefined)
  const advice = 'set AWS_REGION, or choose one by `aws configure`'
  if (region === undefined) throw new RoadpulseError('PREREQUISITE_MISSING', `there is no region: ${advice}`)
  try {
    const { Account: id = '', Arn: caller = '' } = await clients.sts.send(new GetCallerIdentityCommand({}))
    const pollMs = endpoint === undefined ? AWS_POLL_MS : STAND_IN_POLL_MS
    return { id, region, caller, endpoint, pollMs, clients }
  } catch (error) {
    const where = endpoint ?? `AWS in ${region}`
    throw new RoadpulseError(
      'PREREQUISITE_MISSING',
      `${where} does not know who you are (credentials: AWS_PROFILE, AWS_ACCESS_KEY_ID or \`aws sso login\`)`,
      error,
    )
  }
}
