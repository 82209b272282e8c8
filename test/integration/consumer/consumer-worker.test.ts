import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { Redis } from 'ioredis'
import t from 'tap'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import { createS3Client } from '../../../lib/aws/s3-client.ts'
import { createInsightReader } from '../../../lib/insights/insight-reader.ts'
import { readHeartbeats } from '../../../lib/process/heartbeat.ts'
import { readGzippedObjects } from '../../support/buckets.ts'
import {
  accident,
  hotspot,
  MINUTE,
  minuteWindow,
  rejected,
  surge,
  tally,
  topCity,
} from '../../support/envelopes.ts'
import { startProcess } from '../../support/processes.ts'
import { startKinesalite, startMinistack, startRedis } from '../../support/servers.ts'
import { createStream, putTexts } from '../../support/streams.ts'
import { waitFor } from '../../support/wait-for.ts'

const STREAM = 'processed'
const BUCKET = 'dead-letters'
const FEED = 'live-1'

const { url } = await startRedis(t)
const kinesalite = await startKinesalite(t)
const ministack = await startMinistack(t)
const redis = new Redis(url)
t.teardown(() => redis.disconnect())
const address = {
  AWS_REGION: 'us-east-1',
  AWS_ENDPOINT_URL: ministack.endpoint,
  AWS_ENDPOINT_URL_KINESIS: kinesalite.endpoint,
}
const kinesis = createKinesisClient(address)
const s3 = createS3Client(address)
const insights = createInsightReader(redis)

const put = (...events: unknown[]) =>
  putTexts(
    kinesis,
    STREAM,
    events.map((event) => (typeof event === 'string' ? event : JSON.stringify(event))),
  )

const startWorker = (workerId: string) =>
  startProcess(t, 'workers/consumer/main.ts', {
    ...address,
    REDIS_URL: url,
    PROCESSED_STREAM: STREAM,
    DEAD_LETTER_BUCKET: BUCKET,
    WORKER_ID: workerId,
    LEASE_TTL_MS: '1500',
    LEASE_HEARTBEAT_MS: '300',
  })

async function waitForReceived(expected: object): Promise<void> {
  let received: object = {}
  const look = async () => {
    received = await insights.readReceived(FEED)
    return JSON.stringify(received) === JSON.stringify(expected)
  }
  await waitFor('the events are received', look, { deadlineMs: 20_000, describe: () => received })
}

await createStream(kinesis, STREAM, 2)
await s3.send(new CreateBucketCommand({ Bucket: BUCKET }))

t.test('events that were sent cannot be read as insights', async (t) => {
  const worker = startWorker('first')
  await put(
    accident(1, { feed: FEED }),
    accident(2, { feed: FEED, type: 'accident_late' }),
    rejected(3, 'rejected-3', { feed: FEED }),
    minuteWindow(1, { feed: FEED }),
    hotspot(1, { feed: FEED }),
    topCity(1, { feed: FEED }),
    surge('OH', { feed: FEED }),
    surge('CA', { feed: FEED }),
    surge('CA', { feed: FEED, endedAt: MINUTE + 1 }),
    tally({ in: 3, rejected: 1, valid: 2, unique: 2, on_time: 1, late: 1 }, { feed: FEED }),
    { ...accident(9), type: 'of the future' },
    'no envelope',
    accident(2 ** 40, { feed: FEED }),
  )
  await waitForReceived({ accident: 1, accidentLate: 1, rejected: 1, windowed: 1 })
  t.match(await insights.readTally(FEED), { counts: { in: 3 } })
  t.match(await insights.readSeverityMinutes(FEED, MINUTE, MINUTE + 1), [{ isProvisional: false }])
  await waitFor(
    'a hotspot, a city, a surge that is on and one that is over are received',
    async () => {
      const [hotspots, cities, surges] = await Promise.all([
        insights.readHotspots(FEED),
        insights.readTopCities(FEED),
        insights.readSurges(FEED),
      ])
      const phases = surges.map(({ area, phase }) => `${area} ${phase}`).join()
      return hotspots?.items.length === 1 && cities?.items.length === 1 && phases === 'CA ended,OH started'
    },
    { deadlineMs: 10_000 },
  )

  let letters: { reason: string; origin: string; bytesBase64: string }[] = []
  await waitFor(
    'what is no event is put aside',
    async () => {
      const texts = [...(await readGzippedObjects(s3, BUCKET)).values()]
      letters = texts.flatMap((text) =>
        text
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line)),
      )
      return letters.length === 3
    },
    { deadlineMs: 10_000, describe: () => letters },
  )
  letters.sort((a, b) => (a.reason < b.reason ? -1 : 1))
  t.match(letters, [
    { origin: 'rejected', reason: 'not JSON', seq: 3, feed: FEED },
    {
      origin: 'handler',
      reason: /^not JSON: /,
      shardId: /^shardId-/,
      sequenceNumber: /^\d+$/,
      epoch: Number,
    },
    { origin: 'handler', reason: /^seq \d+ is beyond/ },
  ])
  t.equal(Buffer.from(letters[1]?.bytesBase64 ?? '', 'base64').toString(), 'no envelope')

  const tellsAll = async () =>
    (await readHeartbeats(redis)).find(
      ({ holds, progress }) => holds.length === 2 && progress['putAside'] === 2,
    )
  const heartbeat = await waitFor('a heartbeat names both shards and what was put aside', tellsAll, {
    deadlineMs: 5_000,
  })
  t.match(heartbeat, { id: 'first', kind: 'consumer', state: 'running', progress: { batches: Number } })
  const metrics = await (await fetch(`http://127.0.0.1:${heartbeat.probePort}/metrics`)).text()
  t.match(metrics, /freshness_seconds_count\{feed_kind="live"\} 2\n/)
  t.match(metrics, /consumer_records_total\{type="unknown",result="skipped"\} 1\n/)
  t.match(metrics, /dead_letters_total\{origin="handler"\} 2\n/)
  t.equal((await fetch(`http://127.0.0.1:${heartbeat.probePort}/health/ready`)).status, 200)

  worker.child.kill('SIGTERM')
  t.equal(await worker.ended, 0, 'it stops cleanly')
  t.match(await readHeartbeats(redis), [{ state: 'stopped' }])
})

t.test('a consumer that is killed in the middle of its work loses events or counts them twice', async () => {
  const first = startWorker('second')
  const events = Array.from({ length: 3_000 }, (_, i) => accident(100 + i, { feed: FEED }))
  const putting = put(...events)
  await waitFor('it is at work', async () => (await insights.readReceived(FEED)).accident > 100, {
    deadlineMs: 20_000,
    intervalMs: 5,
  })
  first.child.kill('SIGKILL')
  await putting
  startWorker('third')
  await waitForReceived({ accident: 3_001, accidentLate: 1, rejected: 1, windowed: 1 })
})
