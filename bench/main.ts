import { apiBench } from './api.ts'
import { backlogBench } from './backlog.ts'
import { consumerBench } from './consumer.ts'
import { feedsMemoryBench } from './feeds-memory.ts'
import { flinkConnectorBench } from './flink-connector.ts'
import { flinkJobBench } from './flink-job.ts'
import { latencyBench } from './latency.ts'
import { pipelineBench } from './pipeline.ts'
import { producerBench } from './producer.ts'
import { takeoverBench } from './takeover.ts'

/** What a bench measured; keys carry their unit. */
export type Figures = Record<string, number | null>
export type Bench = (options: { quick: boolean }) => Promise<Figures>

const BENCHES: Record<string, Bench> = {
  api: apiBench,
  backlog: backlogBench,
  consumer: consumerBench,
  'feeds-memory': feedsMemoryBench,
  'flink-connector': flinkConnectorBench,
  'flink-job': flinkJobBench,
  latency: latencyBench,
  pipeline: pipelineBench,
  producer: producerBench,
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
