import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { plantedIn } from '../../deploy/local/generator/planted-in.ts'
import { type PipelineUnderTest, startPipeline } from '../support/pipeline.ts'
import { readRawLayer } from '../support/raw-layer.ts'
import { waitFor } from '../support/wait-for.ts'

const GENERATED = { seed: 5, rows: 24_000, rate: 50 }
const ROWS_PER_SECOND = 200
/** Every process of the pipeline and every stand-in. Redis comes late: all others must have lost something first. */
const VICTIMS = ['consumer', 'producer', 'flink', 'firehose', 'kinesis', 'api', 'ministack', 'redis'] as const
const RECOVERY_DEADLINE_MS = 60_000

t.test(
  'a record is lost, or counted twice, when a part is killed in the middle of a run',
  { timeout: 420_000 },
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv(GENERATED)), createWriteStream(csv))
    const roadpulse = await startPipeline(t, csv, { live: { LIVE_RATE: `${ROWS_PER_SECOND}` } })
    await flows(roadpulse, 'before the first kill')

    for (const victim of VICTIMS) {
      roadpulse.stack.part(victim).kill('SIGKILL')
      await waitFor(`${victim} is noticed`, () => roadpulse.deaths.includes(`${victim}: SIGKILL`), {
        deadlineMs: RECOVERY_DEADLINE_MS,
      })
      await waitFor(`${victim} is running again`, () => roadpulse.stack.part(victim).state === 'running', {
        deadlineMs: RECOVERY_DEADLINE_MS,
        describe: () => roadpulse.deaths,
      })
      await flows(roadpulse, `after ${victim} was killed`)
    }
    const before = await roadpulse.feed()
    t.equal(before?.state, 'running', 'all kills fell into the run')

    const planted = plantedIn(GENERATED)
    const feed = await roadpulse.settled({ deadlineMs: 180_000 })
    t.equal(feed.read, GENERATED.rows)
    t.equal(feed.refused, planted.unreadable.length + planted.oversize.length)
    t.equal(feed.rejected, planted.impossible.length)
    t.equal(feed.repeated, planted.repeats.length)
    t.equal(feed.windowed, feed.onTime)
    t.equal(feed.received.accident + feed.received.accidentLate, feed.unique)
    t.comment(`resent: ${feed.resent}, late: ${feed.late}, deaths: ${roadpulse.deaths.join(', ')}`)

    await waitFor(
      'the raw layer holds every record that was emitted',
      async () => {
        const layer = await readRawLayer(roadpulse.stack.addresses.aws, roadpulse.data.RawBucketName)
        return new Set(layer.events.map((event) => event.seq)).size === feed.emitted
      },
      { deadlineMs: 30_000, intervalMs: 1_000 },
    )
  },
)

/** Waits until rows that were emitted from now on have been received. */
async function flows(roadpulse: PipelineUnderTest, when: string): Promise<void> {
  const now = await waitFor(`the api answers ${when}`, () => roadpulse.feed(), {
    deadlineMs: RECOVERY_DEADLINE_MS,
  })
  let seen = now
  await waitFor(
    `rows are read and accidents received ${when}`,
    async () => {
      seen = (await roadpulse.feed()) ?? seen
      return (
        seen.emitted > now.emitted + ROWS_PER_SECOND && seen.received.accident > now.received.accident + 100
      )
    },
    { deadlineMs: RECOVERY_DEADLINE_MS, intervalMs: 500, describe: () => seen },
  )
}
