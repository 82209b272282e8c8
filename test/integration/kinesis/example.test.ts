import { spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { STAND_IN_CREDENTIALS, startKinesalite, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const EXAMPLE = new URL('../../../lib/kinesis/example.ts', import.meta.url).pathname

t.test('the example of the README does not count what is put, or does not end', async (t) => {
  const { url } = await startRedis(t)
  const { endpoint } = await startKinesalite(t)
  const kinesis = createKinesisClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint })
  await createStream(kinesis, 'example', 2)
  await putTexts(
    kinesis,
    'example',
    Array.from({ length: 100 }, (_, i) => `${i}`),
  )
  const example = spawn(process.execPath, [EXAMPLE, 'example', url], {
    env: { ...process.env, ...STAND_IN_CREDENTIALS, AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: endpoint },
  })
  t.teardown(() => example.kill('SIGKILL'))
  let output = ''
  for (const stream of [example.stdout, example.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  }
  await waitFor('all are counted', () => output.includes('100 in all'), {
    deadlineMs: 15_000,
    describe: () => output,
  })
  const ended = once(example, 'exit')
  example.kill('SIGINT')
  t.strictSame(await ended, [0, null])
})
