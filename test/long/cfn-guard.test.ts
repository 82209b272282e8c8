import t, { type Test } from 'tap'
import suppressions from '../../deploy/checks/guard-suppressions.json' with { type: 'json' }
import { LAYERS } from '../../deploy/templates/layers.ts'
import type { ResolvedTemplate } from '../../deploy/templates/resolve.ts'
import { judgeByGuard } from '../support/cfn-guard.ts'
import { allLayers, VARIANTS } from '../support/layers.ts'

t.test('a rule of AWS is broken without a reason, or a reason is given for one that is not', async (t) => {
  const templates = Object.entries(VARIANTS).flatMap(([variant, parameters]) => {
    const layers = allLayers(parameters)
    return LAYERS.map((layer) => [`${variant}, ${layer}`, layers[layer]] as const)
  })
  const found = await judge(t, Object.fromEntries(templates))
  const suppressed = suppressions.map(({ rule, resources }) => [rule, resources.toSorted()])
  t.strictSame(found, Object.fromEntries(suppressed))
  for (const { rule, reason } of suppressions) t.ok(reason.length > 40, rule)
})

t.test('a rule of AWS finds nothing, whatever a template says', async (t) => {
  const { data } = allLayers({ Size: 'small' })
  const stream = data.resources.RawStream
  if (stream === undefined) throw new Error('there is no RawStream')
  const { StreamEncryption: _, ...Properties } = stream.Properties
  const found = await judge(t, { broken: { ...data, resources: { RawStream: { ...stream, Properties } } } })
  t.strictSame(found, { kinesis_stream_encrypted_check: ['RawStream'] })
})

async function judge(
  t: Test,
  templates: Record<string, ResolvedTemplate>,
): Promise<Record<string, string[]>> {
  const found = await judgeByGuard(t.testdir(), templates)
  return Object.fromEntries([...found].map(([rule, resources]) => [rule, [...resources].toSorted()]))
}
