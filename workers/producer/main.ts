import { runProcess } from '../../lib/process/lifecycle.ts'
import { producerOptions } from './options.ts'
import { startProducer } from './producer.ts'

await runProcess({
  name: 'producer',
  summary: 'replays CSVs from S3 into the stream of raw events',
  options: producerOptions,
  start: startProducer,
})
