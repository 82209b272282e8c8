import { existsSync, globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { at, listOf, textOf } from '../../deploy/checks/rule.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'
import type { Envelope } from '../../lib/events/envelope.ts'
import { deployAnalyticsLayer } from '../support/glue/analytics-layer.ts'
import {
  byId,
  envelopeOfRow,
  isAccident,
  mergedByKey,
  refusalOfEnvelope,
  refusalOfRow,
  rowOfEnvelope,
} from '../support/glue/curated-rows.ts'
import { flinkEnvelopes } from '../support/glue/flink-envelopes.ts'
import { putObjects, type RawObject, rawObjects } from '../support/glue/raw-objects.ts'
import { putAgain, rawRecords } from '../support/glue/raw-records.ts'
import { startRecordingProxy } from '../support/glue/recording-proxy.ts'
import { refusedRecords } from '../support/glue/refused-records.ts'
import { type Row, startSpark } from '../support/glue/start-spark.ts'
import { allLayers } from '../support/layers.ts'
import { STAND_IN_CREDENTIALS } from '../support/servers.ts'

const DATA = fileURLToPath(new URL('../../../shared/data/', import.meta.url))
const SAMPLE = `${DATA}us-accidents-march23-sample.csv`
const ROWS = 18_812
/** So many rows have the second and the place of an earlier one. */
const REPEATED_ROWS = 37
const DAMAGED = `${DATA}us-accidents-march23-excel-damaged.csv`
const FIRST_PASS = Date.parse('2026-11-01T10:00:00Z')
const HOUR_MS = 3_600_000
const OBJECT_RECORDS = 3_000
/** The job puts the files of a partition together when there are so many. */
const MIN_FILES = 4
const QUERIES = new URL('../../deploy/glue/queries/', import.meta.url)

t.test(
  'the tables are not what Flink makes of the same records, or change when something comes twice, late or joined',
  { timeout: 1_100_000, skip: existsSync(SAMPLE) ? false : 'the real rows are not on this machine' },
  async (t) => {
    const first = rawRecords(SAMPLE, { feed: 'live-1', startAt: FIRST_PASS })
    const again = putAgain(first.filter((_, index) => index % 500 === 0))
    const second = rawRecords(SAMPLE, { feed: 'live-2', startAt: FIRST_PASS + HOUR_MS })
    const replay = rawRecords(SAMPLE, { feed: 'replay-a', startAt: FIRST_PASS + 2 * HOUR_MS }).slice(0, 3_000)
    const damaged = rawRecords(DAMAGED, { feed: 'live-3', startAt: FIRST_PASS + 3 * HOUR_MS })
    const [good] = second
    const refused =
      good === undefined ? [] : refusedRecords(good, { feed: 'live-4', startAt: FIRST_PASS + 4 * HOUR_MS })
    t.equal(first.length, ROWS)

    const envelopes = await flinkEnvelopes([...first, ...again, ...second, ...replay, ...damaged, ...refused])
    const accidents = (...feeds: string[]) =>
      byId(
        mergedByKey(envelopes.filter(isAccident).filter(({ feed }) => feeds.includes(feed))).map(
          rowOfEnvelope,
        ),
      )
    t.equal(accidents('live-1').size, ROWS - REPEATED_ROWS)
    t.ok(late(envelopes) > 100, `${late(envelopes)} late ones`)

    const layer = await deployAnalyticsLayer(t)
    const s3 = createS3Client({ ...STAND_IN_CREDENTIALS, AWS_ENDPOINT_URL: layer.endpoint })
    t.teardown(() => s3.destroy())
    const aws = await startRecordingProxy(t, layer.endpoint)
    const spark = await startSpark(t, { ...layer, endpoint: aws.endpoint })
    const put = (...objects: RawObject[]) => putObjects(s3, layer.rawBucket, objects)
    const table = (name: string) => `glue_catalog.${layer.database}.${name}`
    const rowsOf = async (name: string) => await spark.sql(`SELECT * FROM ${table(name)}`)
    const accidentRows = async (name = 'accidents') => byId((await rowsOf(name)).map(envelopeOfRow))
    const snapshots = async (...names: string[]) => {
      const heads = names.map(
        (name) => `SELECT '${name}' AS name, snapshot_id FROM ${table(name)}.refs WHERE name = 'main'`,
      )
      return await spark.sql(`${heads.join(' UNION ALL ')} ORDER BY 1`)
    }
    const lastRun = async () =>
      (await spark.sql(`SELECT * FROM ${table('runs')} ORDER BY finished_at DESC LIMIT 1`))[0] ?? {}

    const objects = await rawObjects([...first, ...again], OBJECT_RECORDS)
    const lateObject = withFirstCopies(first, OBJECT_RECORDS)
    const onTime = objects.filter((_, index) => index !== lateObject)

    await t.test(
      'an object that comes late, or a run that dies, leaves another accident than Flink',
      async (t) => {
        await put(...onTime.slice(0, 2))
        await spark.curate()
        await put(...onTime.slice(2, 4))
        await spark.curate()
        await put(...onTime.slice(4))
        await spark.curate()
        t.not((await accidentRows()).size, ROWS - REPEATED_ROWS)
        await put(...objects.filter((_, index) => index === lateObject))
        await spark.curateUpTo('write_run')
        t.equal((await rowsOf('runs')).length, 3, 'a run that died is none')
        await spark.curate()
        t.strictSame(await accidentRows(), accidents('live-1'))
        const [sums = {}] = await spark.sql(
          `SELECT sum(read) AS read, sum(written) AS written, sum(repeated) AS repeated FROM ${table('runs')}`,
        )
        t.equal(sums.written, ROWS - REPEATED_ROWS, 'what a run that died has written is counted by the next')
        t.equal(Number(sums.read), Number(sums.written) + Number(sums.repeated))
      },
    )

    await t.test(
      'an object that comes twice, joined, unpacked or without line ends changes something',
      async (t) => {
        const [one, two, three] = objects as [RawObject, RawObject, RawObject]
        const text = gunzipSync(three.body).toString()
        const data = ['accidents', 'replays', 'rejected', 'daily_summary']
        const before = await snapshots(...data)
        await put(
          { key: one.key.replace('.gz', '-again.gz'), body: one.body },
          { key: two.key.replace('.gz', '-joined.gz'), body: Buffer.concat([two.body, one.body]) },
          { key: three.key.replace('.gz', '-unpacked'), body: Buffer.from(text) },
          { key: three.key.replace('.gz', '-no-lines.gz'), body: gzipSync(text.replaceAll('}\n{', '}{')) },
        )
        await spark.curate()
        t.strictSame(await snapshots(...data), before)
        const run = await lastRun()
        t.match(run, { written: 0, rejected: 0, repeated: run.read })
        t.ok(Number(run.read) >= 5 * OBJECT_RECORDS)
      },
    )

    await t.test(
      'a second live pass doubles accidents, a replay mixes with them, or Flink refuses something else',
      async (t) => {
        const cut = {
          key: objects[0]?.key.replace('.gz', '-cut.gz') ?? '',
          body: objects[0]?.body.subarray(0, 9_000),
        }
        await put(...(await rawObjects(second, 10_000)), ...(await rawObjects(replay, 2_000)))
        await put(...(await rawObjects([...damaged, ...refused], 200)), cut as RawObject)
        await spark.curate()
        t.strictSame(await accidentRows(), accidents('live-1', 'live-2'))
        t.strictSame(await accidentRows(), accidents('live-1'), 'the first pass stays')
        t.strictSame(await accidentRows('replays'), accidents('replay-a'))

        const [cutOff, ...rest] = (await rowsOf('rejected')).toSorted(
          withReasonFirst('the object is cut off'),
        )
        t.match(cutOff, { feed: 'unknown', raw_object: cut.key })
        const byFlink = envelopes.filter((envelope) => envelope.type === 'rejected').map(refusalOfEnvelope)
        t.strictSame(new Map(rest.map(refusalOfRow)), new Map(byFlink))
        t.equal(rest.length, damaged.length + refused.length)
        const run = await lastRun()
        t.match(run, { rejected: rest.length + 1, unknown_fields: { colour: 1 } })
        t.notOk((run.absent_fields as string[]).includes('severity'))
        t.ok((run.absent_fields as string[]).includes('side'))
      },
    )

    await t.test('a run that finds nothing new changes something', async (t) => {
      const all = ['accidents', 'replays', 'rejected', 'daily_summary', 'runs']
      const before = await snapshots(...all)
      await spark.curate()
      t.strictSame(await snapshots(...all), before)
    })

    await t.test('the summary of a day is not what its accidents sum up to', async (t) => {
      const anew = `SELECT to_date(event_time) AS day, state, county, severity, count(*) AS accidents,
        sum(if(rush_hour, 1, 0)) AS in_rush_hour, count(end_time) AS with_end FROM ${table('accidents')} GROUP BY 1, 2, 3, 4`
      const held = `SELECT day, state, county, severity, accidents, in_rush_hour, with_end FROM ${table('daily_summary')}`
      const differing = `SELECT count(*) AS n FROM ((${anew}) EXCEPT ALL (${held}) UNION ALL (${held}) EXCEPT ALL (${anew}))`
      t.strictSame(await spark.sql(differing), [{ n: 0 }])
      const [{ n } = {}] = await spark.sql(`SELECT sum(accidents) AS n FROM ${table('daily_summary')}`)
      t.equal(n, ROWS - REPEATED_ROWS)
    })

    await t.test('small files or old snapshots pile up', async (t) => {
      const crowded = `SELECT partition, count(*) AS n FROM ${table('accidents')}.files GROUP BY partition HAVING n >= ${MIN_FILES}`
      t.strictSame(await spark.sql(crowded), [])
      const operations = `SELECT operation FROM ${table('accidents')}.snapshots`
      t.ok((await spark.sql(operations)).some(({ operation }) => operation === 'replace'))
      const held = await accidentRows()
      await put(
        ...objects.slice(0, 1).map(({ key, body }) => ({ key: key.replace('.gz', '-later.gz'), body })),
      )
      await spark.curateMuchLater()
      t.equal((await spark.sql(operations)).length, 1)
      t.strictSame(await accidentRows(), held)
    })

    await t.test('the role of the job lacks what the job does, or has what it never does', async (t) => {
      const calls = [...aws.needed]
      const allowed = actionsOfJob()
      t.strictSame(
        calls.filter((call) => call.startsWith('glue:')).toSorted(),
        allowed.filter((action) => action.startsWith('glue:')).toSorted(),
      )
      const on = (bucket: string) =>
        new Set(calls.filter((call) => call.endsWith(` ${bucket}`)).map((call) => call.split(' ')[0]))
      t.strictSame(on(layer.rawBucket), new Set(['s3:GetObject', 's3:ListBucket']))
      t.strictSame(on(layer.analyticsBucket), new Set(['s3:DeleteObject', 's3:GetObject', 's3:PutObject']))
    })

    await t.test('a query cannot be run, or answers nothing', async (t) => {
      await spark.sql(`USE glue_catalog.${layer.database}`)
      const files = globSync('*.sql', { cwd: fileURLToPath(QUERIES) })
      t.ok(files.length > 5)
      for (const file of files) {
        const query = readFileSync(new URL(file, QUERIES), 'utf8')
        // The days of the rows are not the last ones of whenever this is run.
        const text = query.replace('current_date', "DATE '2026-11-02'")
        t.ok((await spark.sql(text)).length > 0, file)
      }
    })
  },
)

const late = (envelopes: readonly Envelope[]) =>
  envelopes.filter(({ type }) => type === 'accident_late').length

function actionsOfJob(): string[] {
  const policies = listOf(allLayers({}).ingest.resources.JobRole?.Properties.Policies)
  const statements = policies.flatMap((policy) => listOf(at(policy, 'PolicyDocument', 'Statement')))
  return statements.flatMap((statement) => listOf(at(statement, 'Action')).map((action) => textOf(action)))
}

/** The object that holds a row of which another object holds a copy that comes later. */
function withFirstCopies(records: ReturnType<typeof rawRecords>, objectRecords: number): number {
  const firstObject = new Map<string, number>()
  for (const [index, { partitionKey }] of records.entries()) {
    const object = Math.floor(index / objectRecords)
    const before = firstObject.get(partitionKey)
    if (before !== undefined && before !== object) return before
    firstObject.set(partitionKey, object)
  }
  throw new Error('no object holds the first copy of a row in another one')
}

const withReasonFirst = (reason: string) => (one: Row, other: Row) =>
  Number((other.reasons as string[]).includes(reason)) - Number((one.reasons as string[]).includes(reason))
