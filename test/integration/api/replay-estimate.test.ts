import { gzipSync } from 'node:zlib'
import t from 'tap'
import { ensureSortedCopy } from '../../../lib/sources/sorted-copy.ts'
import { startApiProcess } from '../../support/api-process.ts'
import { generate, startProducerServers } from '../../support/producers.ts'

const ROWS = 6_000
/** More than is looked at of a source. */
const TIMES = 4
const HOUR_MS = 3_600_000

const servers = await startProducerServers(t)
const lines = (await generate({ seed: 3, rows: ROWS, rate: 50 })).toString('latin1').split('\n')
// Rows of about one length, as those of the dataset are.
const [header = '', ...rows] = lines.filter(({ length }) => length > 0 && length < 1_000)
const csv = Buffer.from(`${header}\n${rows.join('\n')}\n`, 'latin1')
const long = Buffer.from(`${header}\n${`${rows.join('\n')}\n`.repeat(TIMES)}`, 'latin1')

t.test('the estimate of a replay is far from what it would take, or looking for it starts one', async (t) => {
  const { apiOptions, freeze, putRaw } = await servers.prepare(t, 'estimate')
  const api = await startApiProcess(t, apiOptions)
  const estimate = async (source: object, pace: object, filter?: object) =>
    (await api.ask('POST', '/replays/estimate', { source, pace, ...(filter && { filter }) })).body
  const at = (key: string) => ({ kind: 'csv', uri: `s3://source/${key}` })
  const rate = { kind: 'rate', rowsPerSecond: 100 }
  const speed = { kind: 'speed', factor: 60 }
  const isAbout = (wanted: number, { rows: reckoned }: Record<string, unknown>, what: string) => {
    const ratio = Number(reckoned) / wanted
    t.ok(ratio > 0.9 && ratio < 1.1, `${what}: ${String(reckoned)} rows, and there are ${wanted}`)
  }

  await servers.putSource('short.csv', csv.subarray(0, 200_000))
  const short = csv.toString('latin1', 0, 200_000).split('\n').length - 1
  t.match(await estimate(at('short.csv'), rate), {
    rows: short,
    durationMs: short * 10,
    isAtMost: false,
    basis: /^[\d,]+ rows, at 100/,
  })
  const plain = await servers.putSource('long.csv', long)
  isAbout(rows.length * TIMES, await estimate(at('long.csv'), rate), 'a plain CSV')
  await servers.putSource('long.csv.gz', gzipSync(long, { level: 0 }))
  isAbout(rows.length * TIMES, await estimate(at('long.csv.gz'), rate), 'a gzipped one that is cut off')
  await servers.putSource('packed.csv.gz', gzipSync(long))
  isAbout(rows.length * TIMES, await estimate(at('packed.csv.gz'), rate), 'a gzipped one')

  t.match(await estimate(at('long.csv'), speed), { durationMs: null, basis: /once the file has been sorted/ })
  await ensureSortedCopy({ ...freeze, source: plain, onProgress: () => undefined })
  const sorted = await estimate(at('long.csv'), speed)
  t.match(sorted, { isAtMost: false, basis: /^20\d\d-.*Z to 20\d\d-.*Z, 60 times as fast$/ })
  t.ok(Number(sorted['durationMs']) > HOUR_MS, 'the dataset is of years')

  const hours = { kind: 'raw-layer', from: '2026-11-23T10', to: '2026-11-23T11' }
  const event = JSON.stringify({ feed: 'live-1', seq: 1, id: 'A-1' })
  for (const hour of ['10', '11']) {
    await putRaw(`dt=2026-11-23/hr=${hour}/a.gz`, gzipSync(`${event}\n`.repeat(500), { level: 0 }))
  }
  const stored = await estimate(hours, rate)
  isAbout(1_000, stored, 'the raw layer')
  t.equal(stored['isAtMost'], true)
  t.match(await estimate(hours, speed), { durationMs: (2 * HOUR_MS) / 60 })

  const missing = await api.ask('POST', '/replays/estimate', { source: at('none.csv'), pace: rate })
  t.match(missing, {
    status: 422,
    body: { errors: [{ pointer: '/body/source', message: /there is no s3/ }] },
  })
  const none = { source: { ...hours, from: '2020-01-01T00', to: '2020-01-01T01' }, pace: rate }
  t.equal((await api.ask('POST', '/replays/estimate', none)).status, 422)
  t.same((await api.ask('GET', '/replays')).body['items'], [], 'none was started')
})
