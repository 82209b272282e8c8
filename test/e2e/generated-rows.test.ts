import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import type { CityInsight } from '../../api/insights/cities.ts'
import type { HotspotInsight } from '../../api/insights/hotspots.ts'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { plantedIn } from '../../deploy/local/generator/planted-in.ts'
import { identifyProcess } from '../../deploy/local/process-identity.ts'
import { startPipeline } from '../support/pipeline.ts'
import { readRawLayer } from '../support/raw-layer.ts'
import { waitFor } from '../support/wait-for.ts'

const GENERATED = { seed: 11, rows: 12_000, rate: 25 }
const ROWS_PER_SECOND = 400
const LATE_SHARE = 0.01
const STOP_LIMIT_MS = 10_000

t.test(
  'a row is lost, counted twice or miscounted between the CSV and the page',
  { timeout: 300_000 },
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv(GENERATED)), createWriteStream(csv))
    const planted = plantedIn(GENERATED)
    const roadpulse = await startPipeline(t, csv, {
      live: {
        LIVE_RATE: `${ROWS_PER_SECOND}`,
        LIVE_LATENESS_SHARE: `${LATE_SHARE}`,
        LIVE_LATENESS_MAX_SECONDS: '60',
      },
    })
    const feed = await roadpulse.settled({ deadlineMs: 150_000 })

    t.equal(feed.read, GENERATED.rows)
    t.equal(
      feed.refused,
      planted.unreadable.length + planted.oversize.length,
      'unreadable and oversize rows are refused',
    )
    t.equal(feed.emitted, feed.read - feed.refused)
    t.equal(feed.rejected, planted.impossible.length, 'rows that break a rule are rejected')
    t.equal(feed.repeated, planted.repeats.length, 'copies under new ids are found')
    t.ok(feed.late > 0 && feed.late < GENERATED.rows * LATE_SHARE * 2, `${feed.late} rows are late`)
    t.equal(feed.resent, 0, 'nothing was sent twice')
    t.equal(feed.windowed, feed.onTime)
    t.equal(feed.received.accident + feed.received.accidentLate, feed.unique)
    t.strictSame(new Set(Object.values(feed.differences)), new Set([0]))
    t.strictSame(roadpulse.deaths, [], 'no part died')

    const texts = new Map<string, string>()
    for (const { part } of roadpulse.stack.parts()) {
      if (part.metrics !== undefined) texts.set(part.name, await (await fetch(part.metrics)).text())
    }
    t.strictSame([...texts.keys()].toSorted(), ['api', 'consumer', 'firehose', 'flink', 'producer'])
    t.match(texts.get('flink'), /^flink_taskmanager_job_task_numRecordsIn\{/m)
    t.match(
      texts.get('producer'),
      `producer_rows_total{feed_kind="live",result="emitted"} ${feed.emitted}\n`,
      'the metrics of the producer, of the consumer and of the fleet say the same',
    )
    const { accident, accidentLate } = feed.received
    t.match(texts.get('consumer'), `freshness_seconds_count{feed_kind="live"} ${accident + accidentLate}\n`)
    t.match(texts.get('api'), `pipeline_rows{feed_kind="live",place="emitted"} ${feed.emitted}\n`)
    t.match(texts.get('api'), 'conservation_difference_rows{feed_kind="live",law="windows"} 0\n')

    const raw = await waitFor(
      'the raw layer holds every record that was emitted',
      async () => {
        const layer = await readRawLayer(roadpulse.stack.addresses.aws, roadpulse.data.RawBucketName)
        return new Set(layer.events.map((event) => event.seq)).size === feed.emitted && layer
      },
      { deadlineMs: 30_000, intervalMs: 1_000 },
    )
    t.ok(
      raw.keys.every((key) => /^dt=\d{4}-\d\d-\d\d\/hr=\d\d\/[^/]+\.gz$/.test(key)),
      `keys are like ${raw.keys[0]}`,
    )

    const { items } = await roadpulse.get<{ items: { description?: string }[] }>(
      '/insights/accidents?feed=live&limit=200',
    )
    const surge = planted.surges.at(-1)
    t.ok(
      items.some((accident) => accident.description?.includes(`[surge ${surge?.number}]`)),
      'the last planted surge can be found',
    )

    const { hotspots, cities } = await waitFor(
      'the windows that Flink closed can be read',
      async () => {
        const hotspots = await roadpulse.get<HotspotInsight>('/insights/hotspots?feed=live')
        const cities = await roadpulse.get<CityInsight>('/insights/cities?feed=live')
        return hotspots.items.length > 0 && cities.cities.length > 0 && { hotspots, cities }
      },
      { deadlineMs: 10_000 },
    )
    t.match(hotspots.items[0], { rank: 1, cell: /^86[0-9a-f]{13}$/, map: { x: Number, y: Number } })
    t.ok(
      hotspots.items.every(({ weight }, i) => weight <= (hotspots.items[i - 1]?.weight ?? weight)),
      'hotspots come by weight',
    )
    t.ok(
      cities.cities.every(({ count }, i) => count <= (cities.cities[i - 1]?.count ?? count)),
      'cities come by count',
    )
    t.equal(lengthMs(hotspots), 10 * 60_000)
    t.equal(lengthMs(cities), 60 * 60_000)

    const pids = roadpulse.stack.parts().flatMap((part) => part.pid ?? [])
    const startedAt = performance.now()
    await roadpulse.stack.stop()
    t.ok(performance.now() - startedAt < STOP_LIMIT_MS, 'all parts stop within 10 s')
    t.equal(roadpulse.stopped[0], 'producer', 'nothing new comes while the others finish')
    t.strictSame(new Set(roadpulse.stopped.slice(-3)), new Set(['redis', 'kinesis', 'ministack']))
    t.strictSame(
      pids.filter((pid) => identifyProcess(pid) !== undefined),
      [],
      'no process is left',
    )
  },
)

function lengthMs({
  windowStart,
  windowEnd,
}: {
  windowStart: string | null
  windowEnd: string | null
}): number {
  return Date.parse(windowEnd ?? '') - Date.parse(windowStart ?? '')
}
