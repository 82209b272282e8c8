import { appendFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { ECRClient, PutImageCommand } from '@aws-sdk/client-ecr'

/**
 * Stands in for the docker command where there is none: notes what it is called with, and, for a build that is pushed,
 * puts an empty image of that tag into the repository, as the registry has it afterwards.
 */
const [log = '', ...args] = process.argv.slice(2)
appendFileSync(log, `${args.join(' ')}\n`)
if (args[0] === 'login') await text(process.stdin)
if (args.includes('--push')) {
  const [, repositoryName = '', imageTag = ''] =
    /^[^/]+\/(.+):(.+)$/.exec(args[args.indexOf('--tag') + 1] ?? '') ?? []
  const imageManifest = JSON.stringify({ schemaVersion: 2, imageTag })
  await new ECRClient({}).send(new PutImageCommand({ repositoryName, imageTag, imageManifest }))
}
