import { dirname } from 'node:path'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import t from 'tap'
import { startDeployBench } from '../../../support/deploy-program.ts'

const bench = await startDeployBench(t)
const cloudFormation = new CloudFormationClient({ region: 'us-east-1', endpoint: bench.endpoint })
t.teardown(() => cloudFormation.destroy())

t.test('of several things that are missing only one is named, or they are found on the way', async (t) => {
  // Where Node is, neither docker nor mvn is.
  const lacking = { PATH: dirname(process.execPath) }
  const { code, output } = await bench.deploy(['--yes', '--set', 'ApiAccess=public'], lacking, [])
  t.equal(code, 2, output)
  t.match(output, /the image \w+ is not in the repository, and `docker buildx` does not run here/)
  t.match(output, 'Maven, which builds the Flink job, does not run here')
  t.match(output, '`npm run token -- --role operate` makes one')
  t.match(output, 'it needs a certificate (CertificateArn)')
  const unknown = await bench.deploy(['--yes', '--image-tag', 'none'])
  t.equal(unknown.code, 2)
  t.match(unknown.output, '--image-tag: the repository roadpulse has no image none')
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({}))
  t.strictSame(Stacks, [], 'and nothing was changed')
})
