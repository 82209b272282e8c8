import { KinesisAnalyticsV2Client } from '@aws-sdk/client-kinesis-analytics-v2'
import t, { type Test } from 'tap'
import { startFlink } from '../../../../deploy/aws/start-flink.ts'
import { stopFlink } from '../../../../deploy/aws/stop-flink.ts'
import { serveJson } from '../../../support/serve-json.ts'

t.test('a stopped job is not started where it stopped, or is not waited for', async (t) => {
  const { client, calls } = await startService(t, ['READY', 'STARTING', 'STARTING', 'RUNNING'])
  t.equal(await startFlink(client, 'roadpulse', 1), true)
  t.strictSame(calls, [
    {
      call: 'StartApplication',
      ApplicationName: 'roadpulse',
      RunConfiguration: {
        ApplicationRestoreConfiguration: { ApplicationRestoreType: 'RESTORE_FROM_LATEST_SNAPSHOT' },
      },
    },
  ])
})

t.test('a job that runs, or is just being updated, is started again', async (t) => {
  const { client, calls } = await startService(t, ['UPDATING', 'RUNNING'])
  t.equal(await startFlink(client, 'roadpulse', 1), false)
  t.strictSame(calls, [])
})

t.test('a job that does not come up counts as started, or nobody is told where to look', async (t) => {
  const { client } = await startService(t, ['READY', 'STARTING', 'READY'])
  await t.rejects(startFlink(client, 'roadpulse', 1), {
    code: 'PART_FAILED',
    message: /\/roadpulse\/flink says why/,
  })
})

t.test(
  'a stopped job is stopped, which the service refuses, or a running one is not waited for',
  async (t) => {
    const stopped = await startService(t, ['READY'])
    t.equal(await stopFlink(stopped.client, 'roadpulse', 1), false)
    t.strictSame(stopped.calls, [])
    const running = await startService(t, ['STARTING', 'RUNNING', 'STOPPING', 'READY'])
    t.equal(await stopFlink(running.client, 'roadpulse', 1), true)
    t.strictSame(running.calls, [{ call: 'StopApplication', ApplicationName: 'roadpulse' }])
    const none = await startService(t, [])
    t.equal(await stopFlink(none.client, 'roadpulse', 1), false)
  },
)

/** Managed Flink, as far as a deploy calls it: an application that is in these states one after another, or none. */
async function startService(t: Test, states: string[]) {
  const calls: Record<string, unknown>[] = []
  const endpoint = await serveJson(t, ({ headers }, body) => {
    const call = String(headers['x-amz-target']).split('.')[1] ?? ''
    if (states.length === 0) return { status: 400, body: { __type: 'ResourceNotFoundException' } }
    if (call !== 'DescribeApplication') {
      calls.push({ call, ...body })
      return { status: 200, body: {} }
    }
    const state = states.length > 1 ? states.shift() : states[0]
    return {
      status: 200,
      body: { ApplicationDetail: { ApplicationName: 'roadpulse', ApplicationStatus: state } },
    }
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const client = new KinesisAnalyticsV2Client({ region: 'us-east-1', endpoint, credentials })
  t.teardown(() => {
    client.destroy()
  })
  return { client, calls }
}
