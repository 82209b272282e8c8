import { runProcess } from '../../lib/process/lifecycle.ts'
import { startConsumerWorker } from './consumer-worker.ts'
import { consumerOptions } from './options.ts'

await runProcess({
  name: 'consumer',
  summary: 'takes the processed events and keeps the live insights in Redis',
  options: consumerOptions,
  start: startConsumerWorker,
})
