import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { COLUMNS, EARLIER_COLUMNS } from '../../../lib/events/columns.ts'
import { toRawEvent } from '../../../lib/events/raw-event.ts'
import { openCsv } from '../../../lib/sources/csv-source.ts'
import { readFields } from '../../../lib/sources/read-fields.ts'
import type { SourceRow } from '../../../lib/sources/source-row.ts'
import { createMemoryS3 } from '../../support/memory-s3.ts'

const EARLIER_SAMPLE = fileURLToPath(
  new URL('../../../../shared/data/us-accidents-dec20-sample.csv', import.meta.url),
)
const HEADER = COLUMNS.map((column) => column.header)
const SOURCE = { kind: 'csv' as const, bucket: 'b', key: 'k', etag: '"1"' }
const START = { offset: 0, line: 0, seq: 0 }

async function readAll(content: Buffer | string, position = START) {
  const { s3, ranges } = createMemoryS3(content)
  const csv = await openCsv({ s3, source: SOURCE, position, signal: new AbortController().signal })
  const rows: SourceRow[] = []
  for await (const block of csv.blocks) rows.push(...block)
  return { csv, rows, ranges, read: rows.map((row) => readFields(row, csv.columns.length)) }
}

/** A row with this id whose other fields are empty. */
const rowOf = (id: string, description = '') =>
  HEADER.map((header) => (header === 'ID' ? id : header === 'Description' ? description : '')).join(',')

const ids = (read: object[]) => read.map((row) => ('fields' in row ? (row.fields as string[])[0] : 'fault'))

t.test('a byte order mark is not taken for a part of the first column', async (t) => {
  const { read } = await readAll(`\uFEFF"ID",${HEADER.slice(1).join(',')}\n${rowOf('A-1')}\n`)
  t.same(ids(read), ['A-1'])
})

t.test('CRLF does not end up in the last field', async (t) => {
  const { read } = await readAll(`${HEADER.join(',')}\r\n${rowOf('A-1')}Day\r\n`)
  t.match(read, [{ fields: [...Array(45).fill(/.*/), 'Day'] }])
})

t.test('a gzipped source is told by its bytes, and read from a position as a plain one is', async (t) => {
  const text = `${HEADER.join(',')}\n${['A-1', 'A-2', 'A-3'].map((id) => rowOf(id)).join('\n')}\n`
  const plain = await readAll(text)
  const zipped = await readAll(gzipSync(text))
  t.same(zipped.rows, plain.rows)
  const second = plain.rows[1]
  const position = { offset: second?.offset ?? 0, line: second?.line ?? 0, seq: 1 }
  t.same((await readAll(gzipSync(text), position)).rows, plain.rows.slice(1))
})

t.test('a plain source is resumed at its byte offset, without reading what is before it again', async (t) => {
  const lines = Array.from({ length: 150_000 }, (_, i) => rowOf(`A-${i + 1}`))
  const text = `${HEADER.join(',')}\n${lines.join('\n')}\n`
  const whole = await readAll(text)
  t.same(whole.rows.length, lines.length)
  const from = whole.rows[140_000]
  const { rows, ranges } = await readAll(text, {
    offset: from?.offset ?? 0,
    line: from?.line ?? 0,
    seq: 140_000,
  })
  t.equal(rows[0]?.bytes.toString(), rowOf('A-140001'))
  t.equal(rows[0]?.line, 140_002)
  t.equal(rows.length, 10_000)
  t.ok(ranges.some((range) => range.startsWith(`bytes=${from?.offset}-`)))
})

t.test('unknown columns are named and left out, and columns may come in any order', async (t) => {
  const headers = ['Weather', ...HEADER.toReversed()]
  const { csv } = await readAll(`${headers.join(',')}\n`)
  t.same(csv.ignored, ['Weather'])
  t.equal(csv.columns[0], null)
  t.equal(csv.columns.at(-1)?.field, 'id')
})

/** The headers of the releases, oldest first: columns came and went. */
function headersOfReleases(): Record<string, string[]> {
  const withPlaces = HEADER.flatMap((header) => (header === 'Street' ? ['Number', header, 'Side'] : [header]))
  return {
    'December 2020': withPlaces.flatMap((header) => (header === 'Source' ? [header, 'TMC'] : [header])),
    'December 2021': withPlaces.filter((header) => header !== 'Source'),
    'March 2023': HEADER,
  }
}

t.test('a column of one of the releases is not known, or another one is read for it', async (t) => {
  const sizes: number[] = []
  const seen = new Set<string>()
  for (const [release, headers] of Object.entries(headersOfReleases())) {
    const { csv, read } = await readAll(
      `${headers.join(',')}\n${headers.map((name) => `of ${name}`).join(',')}\n`,
    )
    t.same(csv.ignored, [], release)
    const [row] = read
    if (row === undefined || 'fault' in row) throw new Error(`no row of ${release}`)
    const event = toRawEvent(row.fields, csv.columns, { feed: 'live-1', seq: 1, attempt: 1, eventTime: 1 })
    for (const { header, field, kind } of [...COLUMNS, ...EARLIER_COLUMNS]) {
      if (kind === 'flag' || !headers.includes(header)) continue
      t.equal((event as Record<string, unknown>)[field], `of ${header}`, `${header} of ${release}`)
      seen.add(header)
    }
    sizes.push(headers.length)
  }
  t.same(sizes, [49, 47, 46], 'as many columns as the releases have')
  for (const { header } of EARLIER_COLUMNS) t.ok(seen.has(header), header)
})

t.test(
  'a real file of December 2020 is refused, or its columns are taken for others',
  { skip: existsSync(EARLIER_SAMPLE) ? false : 'the real rows are not on this machine' },
  async (t) => {
    const { csv, read } = await readAll(readFileSync(EARLIER_SAMPLE))
    t.same(csv.ignored, [])
    t.equal(read.length, 2_000)
    t.same(
      read.filter((row) => 'fault' in row),
      [],
    )
    const origin = { feed: 'live-1', seq: 1, attempt: 1, eventTime: 1 }
    const events = read.map((row) =>
      toRawEvent('fields' in row ? row.fields : [], csv.columns, origin),
    ) as Record<string, unknown>[]
    t.same(events.filter(({ side }) => side !== 'L' && side !== 'R').length, 0, 'sides')
    t.ok(
      events.every(({ state }) => /^[A-Z]{2}$/.test(String(state))),
      'states',
    )
    t.ok(events.filter(({ tmc }) => typeof tmc === 'number' && tmc > 200 && tmc < 500).length > 500, 'codes')
    t.ok(events.filter((event) => typeof event['house_number'] === 'number').length > 100, 'house numbers')
  },
)

t.test('a source that lacks needed columns fails with all of their names', async (t) => {
  const headers = HEADER.filter((header) => header !== 'ID' && header !== 'Start_Lat')
  await t.rejects(readAll(`${headers.join(',')}\n`), {
    code: 'SOURCE_COLUMNS_MISSING',
    message: /lacks the columns ID, Start_Lat;/,
  })
})

t.test('what is no CSV fails at once and says why', async (t) => {
  await t.rejects(readAll(''), { code: 'SOURCE_UNREADABLE', message: /it is empty/ })
  await t.rejects(readAll(Buffer.from([0xff, 0xfe, 0x49, 0x00, 0x0a])), { message: /not a text in UTF-8/ })
  await t.rejects(readAll('x'.repeat(100_000)), { message: /first line is longer than/ })
  await t.rejects(readAll(gzipSync('').subarray(0, 12)), { message: /cannot be unzipped/ })
  await t.rejects(readAll(`"ID,${HEADER.join(',')}\n`), { message: /header cannot be read/ })
})

t.test('a file of another kind is said to lack columns', async (t) => {
  for (const [head, what] of [
    [Buffer.from('PK\x03\x04\x14\x00'), /ZIP archive or an Excel workbook: .* save it as CSV/],
    [Buffer.from('PAR1\x15'), /Parquet/],
    [Buffer.from('BZh91AY'), /bzip2/],
    [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04]), /Zstandard/],
    ['\uFEFF<!DOCTYPE html>\n<html>', /HTML/],
    ['{"ID": "A-1"}\n', /JSON/],
    ['[{"ID": "A-1"}]', /JSON/],
    ['version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n', /fetch the file itself/],
  ] as const) {
    await t.rejects(readAll(head), { code: 'SOURCE_UNREADABLE', message: what })
  }
})

t.test('a zipped source that breaks off gives its rows first and then fails', async (t) => {
  const text = `${HEADER.join(',')}\n${Array.from({ length: 20_000 }, (_, i) => rowOf(`A-${i}`, String(Math.sin(i)))).join('\n')}\n`
  const { s3 } = createMemoryS3(gzipSync(text).subarray(0, -1_000))
  const csv = await openCsv({ s3, source: SOURCE, position: START, signal: new AbortController().signal })
  let rows = 0
  await t.rejects(
    async () => {
      for await (const block of csv.blocks) rows += block.length
    },
    { code: 'SOURCE_UNREADABLE' },
  )
  t.ok(rows > 10_000)
})

t.test('a zipped source that fails in S3 fails its reader, and does not leave it waiting', async (t) => {
  const lines = Array.from({ length: 1_200 }, (_, i) =>
    rowOf(`A-${i}`, randomBytes(4_096).toString('base64')),
  )
  const { s3 } = createMemoryS3(gzipSync(`${HEADER.join(',')}\n${lines.join('\n')}\n`), {
    changedFrom: 4_194_304,
  })
  await t.rejects(
    async () => {
      const csv = await openCsv({ s3, source: SOURCE, position: START, signal: new AbortController().signal })
      for await (const _block of csv.blocks);
    },
    { code: 'SOURCE_CHANGED' },
  )
})

t.test('a source that was replaced is not mixed with what it was', async (t) => {
  const { s3 } = createMemoryS3(`${HEADER.join(',')}\n`, { etag: '"2"' })
  const signal = new AbortController().signal
  await t.rejects(openCsv({ s3, source: SOURCE, position: START, signal }), { code: 'SOURCE_CHANGED' })
})

t.test('a row that cannot be read says why', async (t) => {
  const bad = Buffer.concat([
    Buffer.from(`${HEADER.join(',')}\n${rowOf('A-1', '"a ""b"", c"')}\nA-2,x\n`),
    Buffer.from(rowOf('A-3').slice(0, -1)),
    Buffer.from([0xff]),
    Buffer.from(`,\n${rowOf('A-4', '"never closed')}\n${rowOf('A-5')}\n`),
  ])
  const { read } = await readAll(bad)
  t.equal('fields' in (read[0] ?? {}) && (read[0] as { fields: string[] }).fields[10], 'a "b", c')
  t.match(read.slice(1), [
    { fault: 'has 2 fields where the header has 46' },
    { fault: 'bytes that are not UTF-8' },
    { fault: /a quote is opened and never closed/ },
    { fields: ['A-5'] },
  ])
})
