import { Redis } from 'ioredis'
import t from 'tap'
import { startDataAlerts } from '../../../api/data-alerts/data-alerts.ts'
import { createDigestStore } from '../../../api/data-alerts/digest-store.ts'
import { createSnsTopic } from '../../../api/watchdog/sns-topic.ts'
import { createWatchStore } from '../../../api/watchdog/watch-store.ts'
import { createSnsClient } from '../../../lib/aws/sns-client.ts'
import { createInsightReader } from '../../../lib/insights/insight-reader.ts'
import { createInsightStore } from '../../../lib/insights/insight-store.ts'
import { createLog } from '../../../lib/process/log.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { digestStateKey } from '../../../lib/redis/keys.ts'
import { accident, surge } from '../../support/envelopes.ts'
import { LIVE_FEED } from '../../support/fake-app.ts'
import { type Alert, openInbox } from '../../support/inbox.ts'
import { startMinistack, startRedis } from '../../support/servers.ts'
import { waitFor } from '../../support/wait-for.ts'

const FEED = LIVE_FEED.name
const DEADLINE_MS = 10_000

t.test('severe accidents and surges of the live feed are told never, twice, or by two apis', async (t) => {
  const [server, ministack] = await Promise.all([startRedis(t), startMinistack(t)])
  const redis = new Redis(server.url)
  t.teardown(() => redis.disconnect())
  const inbox = await openInbox(t, ministack.endpoint, 'data-alerts')
  const sns = createSnsClient({ AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: ministack.endpoint })
  t.teardown(() => sns.destroy())
  const insights = createInsightStore(redis)

  /** An api that is on watch, or believes that it is. */
  async function start(id: string) {
    const { watch } = await createWatchStore(redis, id).take(60_000)
    return startDataAlerts({
      store: createDigestStore(redis, id),
      feeds: { live: async () => LIVE_FEED },
      insights: createInsightReader(redis),
      topic: createSnsTopic(sns, inbox.topicArn),
      settings: { minSeverity: 4, minIntervalMs: 1_000 },
      watch: () => watch ?? { epoch: '1' },
      log: createLog({ name: 'api', level: 'silent', workerId: id }),
      metrics: createMetrics('api', '0'),
    })
  }
  const put = (seqs: readonly number[], state: string, severity: number, feed = FEED) =>
    insights.applyAccidents(
      feed,
      'accident',
      seqs.map((seq) => ({ ...accident(seq, { feed, state, severity }), event_time: Date.now() })),
    )
  const first = await start('api-1')
  const other = await start('api-2')
  await put([1, 2, 3], 'OH', 4)
  await put([4], 'TX', 3)
  await put([5], 'WA', 4, 'replay-x')
  const started = surge('CA', { feed: FEED, startedAt: Date.now() })
  await insights.applySurges(FEED, [{ ...started, window_end: Date.now() }])
  const told: Alert[] = []
  const collect = async (places: number) => {
    told.push(...(await inbox.take()))
    return new Set(told.map(({ dedupId }) => dedupId.split('.')[2])).size >= places
  }
  await waitFor('both states are told', () => collect(2), { deadlineMs: DEADLINE_MS, describe: () => told })

  // The next api goes on where this one stopped.
  await Promise.all([first.stop(), other.stop()])
  const { watch } = await createWatchStore(redis, 'api-1').take(1)
  if (watch !== undefined) await createWatchStore(redis, 'api-1').leave(watch)
  const next = await start('api-3')
  await put([1, 2, 3], 'OH', 4)
  await put([6], 'NV', 4)
  await waitFor('a third state is told', () => collect(3), { deadlineMs: DEADLINE_MS, describe: () => told })
  await next.stop()
  t.same(told.map((alert) => `${alert.dedupId.split('.')[2]} ${alert.kind}`).toSorted(), [
    'CA surge',
    'NV severe-accidents',
    'OH severe-accidents',
  ])
  t.ok((await redis.ttl(digestStateKey())) > 0)
})
