import { spawn } from 'node:child_process'
import { globSync, readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { DescribeImagesCommand, type ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr'
import { RoadpulseError } from '../../lib/errors.ts'
import { contentHash } from './upload-artifact.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** What the task definitions ask Fargate for. */
const PLATFORM = 'linux/arm64'

/** The tag of the image that this working copy makes: a hash of the Dockerfile and of all that it may copy. */
export function imageTag(root = ROOT): string {
  const allowed = readFileSync(`${root}.dockerignore`, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1))
  const files = allowed
    .flatMap((path) => (statSync(`${root}${path}`).isFile() ? path : globSync(`${path}/**/*`, { cwd: root })))
    .filter((path) => statSync(`${root}${path}`).isFile())
  const all = ['Dockerfile', ...files.toSorted()]
  return contentHash(...all.flatMap((path) => [path, readFileSync(`${root}${path}`)]))
}

/** Whether the repository has an image of that tag; it has none before it is there itself. */
export async function hasImage(ecr: ECRClient, repository: string, tag: string): Promise<boolean> {
  const imageIds = [{ imageTag: tag }]
  try {
    const { imageDetails = [] } = await ecr.send(
      new DescribeImagesCommand({ repositoryName: repository, imageIds }),
    )
    return imageDetails.length > 0
  } catch (error) {
    const { name } = error as Error
    if (name === 'ImageNotFoundException' || name === 'RepositoryNotFoundException') return false
    throw error
  }
}

/** Builds the image by the docker command and pushes it to `uri`, whose registry it signs in to for this. */
export async function buildAndPushImage(ecr: ECRClient, uri: string): Promise<void> {
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}))
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString()
  const [user = '', password = ''] = token.split(':')
  const registry = uri.slice(0, uri.indexOf('/'))
  await run(['login', '--username', user, '--password-stdin', registry], password)
  await run(['buildx', 'build', '--platform', PLATFORM, '--push', '--tag', uri, ROOT])
}

async function run(args: readonly string[], input?: string): Promise<void> {
  const code = await docker(args, input)
  if (code !== 0)
    throw new RoadpulseError('PART_FAILED', `\`docker ${args[0]}\` ended with ${code}; see above`)
}

/** What it says goes where our own goes. Resolves with its exit code. */
function docker(args: readonly string[], input = ''): Promise<number | null> {
  const child = spawn('docker', args, { stdio: ['pipe', 'inherit', 'inherit'] })
  // A program that does not read what it is given says so by its exit code.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}
