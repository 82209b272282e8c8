import { readTeardownOptions } from './aws/teardown-options.ts'
import { teardownProject } from './aws/teardown-project.ts'
import { runCommand } from './operate/run-command.ts'

const HELP = `npm run teardown -- [options]

Takes away what costs money and holds no data: the stacks observability, fleet, flink, ingest and network, after the
Flink job has been stopped. Streams, buckets, images, logs and a last snapshot of Redis stay, and the next deploy goes on
with them. At the end every service is asked whether it still has something of the project; what stays is listed with
what it costs a month.

  --project NAME   as it was deployed (default roadpulse)
  --with-data      delete the data too, after its name has been typed
  --dry-run        only show what would go and what would stay
  --yes            do not ask, but for the data
  --help           this text

Environment: what the AWS command line takes (AWS_PROFILE, AWS_REGION, ...).
Exit codes: 0 gone, 1 failed or something is left, 2 something to mend first.
`

await runCommand('teardown', async () => {
  const options = readTeardownOptions(process.argv.slice(2), process.env)
  if (options === undefined) process.stdout.write(HELP)
  else await teardownProject(options, (line) => console.log(line))
})
