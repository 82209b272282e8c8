import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { plantedIn } from '../../deploy/local/generator/planted-in.ts'
import { randomAt } from '../../deploy/local/generator/random.ts'
import { startPipeline } from '../support/pipeline.ts'
import { readRawLayer } from '../support/raw-layer.ts'
import { waitFor } from '../support/wait-for.ts'

/** `KILL_SEED` repeats a run that failed. */
const SEED = Number(process.env.KILL_SEED ?? Date.now() % 1_000_000)
const GENERATED = { seed: 8, rows: 30_000, rate: 50 }
const ROWS_PER_SECOND = 100
const KILLS = 40
const PARTS = ['consumer', 'producer', 'flink', 'firehose', 'kinesis', 'api', 'ministack', 'redis'] as const

t.test(
  `a record is lost or counted twice when parts are killed at random, also while others recover (KILL_SEED=${SEED})`,
  { timeout: 840_000 },
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv(GENERATED)), createWriteStream(csv))
    const roadpulse = await startPipeline(t, csv, { live: { LIVE_RATE: `${ROWS_PER_SECOND}` } })
    const random = randomAt(SEED, 0, 0)
    for (let kill = 0; kill < KILLS; kill++) {
      await delay(1_000 + random.below(6_000))
      roadpulse.stack.part(random.pick(PARTS)).kill('SIGKILL')
    }
    t.comment(`deaths: ${roadpulse.deaths.join(', ')}`)

    const planted = plantedIn(GENERATED)
    const feed = await roadpulse.settled({ deadlineMs: 480_000 })
    t.equal(feed.read, GENERATED.rows)
    t.equal(feed.refused, planted.unreadable.length + planted.oversize.length)
    t.equal(feed.rejected, planted.impossible.length)
    t.equal(feed.repeated, planted.repeats.length)
    t.equal(feed.windowed, feed.onTime)
    t.equal(feed.received.accident + feed.received.accidentLate, feed.unique)
    await waitFor(
      'the raw layer holds every record that was emitted',
      async () => {
        const layer = await readRawLayer(roadpulse.stack.addresses.aws, roadpulse.data.RawBucketName)
        return new Set(layer.events.map((event) => event.seq)).size === feed.emitted
      },
      { deadlineMs: 60_000, intervalMs: 1_000 },
    )
  },
)
