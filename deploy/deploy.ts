import { readDeployOptions } from './aws/deploy-options.ts'
import { deployProject } from './aws/deploy-project.ts'
import { runCommand } from './operate/run-command.ts'
import { readLayers } from './templates/resolve-layers.ts'

const HELP = `npm run deploy -- [options]

Deploys Roadpulse to AWS, layer by layer, from this working copy: checks what the account and this machine lack, shows
what would change and what it costs a month, asks, deploys by change sets, uploads jar and Glue script, builds and pushes
the image, starts the Flink job, fills Grafana. What an earlier deploy was given stays unless it is given anew. After a
failure the same command goes on where it stopped; when nothing differs it changes nothing.

  --project NAME        every name begins with it (default roadpulse)
  --set Name=Value      a parameter of the templates; may be given several times (docs/aws.md lists them)
  --parameters FILE     parameters as one JSON object; --set wins
  --image-tag TAG       an image that the repository has already, in place of one built here
  --jar FILE            the Flink job, built already
  --dry-run             only show what would change, and what it would cost
  --yes                 do not ask
  --allow-replacement   also replace or remove what holds data
  --help                this text

Environment: what the AWS command line takes (AWS_PROFILE, AWS_REGION, ...), and API_TOKENS, the tokens that open the
api (npm run token makes them). AWS_ENDPOINT_URL leads to what stands in for AWS; what that does not know is left out.
Exit codes: 0 done, 1 failed, 2 something to mend first.
`

await runCommand('deploy', async () => {
  const templates = readLayers()
  const options = readDeployOptions(process.argv.slice(2), process.env, templates)
  if (options === undefined) process.stdout.write(HELP)
  else await deployProject(options, templates, (line) => console.log(line))
})
