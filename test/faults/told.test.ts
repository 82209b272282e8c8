import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { type Alert, readInbox } from '../support/inbox.ts'
import { startPipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const TOLD_WITHIN_MS = 15_000
const OVER_WITHIN_MS = 45_000

t.test('a kill -9 is not told within 15 s, or not that it is over', { timeout: 240_000 }, async (t) => {
  const csv = `${t.testdir()}/generated.csv`
  await pipeline(Readable.from(generateCsv({ seed: 5, rows: 20_000, rate: 50 })), createWriteStream(csv))
  const roadpulse = await startPipeline(t, csv)
  const { AWS_ENDPOINT_URL: endpoint = '' } = roadpulse.stack.addresses.aws
  const inbox = readInbox(t, endpoint, roadpulse.data.InboxQueueUrl)
  await waitFor(
    'accidents are received',
    async () => ((await roadpulse.feed())?.received.accident ?? 0) > 100,
    {
      deadlineMs: 60_000,
    },
  )
  t.match(await roadpulse.get('/health/fleet'), {
    status: 'healthy',
    telling: { state: 'ok' },
    incidents: [],
  })
  t.same(await inbox.take(), [], 'a start is no incident')

  const killedAt = performance.now()
  const { pid } = roadpulse.stack.part('consumer')
  roadpulse.stack.part('consumer').kill('SIGKILL')
  const told: Alert[] = []
  const look = async (event: Alert['event']) => {
    told.push(...(await inbox.take()))
    return told.some((alert) => alert.event === event)
  }
  const describe = () => told
  await waitFor('it is told', () => look('opened'), { deadlineMs: TOLD_WITHIN_MS, describe })
  t.comment(`told after ${Math.round(performance.now() - killedAt)} ms`)
  await waitFor('it is told that it is over', () => look('closed'), { deadlineMs: OVER_WITHIN_MS, describe })
  t.same(
    told.map(({ event, kind, service }) => `${event} ${kind}.${service}`),
    ['opened down.consumer', 'closed down.consumer'],
  )
  t.match(told[0]?.workers, [new RegExp(`-${pid}$`)])
  await waitFor(
    'all is well again',
    async () => (await fetch(`${roadpulse.stack.addresses.api}/health/fleet`)).ok,
    { deadlineMs: 10_000 },
  )
})
