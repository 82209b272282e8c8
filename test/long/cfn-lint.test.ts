import { join } from 'node:path'
import t from 'tap'
import { Tools } from '../../deploy/local/tools.ts'
import { ensureVirtualEnvironment } from '../../deploy/local/virtual-environment.ts'
import { LAYERS } from '../../deploy/templates/layers.ts'

const REQUIREMENTS = new URL('../../deploy/checks/requirements.txt', import.meta.url)
const FOLDER = new URL('../../.roadpulse/cfn-lint', import.meta.url).pathname
const TEMPLATES = new URL('../../deploy/cloudformation/', import.meta.url).pathname

t.test('a template does not fit the schemas of CloudFormation', async (t) => {
  const tools = new Tools()
  const { python } = await ensureVirtualEnvironment({ folder: FOLDER, tools, requirements: REQUIREMENTS })
  const files = LAYERS.map((layer) => `${TEMPLATES}${layer}.yaml`)
  const args = ['--include-checks', 'I', '--regions', 'us-east-1', 'eu-west-1', '--template', ...files]
  const { code, output } = await tools.run(join(python, '..', 'cfn-lint'), args)
  t.equal(code, 0, output)
})
