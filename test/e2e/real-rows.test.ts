import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startPipeline } from '../support/pipeline.ts'
import { readRawLayer } from '../support/raw-layer.ts'
import { waitFor } from '../support/wait-for.ts'

const SAMPLE = fileURLToPath(new URL('../../../shared/data/us-accidents-march23-sample.csv', import.meta.url))
const ROWS = 18_812
/** So many rows have the second and the place, to 4 decimals, of an earlier one. */
const REPEATED_ROWS = 37
const ROWS_PER_SECOND = 600

t.test(
  'a real row is lost, refused or rejected between the CSV and the page',
  { timeout: 300_000, skip: existsSync(SAMPLE) ? false : 'the real rows are not on this machine' },
  async (t) => {
    const roadpulse = await startPipeline(t, SAMPLE, { live: { LIVE_RATE: `${ROWS_PER_SECOND}` } })
    const feed = await roadpulse.settled({ deadlineMs: 200_000 })
    t.equal(feed.read, ROWS)
    t.equal(feed.refused, 0)
    t.equal(feed.rejected, 0)
    t.equal(feed.late, 0)
    t.equal(feed.repeated, REPEATED_ROWS)
    t.equal(feed.unique, ROWS - REPEATED_ROWS)
    t.equal(feed.windowed, feed.onTime)
    t.equal(feed.received.accident, feed.unique)
    t.strictSame(new Set(Object.values(feed.differences)), new Set([0]))

    const raw = await waitFor(
      'the raw layer holds every record that was emitted',
      async () => {
        const layer = await readRawLayer(roadpulse.stack.addresses.aws, roadpulse.data.RawBucketName)
        return new Set(layer.events.map((event) => event.seq)).size === ROWS && layer
      },
      { deadlineMs: 30_000, intervalMs: 1_000 },
    )
    t.ok(raw.events.length >= ROWS, `${raw.events.length - ROWS} delivered twice`)
  },
)
