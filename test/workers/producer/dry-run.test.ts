import t from 'tap'
import { plantedIn } from '../../../deploy/local/generator/planted-in.ts'
import { readCsv } from '../../../lib/sources/csv-source.ts'
import { dryRun, renderDryRun } from '../../../workers/producer/dry-run.ts'
import { emittableRows, generate } from '../../support/producers.ts'

const FILE = { seed: 11, rows: 1_500, rate: 50 }
const START = { offset: 0, line: 0, seq: 0 }

async function open(content: Buffer | string) {
  async function* read(): AsyncGenerator<Buffer> {
    yield Buffer.from(content)
  }
  return readCsv({ name: 'a.csv', read }, START)
}

t.test('a dry run tells something else than what sending would do', async (t) => {
  const csv = await generate(FILE)
  const run = await dryRun(await open(csv), {})
  const emitted = emittableRows(FILE).length
  t.match(run, { read: FILE.rows, emitted, refused: FILE.rows - emitted, filtered: 0 })
  const planted = plantedIn(FILE)
  t.equal(
    run.reasons.reduce((sum, { count }) => sum + count, 0),
    planted.unreadable.length + planted.oversize.length,
  )
  t.equal(run.states.reduce((sum, { count }) => sum + count, 0) >= emitted, true)
  t.ok((run.first ?? 0) < (run.last ?? 0))

  const [state] = run.states
  const some = await dryRun(await open(csv), { filter: { states: [state?.state ?? ''] } })
  t.equal(some.emitted + some.refused + some.filtered, FILE.rows)
  t.ok(some.filtered > FILE.rows / 2)
})

t.test('the report does not say what is wrong, from when to when, or how long it takes', async (t) => {
  const header = 'ID,Severity,Start_Time,Start_Lat,Start_Lng,State,Timezone,Mood'
  const rows = [
    'A-1,2,2022-01-05 10:00:00,30,-90,TX,US/Central,good',
    'A-2,2,2022-01-06 10:00:00,30,-90,CA,US/Pacific,bad',
    'A-3,2,someday,30,-90,TX,US/Central,',
    'not,a,row',
    'not,one,either,',
  ]
  const run = await dryRun(await open([header, ...rows].join('\n')), {})
  const report = renderDryRun(run, { kind: 'speed', factor: 60 })
  t.match(report, /rows +5\n +would be sent +3\n/)
  t.match(report, /2 x has N fields where the header has N, first on line 5/)
  t.match(report, /2022-01-05T16:00:00.000Z to 2022-01-06T18:00:00.000Z/)
  t.match(report, /without one +1/)
  t.match(report, /TX 2, CA 1/)
  t.match(report, /columns ignored +Mood/)
  t.match(report, /it would take +26 min at 60 times/)
  t.match(renderDryRun(run, { kind: 'rate', rowsPerSecond: 0.01 }), /it would take +5 min at 0.01 rows/)
  t.match(renderDryRun(run, { kind: 'max' }), /at least 1 s divided by the number of shards/)
})
