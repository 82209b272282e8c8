import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import t from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { topCitiesKey } from '../../lib/redis/keys.ts'
import { type Alert, readInbox } from '../support/inbox.ts'
import { startPipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const DEADLINE_MS = 120_000
const OUTAGE_MS = 60_000

t.test(
  'an outage is told under another name, or with what only follows from it',
  { timeout: 840_000 },
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv({ seed: 5, rows: 60_000, rate: 50 })), createWriteStream(csv))
    const roadpulse = await startPipeline(t, csv)
    const { stack } = roadpulse
    const { AWS_ENDPOINT_URL: endpoint = '' } = stack.addresses.aws
    const inbox = readInbox(t, endpoint, roadpulse.data.InboxQueueUrl)
    const redis = new Redis(stack.addresses.redis)
    t.teardown(() => redis.disconnect())
    const feed = await waitFor(
      'accidents are received',
      async () => {
        const live = await roadpulse.feed()
        return (live?.received.accident ?? 0) > 100 && live
      },
      { deadlineMs: 60_000 },
    )
    const signal = (names: readonly string[], signal: NodeJS.Signals) => {
      for (const name of names) stack.part(name).kill(signal)
    }
    /** Collects until each of these has been told, and then for a while whether anything else is. */
    async function told(event: Alert['event'], keys: readonly string[]): Promise<void> {
      const alerts: Alert[] = []
      const describe = () => alerts.map(keyOf)
      const look = async () => {
        alerts.push(...(await inbox.take()))
        return keys.every((key) => alerts.some((alert) => keyOf(alert) === `${event} ${key}`))
      }
      await waitFor(`${event} ${keys.join(', ')}`, look, {
        deadlineMs: DEADLINE_MS,
        intervalMs: 500,
        describe,
      })
      t.same(
        describe().toSorted((a, b) => a.localeCompare(b)),
        keys.map((key) => `${event} ${key}`).toSorted((a, b) => a.localeCompare(b)),
      )
    }

    signal(['consumer'], 'SIGSTOP')
    await told('opened', ['down.consumer'])
    signal(['consumer'], 'SIGCONT')
    await told('closed', ['down.consumer'])

    t.comment('a handler that fails')
    const wrong = topCitiesKey(feed.feed)
    await redis.multi().del(wrong).set(wrong, 'no hash').exec()
    await told('opened', ['failing.consumer'])
    await redis.del(wrong)
    await told('closed', ['failing.consumer'])

    t.comment('all workers are gone')
    const workers = ['producer', 'consumer', 'firehose']
    signal(workers, 'SIGSTOP')
    await told(
      'opened',
      workers.map((kind) => `down.${kind}`),
    )
    signal(workers, 'SIGCONT')
    await told(
      'closed',
      workers.map((kind) => `down.${kind}`),
    )

    t.comment('Redis is gone for a minute')
    signal(['redis'], 'SIGSTOP')
    await told('opened', ['dependency.redis'])
    await delay(OUTAGE_MS)
    signal(['redis'], 'SIGCONT')
    await told('closed', ['dependency.redis'])

    t.comment('S3 and SNS are gone for a minute')
    signal(['ministack'], 'SIGSTOP')
    await waitFor(
      'it shows that nobody is told',
      async () => {
        const reply = await fetch(`${stack.addresses.api}/health/fleet`)
        const body = (await reply.json()) as { telling: { state: string } }
        return reply.status === 503 && body.telling.state === 'failing'
      },
      { deadlineMs: 30_000 },
    )
    await delay(OUTAGE_MS)
    signal(['ministack'], 'SIGCONT')
    const alerts: Alert[] = []
    const sum = ['opened', 'closed'].flatMap((event) => [`${event} dependency.s3`, `${event} dependency.sns`])
    await waitFor(
      'both outages are told, and that they are over',
      async () => {
        alerts.push(...(await inbox.take()))
        return sum.every((key) => alerts.some((alert) => keyOf(alert) === key))
      },
      { deadlineMs: DEADLINE_MS, intervalMs: 500, describe: () => alerts.map(keyOf) },
    )
    t.same([...new Set(alerts.map(keyOf))].toSorted(), sum.toSorted(), 'and nothing that follows from them')
    await waitFor('all is well again', async () => (await fetch(`${stack.addresses.api}/health/fleet`)).ok, {
      deadlineMs: DEADLINE_MS,
    })
  },
)

const keyOf = ({ event, kind, service }: Alert) => `${event} ${kind}.${service}`
