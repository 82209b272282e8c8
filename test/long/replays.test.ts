import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { plantedIn } from '../../deploy/local/generator/planted-in.ts'
import { startPipeline } from '../support/pipeline.ts'
import { waitFor } from '../support/wait-for.ts'

const GENERATED = { seed: 31, rows: 9_000, rate: 25 }
const ROWS_PER_SECOND = 150
const DEADLINE_MS = 180_000

t.test(
  'a replay makes live records late or moves their numbers, does not end, or what comes back is not counted',
  { timeout: 600_000 },
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv(GENERATED)), createWriteStream(csv))
    const planted = plantedIn(GENERATED)
    const roadpulse = await startPipeline(t, csv, { live: { LIVE_RATE: `${ROWS_PER_SECOND}` } })
    const { stack, source } = roadpulse

    async function post(path: string, body: object): Promise<{ feed: string }> {
      const reply = await fetch(`${stack.addresses.api}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      const text = await reply.text()
      if (reply.status !== 202) throw new Error(`${path} answered ${reply.status}: ${text}`)
      return JSON.parse(text) as { feed: string }
    }

    const received = async () => (await roadpulse.feed())?.received.accident ?? 0
    await waitFor('live rows arrive', async () => (await received()) > 1_000, { deadlineMs: DEADLINE_MS })
    const pace = { kind: 'max' }
    const whole = await post('/replays', { source: { kind: 'csv', uri: source }, pace })
    const hour = new Date().toISOString().slice(0, 13)
    const current = await post('/replays', { source: { kind: 'raw-layer', from: hour, to: hour }, pace })

    const live = await roadpulse.settled({ deadlineMs: DEADLINE_MS })
    t.equal(live.read, GENERATED.rows)
    t.equal(live.refused, planted.unreadable.length + planted.oversize.length)
    t.equal(live.rejected, planted.impossible.length)
    t.equal(live.repeated, planted.repeats.length)
    t.equal(live.late, 0, 'no live record is late')
    t.equal(live.resent, 0)

    const again = await roadpulse.settled({ deadlineMs: DEADLINE_MS, name: whole.feed })
    t.match(again, { read: live.read, emitted: live.emitted, unique: live.unique, repeated: live.repeated })
    const part = await roadpulse.settled({ deadlineMs: DEADLINE_MS, name: current.feed })
    t.ok(part.emitted > 500 && part.emitted < live.emitted, `${part.emitted} rows were in the raw layer`)

    const { items } = await roadpulse.get<{ items: { id: string }[] }>(
      `/dead-letters?origin=row&feed=${live.feed}&limit=1`,
    )
    const id = items[0]?.id ?? ''
    const text = JSON.stringify({
      id: 'A-fixed',
      severity: 2,
      start_time: '2022-01-05 10:00:00',
      end_time: '2022-01-05 11:00:00',
      start_lat: 30.5,
      start_lng: -90.5,
      state: 'LA',
      timezone: 'US/Central',
    })
    await post('/dead-letters/replays', { origin: 'row', ids: [id], fixes: [{ id, text }] })
    const put = await waitFor(
      'the fixed row is counted everywhere, and every law holds',
      async () => {
        const feed = await roadpulse.feed()
        return feed?.recovered === 1 && feed.settled && feed
      },
      { deadlineMs: DEADLINE_MS, describe: () => roadpulse.feed() },
    )
    t.equal(put.emitted, live.emitted + 1)
    t.equal(put.received.accident + put.received.accidentLate, live.unique + 1)
  },
)
