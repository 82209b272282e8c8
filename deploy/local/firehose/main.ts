import { runProcess } from '../../../lib/process/lifecycle.ts'
import { startFirehose } from './firehose.ts'
import { firehoseOptions } from './options.ts'

await runProcess({
  name: 'firehose',
  summary: 'stands in for Amazon Data Firehose: stream 1 to the raw layer in S3',
  options: firehoseOptions,
  start: startFirehose,
})
