import { readFileSync, writeFileSync } from 'node:fs'
import { at, type ResolvedLayers, textOf } from './checks/rule.ts'
import { type CostLine } from './costs/cost-line.ts'
import { estimateCosts } from './costs/estimate-costs.ts'
import { replaceTable } from './replace-between.ts'
import { LAYERS } from './templates/layers.ts'
import { readLayers, resolveLayers, type Templates } from './templates/resolve-layers.ts'
import type { Parameter, Value } from './templates/template.ts'

const PAGE = new URL('../docs/aws.md', import.meta.url)
const SIZES = ['frugal', 'small', 'production'] as const
const ROWS_PER_SECOND = 50
/** Values of parameters that have no default, and that no table shows. */
const UPLOADED = {
  JarKey: 'flink/job.jar',
  ImageTag: 'tag',
  ScriptKey: 'glue/curate.py',
  ApiTokens: 'read:0',
}

/** docs/aws.md with its tables made anew from the templates. */
export function renderAwsPage(page: string): string {
  const templates = readLayers()
  const bySize = SIZES.map((Size) => resolveLayers(templates, { ...UPLOADED, Size }))
  const tables = {
    sizes: sizesTable(bySize),
    parameters: parametersTable(templates),
    costs: costsTable(bySize),
  }
  return Object.entries(tables).reduce((text, [name, table]) => replaceTable(text, name, table), page)
}

function sizesTable(bySize: readonly ResolvedLayers[]): string {
  const rows: [what: string, (layers: ResolvedLayers) => string][] = [
    ['shards of stream 1, of stream 2', (layers) => both(layers, 'ShardCount')],
    ['hours that they are kept', (layers) => both(layers, 'RetentionPeriodHours')],
    ['tasks reach AWS by', ({ network }) => outboundOf(network)],
    ['subtasks of Flink', ({ flink }) => textOf(at(parallelismOf(flink), 'Parallelism'))],
    ['producers, apis', ({ fleet }) => [count(fleet, 'Producer'), count(fleet, 'Api')].join(', ')],
    [
      'consumers',
      ({ fleet }) => {
        const { MinCapacity, MaxCapacity } = fleet.resources.ConsumerCount?.Properties ?? {}
        return `${textOf(MinCapacity)} to ${textOf(MaxCapacity)}`
      },
    ],
    [
      'Redis',
      ({ fleet }) => {
        const { CacheNodeType, NumCacheClusters } = fleet.resources.Redis?.Properties ?? {}
        return `${textOf(NumCacheClusters)} x ${textOf(CacheNodeType)}`
      },
    ],
    ['load balancer', ({ fleet }) => textOf(fleet.resources.LoadBalancer?.Properties.Scheme, 'none')],
    ['Glue runs', ({ ingest }) => (cronOf(ingest).includes('20 1') ? 'daily' : 'hourly')],
    ['Prometheus', ({ data }) => (data.resources.MetricsWorkspace === undefined ? 'no' : 'yes')],
  ]
  const body = rows.map(([what, of]) => `| ${[what, ...bySize.map(of)].join(' | ')} |`)
  return [`| | ${SIZES.join(' | ')} |`, '|---|---|---|---|', ...body, ''].join('\n')
}

const both = ({ data }: ResolvedLayers, name: string) =>
  ['RawStream', 'ProcessedStream']
    .map((stream) => textOf(data.resources[stream]?.Properties[name]))
    .join(', ')
const count = (fleet: ResolvedLayers['fleet'], name: string) =>
  textOf(fleet.resources[`${name}Service`]?.Properties.DesiredCount)
const cronOf = (ingest: ResolvedLayers['ingest']) => textOf(ingest.resources.JobSchedule?.Properties.Schedule)

function parallelismOf({ resources }: ResolvedLayers['flink']): Value | undefined {
  const configuration = resources.Application?.Properties.ApplicationConfiguration
  return at(configuration, 'FlinkApplicationConfiguration', 'ParallelismConfiguration')
}

function outboundOf({ resources, outputs }: ResolvedLayers['network']): string {
  if (outputs.TaskPublicAddress === 'ENABLED') return 'public addresses'
  return resources.NatGatewayB === undefined ? 'one NAT gateway' : 'a NAT gateway in each zone'
}

function parametersTable(templates: Templates): string {
  const parameters = new Map<string, { parameter: Parameter; layers: string[] }>()
  for (const layer of LAYERS) {
    for (const [name, parameter] of Object.entries(templates[layer].Parameters ?? {})) {
      const known = parameters.get(name)
      if (known === undefined) parameters.set(name, { parameter, layers: [layer] })
      else known.layers.push(layer)
    }
  }
  const rows = [...parameters].map(([name, { parameter, layers }]) => {
    const fallback = parameter.Default === undefined ? 'required' : `\`${parameter.Default}\``
    const of = layers.length === LAYERS.length ? 'all' : layers.join(', ')
    const allowed = (parameter.AllowedValues ?? []).map((value) => `\`${value}\``).join(', ')
    const text = `${parameter.Description}${allowed === '' ? '' : ` One of ${allowed}.`}`
    return `| \`${name}\` | ${of} | ${fallback === '``' ? '' : fallback} | ${text} |`
  })
  return ['| parameter | layers | default | what it is |', '|---|---|---|---|', ...rows, ''].join('\n')
}

function costsTable(bySize: readonly ResolvedLayers[]): string {
  return SIZES.map((size, index) => {
    const lines = estimateCosts(bySize[index] as ResolvedLayers, ROWS_PER_SECOND)
    const total = lines.reduce((sum, { usd }) => sum + usd, 0)
    const rows = lines.map(({ what, how, usd }: CostLine) => `| ${what} | ${how} | ${usd.toFixed(2)} |`)
    return [
      `| ${size} | how | $ a month |`,
      '|---|---|--:|',
      ...rows,
      `| **together** | | **${total.toFixed(2)}** |`,
      '',
    ].join('\n')
  }).join('\n')
}

if (import.meta.main) writeFileSync(PAGE, renderAwsPage(readFileSync(PAGE, 'utf8')))
