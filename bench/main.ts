import { backlogBench } from './backlog.ts'
import { flinkConnectorBench } from './flink-connector.ts'
import { flinkJobBench } from './flink-job.ts'
import { latencyBench } from './latency.ts'
import { pipelineBench } from './pipeline.ts'
import { takeoverBench } from './takeover.ts'
import { throughputBench } from './throughput.ts'

/** What a bench measured; keys carry their unit. */
export type Figures = Record<string, number | null>
export type Bench = (options: { quick: boolean }) => Promise<Figures>

const BENCHES: Record<string, Bench> = {
  backlog: backlogBench,
  'flink-connector': flinkConnectorBench,
  'flink-job': flinkJobBench,
  kinesis: throughputBench,
  latency: latencyBench,
  pipeline: pipelineBench,
  takeover: takeoverBench,
}

const args = process.argv.slice(2)
const name = args.find((arg) => !arg.startsWith('--'))
const bench = name === undefined ? undefined : BENCHES[name]
const unknown = args.filter((arg) => arg !== name && arg !== '--quick')
if (bench === undefined || unknown.length > 0) {
  console.error(
    `usage: npm run bench -- NAME [--quick], where NAME is one of: ${Object.keys(BENCHES).join(', ')}`,
  )
  process.exit(2)
}
const figures = await bench({ quick: args.includes('--quick') })
console.log(JSON.stringify({ bench: name, figures }))
