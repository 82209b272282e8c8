import { readFileSync } from 'node:fs'
import t from 'tap'
import { INLINE_BYTES } from '../../../deploy/aws/locate-template.ts'
import { LAYERS, readLayerText } from '../../../deploy/templates/layers.ts'
import { readLayers, resolveLayers } from '../../../deploy/templates/resolve-layers.ts'
import type { Parameter, Value } from '../../../deploy/templates/template.ts'
import { allLayers, SIZES, UPLOADED, VARIANTS } from '../../support/layers.ts'

const templates = readLayers()

t.test('a layer refers to a later one, to what conditions rule out, or to what is not there', (t) => {
  for (const [name, parameters] of Object.entries(VARIANTS)) t.doesNotThrow(() => allLayers(parameters), name)
  const turned = { ...templates, fleet: templates.observability, observability: templates.fleet }
  t.throws(
    () => resolveLayers(turned, UPLOADED),
    { code: 'CONFIGURATION' },
    'the other way round it is found',
  )
  t.end()
})

t.test('a condition is never tried both ways, so that a fault behind it stays unseen', (t) => {
  for (const layer of LAYERS) {
    for (const [name, resource] of Object.entries(templates[layer].Resources)) {
      if (resource.Condition === undefined) continue
      const present = Object.values(VARIANTS).map((v) => allLayers(v)[layer].resources[name] !== undefined)
      t.strictSame(new Set(present), new Set([true, false]), `${layer}.${name}`)
    }
  }
  t.end()
})

t.test('a parameter takes anything, is not explained, or is not in a group', (t) => {
  for (const layer of LAYERS) {
    const { Parameters = {}, Metadata } = templates[layer]
    const asked = Metadata?.['AWS::CloudFormation::Interface'] as {
      ParameterGroups: { Parameters: string[] }[]
    }
    const grouped = asked.ParameterGroups.flatMap((group) => group.Parameters)
    t.strictSame(grouped.toSorted(), Object.keys(Parameters).toSorted(), `${layer}: each in one group`)
    for (const [name, parameter] of Object.entries(Parameters)) {
      t.ok(isBounded(parameter), `${layer}.${name} is bounded`)
      t.match(parameter.Description, /\S \S.*\.$/, `${layer}.${name} is explained in a sentence`)
    }
  }
  t.end()
})

t.test('a parameter, a mapping or a condition is there and nothing asks for it', (t) => {
  for (const layer of LAYERS) {
    const { Parameters = {}, Mappings = {}, Conditions = {} } = templates[layer]
    const text = readLayerText(layer)
    for (const name of Object.keys(Parameters))
      t.match(text, new RegExp(`(!Ref ${name}\\b|\\$\\{${name}\\})`), `${layer}: ${name}`)
    for (const name of Object.keys(Conditions))
      t.match(text, new RegExp(`(!If \\[|!If\\n +- |Condition:? )${name}\\b`), `${layer}: ${name}`)
    for (const second of Object.values(Mappings).flatMap((map) => Object.values(map)))
      for (const name of Object.keys(second))
        t.match(text, new RegExp(`(, |- )${name}\\b`), `${layer}: ${name}`)
  }
  t.end()
})

t.test('one parameter, or one size, means different things in two layers', (t) => {
  const parameters = new Map<string, Parameter>()
  const sizes = new Map<string, Value>()
  for (const layer of LAYERS) {
    for (const [name, parameter] of Object.entries(templates[layer].Parameters ?? {})) {
      t.strictSame(parameter, parameters.get(name) ?? parameter, `${layer}.${name}`)
      parameters.set(name, parameter)
    }
    const bySize = templates[layer].Mappings?.Sizes
    if (bySize === undefined) continue
    t.strictSame(Object.keys(bySize), SIZES, layer)
    for (const [size, values] of Object.entries(bySize)) {
      for (const [name, value] of Object.entries(values)) {
        t.equal(value, sizes.get(`${size}.${name}`) ?? value, `${layer}.${size}.${name}`)
        sizes.set(`${size}.${name}`, value)
      }
    }
  }
  t.end()
})

t.test('a size has more consumers than shards, or more of Flink than shards to read', (t) => {
  for (const parameters of Object.values(VARIANTS)) {
    const { data, flink, fleet } = allLayers(parameters)
    const shards = Number(data.resources.ProcessedStream?.Properties.ShardCount)
    const { MinCapacity, MaxCapacity } = fleet.resources.ConsumerCount?.Properties ?? {}
    t.equal(Number(MaxCapacity), shards, 'as many consumers as shards')
    t.ok(Number(MinCapacity) <= shards)
    const application = flink.resources.Application?.Properties.ApplicationConfiguration as {
      FlinkApplicationConfiguration: { ParallelismConfiguration: { Parallelism: Value } }
    }
    const { Parallelism } = application.FlinkApplicationConfiguration.ParallelismConfiguration
    t.ok(Number(Parallelism) <= Number(data.resources.RawStream?.Properties.ShardCount))
  }
  t.end()
})

t.test('data goes when its stack goes, or a stateless layer leaves something behind that costs', (t) => {
  const keptTypes = /::(Stream|Bucket|LogGroup|Key|Topic|Repository|Workspace)$/
  for (const [name, resource] of Object.entries(templates.data.Resources)) {
    if (!keptTypes.test(resource.Type)) continue
    t.equal(resource.DeletionPolicy, 'Retain', name)
    t.equal(resource.UpdateReplacePolicy, 'Retain', name)
  }
  for (const layer of LAYERS.filter((layer) => layer !== 'data')) {
    for (const [name, resource] of Object.entries(templates[layer].Resources)) {
      t.notMatch(resource.DeletionPolicy ?? 'Delete', /Retain/, `${layer}.${name}`)
    }
  }
  t.end()
})

t.test('a template outgrows what can be deployed before there is a bucket for it', (t) => {
  for (const layer of ['network', 'data'] as const)
    t.ok(Buffer.byteLength(readLayerText(layer)) < INLINE_BYTES, layer)
  t.end()
})

t.test('the table over the raw layer does not have the columns of a raw event', (t) => {
  const schema = JSON.parse(
    readFileSync(new URL('../../../lib/events/schemas/raw-event.json', import.meta.url), 'utf8'),
  ) as { properties: Record<string, { type?: string }> }
  const table = allLayers({}).ingest.resources.RawTable?.Properties.TableInput as {
    StorageDescriptor: { Columns: { Name: string; Type: string }[] }
  }
  // What the dataset says is kept as it says it: numbers too may be anything in the raw layer.
  const typeOf = (type = 'string') =>
    ({ integer: 'bigint', array: 'array<string>', string: 'string' })[type] ?? `no type for ${type}`
  t.strictSame(
    table.StorageDescriptor.Columns,
    Object.entries(schema.properties).map(([Name, { type }]) => ({ Name, Type: typeOf(type) })),
  )
  t.end()
})

function isBounded({ AllowedValues, AllowedPattern, MinValue, MaxValue, MinLength }: Parameter): boolean {
  if (AllowedValues !== undefined || AllowedPattern !== undefined || MinLength !== undefined) return true
  return MinValue !== undefined && MaxValue !== undefined
}
