import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { ListInstancesCommand } from '@aws-sdk/client-sso-admin'
import type { Account } from './account.ts'
import type { DeployOptions } from './deploy-options.ts'
import { hasImage } from './image.ts'
import type { DeployedLayers } from './plan-parameters.ts'

const run = promisify(execFile)

/**
 * What the account or this machine lacks for the deploy, each with what to do. Nothing has been changed so far, so all
 * of it can be said at once.
 */
export async function checkPrerequisites(
  account: Account,
  options: DeployOptions,
  target: { imageTag: string; values: Readonly<Record<string, string>>; deployed: DeployedLayers },
): Promise<string[]> {
  const checks = [
    checkImage(account, options, target.imageTag),
    checkMaven(options),
    checkIdentityCenter(account, target.values),
    checkTokens(target.values),
  ]
  return (await Promise.all(checks)).flat()
}

async function checkImage(account: Account, options: DeployOptions, tag: string): Promise<string[]> {
  if (await hasImage(account.clients.ecr, options.project, tag)) return []
  if (options.imageTag !== undefined)
    return [`--image-tag: the repository ${options.project} has no image ${tag}`]
  if (await runs('docker', ['buildx', 'version'])) return []
  return [
    `the image ${tag} is not in the repository, and \`docker buildx\` does not run here: install Docker, or name an image that is there by --image-tag`,
  ]
}

async function checkMaven({ jar }: DeployOptions): Promise<string[]> {
  if (jar !== undefined || (await runs('mvn', ['--version']))) return []
  return [
    'Maven, which builds the Flink job, does not run here: install it with a JDK 17, or give the job by --jar',
  ]
}

async function checkIdentityCenter(
  { clients, endpoint }: Account,
  { Grafana }: Readonly<Record<string, string>>,
): Promise<string[]> {
  // A stand-in gets no Grafana anyway.
  if (Grafana !== 'on' || endpoint !== undefined) return []
  const { Instances = [] } = await clients.sso.send(new ListInstancesCommand({}))
  if (Instances.length > 0) return []
  return ['Grafana=on needs IAM Identity Center, by which people sign in: enable it in the console first']
}

async function checkTokens({ ApiTokens }: Readonly<Record<string, string>>): Promise<string[]> {
  if (ApiTokens !== undefined) return []
  return [
    'the api asks for tokens and has none yet: `npm run token -- --role operate` makes one; give its entry as API_TOKENS in the environment',
  ]
}

/** Whether a program is there and does what it is asked. */
function runs(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  )
}
