import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch'
import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import { pino } from 'pino'
import t from 'tap'
import { startCloudWatch } from '../../../api/cloudwatch/cloudwatch.ts'
import { NAMESPACE } from '../../../api/cloudwatch/own-metrics.ts'
import { createCloudWatchClient } from '../../../lib/aws/cloudwatch-client.ts'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../lib/aws/s3-client.ts'
import { createInsightReader } from '../../../lib/insights/insight-reader.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { minuteWindow } from '../../support/envelopes.ts'
import { FakeSnapshots, fakeSnapshot, LIVE_FEED } from '../../support/fake-app.ts'
import { startLosingProxy } from '../../support/losing-proxy.ts'
import { startProcess } from '../../support/processes.ts'
import { startKinesalite, startMinistack, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const STREAM = 'processed'
const BUCKET = 'dead-letters'
const FEED = 'live-1'
const MINUTE_MS = 60_000
const STATES = ['CA', 'OH', 'NY', 'TX', 'FL']
const SEVERITIES = [1, 2, 3, 4]
const DEADLINE_MS = 20_000

const { url } = await startRedis(t)
const kinesalite = await startKinesalite(t)
const ministack = await startMinistack(t)
const proxy = await startLosingProxy(t, ministack.endpoint)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const address = {
  AWS_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: ministack.endpoint,
  AWS_ENDPOINT_URL_KINESIS: kinesalite.endpoint,
}
const kinesis = createKinesisClient(address)
const cloudWatch = createCloudWatchClient(address)
const insights = createInsightReader(redis)
const newest = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 2 * MINUTE_MS
const oldest = newest - 29 * MINUTE_MS
const later = newest + MINUTE_MS

/** Half an hour of windows, as Flink puts them. Of each minute other states and severities have accidents. */
const windows = Array.from({ length: 30 }, (_, i) =>
  STATES.flatMap((state, s) =>
    SEVERITIES.filter((severity) => (i + s + severity) % 3 !== 0).map((severity) =>
      minuteWindow(1 + ((i * 7 + s * 3 + severity) % 11), {
        feed: FEED,
        state,
        severity,
        minute: oldest + i * MINUTE_MS,
      }),
    ),
  ),
).flat()

t.test('what CloudWatch has differs from what Redis holds', { timeout: 55_000 }, async (t) => {
  const s3 = createS3Client(address)
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))
  s3.destroy()
  await createStream(kinesis, STREAM, 1)
  const put = (events: readonly unknown[]) =>
    putTexts(
      kinesis,
      STREAM,
      events.map((event) => JSON.stringify(event)),
    )
  const startConsumer = (id: string) =>
    startProcess(t, 'workers/consumer/main.ts', {
      ...address,
      REDIS_URL: url,
      PROCESSED_STREAM: STREAM,
      DEAD_LETTER_BUCKET: BUCKET,
      WORKER_ID: id,
      LEASE_TTL_MS: '1500',
      LEASE_HEARTBEAT_MS: '300',
      MAX_BATCH_RECORDS: '50',
    })
  const windowed = async () => (await insights.readReceived(FEED)).windowed
  const sum = (of: readonly { payload: { count: number } }[]) =>
    of.reduce((total, { payload }) => total + payload.count, 0)

  const first = startConsumer('consumer-1')
  await put(windows.slice(0, 200))
  const log = pino({ level: 'silent' })
  const metrics = createMetrics('api', '0')
  const through = createCloudWatchClient({ ...address, AWS_ENDPOINT_URL: proxy.endpoint })
  const watch = { isHeld: true }
  const publisher = startCloudWatch({
    cloudWatch: through,
    settings: { intervalSeconds: 0.3, accidents: 'state', topPlaces: 0 },
    isOnWatch: () => watch.isHeld,
    feeds: { list: async () => ({ feeds: [{ ...LIVE_FEED, name: FEED }] }) },
    insights,
    readShards: async () => [],
    snapshots: new FakeSnapshots(fakeSnapshot()),
    log,
    metrics,
  })
  t.teardown(() => publisher.stop())

  await waitFor('the first windows are handled', async () => (await windowed()) > 0, {
    deadlineMs: DEADLINE_MS,
  })
  first.child.kill('SIGKILL')
  await first.ended
  // Flink, too, began anew: what it had put comes once more.
  await put(windows.slice(100, 300))
  await put(windows)
  proxy.lose = 2
  startConsumer('consumer-2')
  await waitFor('all windows are handled', async () => (await windowed()) === sum(windows), {
    deadlineMs: DEADLINE_MS,
  })
  await waitForEqual('after a kill, windows that came twice and answers that were lost')
  t.equal(proxy.lose, 0, 'answers were lost')
  const calls = await metrics.render()
  t.match(calls, /cloudwatch_values_total [1-9]/)
  t.ok(proxy.compressed.length > 0 && Math.max(...proxy.compressed) < 60_000, 'calls are compressed')

  // Of a minute that was published a window comes late, and one minute more.
  const more = [
    minuteWindow(5, { feed: FEED, state: 'WA', severity: 4, minute: newest }),
    minuteWindow(3, { feed: FEED, state: 'WA', severity: 1, minute: later }),
  ]
  await put(more)
  await waitFor('they are handled', async () => (await windowed()) === sum(windows) + sum(more), {
    deadlineMs: DEADLINE_MS,
  })
  await waitForEqual('after a window that came late')

  // Another api takes the watch over, and knows nothing of what was published.
  watch.isHeld = false
  const successor = startCloudWatch({
    cloudWatch: through,
    settings: { intervalSeconds: 0.3, accidents: 'state', topPlaces: 0 },
    isOnWatch: () => true,
    feeds: { list: async () => ({ feeds: [{ ...LIVE_FEED, name: FEED }] }) },
    insights,
    readShards: async () => [],
    snapshots: new FakeSnapshots(),
    log,
    metrics: createMetrics('api', '0'),
  })
  const before = proxy.compressed.length
  await waitFor('it publishes all of it once more', () => proxy.compressed.length > before, {
    deadlineMs: DEADLINE_MS,
  })
  await successor.stop()
  await waitForEqual('after it was published twice')

  async function waitForEqual(when: string): Promise<void> {
    let seen: unknown
    await waitFor(
      `CloudWatch has what Redis holds ${when}`,
      async () => {
        const [held, published] = await Promise.all([heldByRedis(), publishedTo(cloudWatch)])
        seen = { held: held.size, published: published.size }
        return held.size === published.size && [...held].every(([key, count]) => published.get(key) === count)
      },
      { deadlineMs: DEADLINE_MS, describe: () => seen },
    )
    const [held, published] = await Promise.all([heldByRedis(), publishedTo(cloudWatch)])
    t.ok(held.size > 150, `${held.size} counts`)
    t.strictSame(published, held, when)
  }
})

/** `Severity 2 at <epoch ms>` and `State CA at <epoch ms>`, with the count. */
async function heldByRedis(): Promise<Map<string, number>> {
  const minutes = await insights.readSeverityMinutes(FEED, oldest, later + MINUTE_MS)
  return new Map(
    minutes
      .flatMap(({ minute, bySeverity, byState }) => [
        ...SEVERITIES.map(
          (severity) => [`Severity ${severity} at ${minute}`, bySeverity.get(severity) ?? 0] as const,
        ),
        ...[...byState].map(([state, count]) => [`State ${state} at ${minute}`, count] as const),
      ])
      .toSorted(([a], [b]) => a.localeCompare(b)),
  )
}

async function publishedTo(client: CloudWatchClient): Promise<Map<string, number>> {
  const series = [
    ...SEVERITIES.map((severity) => ({ Name: 'Severity', Value: `${severity}` })),
    ...[...STATES, 'WA'].map((state) => ({ Name: 'State', Value: state })),
  ]
  const { MetricDataResults = [] } = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(oldest),
      EndTime: new Date(later + MINUTE_MS),
      MetricDataQueries: series.map((dimension, i) => ({
        Id: `m${i}`,
        MetricStat: {
          Metric: { Namespace: NAMESPACE, MetricName: 'Accidents', Dimensions: [dimension] },
          Period: 60,
          Stat: 'Maximum',
        },
      })),
    }),
  )
  return new Map(
    MetricDataResults.flatMap(({ Id, Timestamps = [], Values = [] }) => {
      const { Name, Value } = series[Number(Id?.slice(1))] ?? {}
      return Timestamps.map((at, i) => [`${Name} ${Value} at ${at.getTime()}`, Values[i] ?? 0] as const)
    }).toSorted(([a], [b]) => a.localeCompare(b)),
  )
}
