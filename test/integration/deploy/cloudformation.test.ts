import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation'
import t, { type Test } from 'tap'
import { deployStack } from '../../../deploy/local/deploy-stack.ts'
import { STAND_IN_GAPS } from '../../../deploy/local/stand-in-gaps.ts'
import { LAYERS } from '../../../deploy/templates/layers.ts'
import { leaveOut } from '../../../deploy/templates/leave-out.ts'
import { readLayers, resolveLayers } from '../../../deploy/templates/resolve-layers.ts'
import type { Template, Value } from '../../../deploy/templates/template.ts'
import { SIZES, UPLOADED } from '../../support/layers.ts'
import { startMinistack } from '../../support/servers.ts'

const templates = readLayers()

t.test(
  'the layers cannot be deployed one after another, or put out something else than they say',
  async (t) => {
    for (const size of SIZES) await t.test(size, (t) => deployAll(t, size))
  },
)

t.test(
  'the stand-in has learnt what is still left out, or something is left out that no layer has',
  async (t) => {
    const cloudFormation = await connect(t)
    for (const gap of STAND_IN_GAPS) {
      const [type = '', property] = gap.split('.')
      const Properties = property === undefined ? {} : { [property]: [{ Id: 'all', Expression: '1' }] }
      const refused = /Unrecognized resource types|is not supported/
      await t.rejects(
        create(cloudFormation, { Unknown: { Type: type, Properties } }),
        refused,
        `take off ${gap}`,
      )
      const holders = LAYERS.filter((layer) => leaveOut(templates[layer], [gap]).leftOut.length > 0)
      t.ok(holders.length > 0, `a layer has ${gap}`)
    }
  },
)

/** Deploys the layers of one size into a stand-in of their own, and compares what they put out. */
async function deployAll(t: Test, size: string): Promise<void> {
  const cloudFormation = await connect(t)
  const parameters = { ...UPLOADED, Size: size }
  const expected = resolveLayers(templates, parameters)
  for (const layer of LAYERS) {
    const template = templates[layer]
    const { outputs, isNew } = await deployStack(cloudFormation, {
      name: `roadpulse-${layer}`,
      template,
      parameters: Object.fromEntries(
        Object.entries(parameters).filter(([name]) => template.Parameters?.[name] !== undefined),
      ),
    })
    t.ok(isNew)
    t.strictSame(Object.keys(outputs).toSorted(), Object.keys(expected[layer].outputs).toSorted(), layer)
    for (const [name, value] of Object.entries(expected[layer].outputs)) {
      if (isKnownBefore(value)) t.equal(outputs[name], value, `${layer}.${name}`)
      else t.ok(outputs[name], `${layer}.${name}`)
    }
  }
}

/** A name that the template gives, and not one that the service makes up. */
const isKnownBefore = (value: Value) => !JSON.stringify(value).includes('<')

async function connect(t: Test): Promise<CloudFormationClient> {
  const { endpoint } = await startMinistack(t)
  const cloudFormation = new CloudFormationClient({ region: 'us-east-1', endpoint })
  t.teardown(() => cloudFormation.destroy())
  return cloudFormation
}

/** Makes a stack of these resources without leaving any out. Throws when it cannot be. */
async function create(cloudFormation: CloudFormationClient, Resources: Template['Resources']): Promise<void> {
  const StackName = `gap-${Object.values(Resources)[0]?.Type.replaceAll('::', '-')}`
  await cloudFormation.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: JSON.stringify({ Resources }),
      OnFailure: 'DO_NOTHING',
    }),
  )
  await waitUntilStackCreateComplete({ client: cloudFormation, maxWaitTime: 10, minDelay: 1 }, { StackName })
}
