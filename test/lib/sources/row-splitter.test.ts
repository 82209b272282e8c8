import t from 'tap'
import { randomAt } from '../../../deploy/local/generator/random.ts'
import { createRowSplitter, MAX_ROW_BYTES } from '../../../lib/sources/row-splitter.ts'
import type { SourceRow } from '../../../lib/sources/source-row.ts'

/** All rows of a text with three columns, given to the splitter in chunks of some size. */
function split(text: string | Buffer, chunkBytes = 1_000_000, fields = 3): SourceRow[] {
  const bytes = Buffer.from(text)
  const splitter = createRowSplitter({ offset: 0, line: 1, fields })
  const rows: SourceRow[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    rows.push(...splitter.push(bytes.subarray(at, at + chunkBytes)))
  }
  return [...rows, ...splitter.end()]
}

const texts = (rows: SourceRow[]) => rows.map(({ bytes }) => bytes.toString('latin1'))
const faulty = (rows: SourceRow[]) => rows.map(({ fault }) => fault !== undefined)

t.test('rows end at line ends of either kind, and the last one without', async (t) => {
  t.same(texts(split('a,b,c\nd,e,f\r\ng,h,i')), ['a,b,c', 'd,e,f', 'g,h,i'])
})

t.test('empty lines are no rows, and do not make the line numbers wrong', async (t) => {
  const rows = split('a,b,c\n\n\r\nd,e,f\n')
  t.same(texts(rows), ['a,b,c', 'd,e,f'])
  t.same(
    rows.map(({ line }) => line),
    [1, 4],
  )
})

t.test('line ends, commas and doubled quotes inside quotes belong to the row', async (t) => {
  const rows = split('a,"b, ""x""\nmore\r\nand more",c\nd,e,f\n')
  t.same(texts(rows), ['a,"b, ""x""\nmore\r\nand more",c', 'd,e,f'])
  t.same(faulty(rows), [false, false])
  t.same(
    rows.map(({ line, nextLine }) => [line, nextLine]),
    [
      [1, 4],
      [4, 5],
    ],
  )
})

t.test(
  'each row says where it begins and where the next one does, so that reading can resume there',
  async (t) => {
    const text = 'a,b,c\n\nd,"e\ne",f\r\ng,"h,i\nj,k,l\nm,n,o'
    const rows = split(text)
    for (const [i, row] of rows.entries()) {
      t.ok(text.startsWith(row.bytes.toString(), row.offset))
      const splitter = createRowSplitter({ offset: row.nextOffset, line: row.nextLine, fields: 3 })
      const rest = Buffer.from(text.slice(row.nextOffset))
      t.same([...splitter.push(rest), ...splitter.end()], rows.slice(i + 1))
    }
  },
)

t.test('a quote that is never closed costs its own line only', async (t) => {
  const cases: [name: string, text: string, expected: string[]][] = [
    ['before plain rows', 'a,"b,c\nd,e,f\ng,h,i\n', ['a,"b,c', 'd,e,f', 'g,h,i']],
    ['before a quoted row', 'a,"b,c\nd,"e",f\ng,h,i\n', ['a,"b,c', 'd,"e",f', 'g,h,i']],
    ['before a row over two lines', 'a,"b,c\nd,"e\ne",f\ng,h,i\n', ['a,"b,c', 'd,"e\ne",f', 'g,h,i']],
    ['before a row with an empty quoted field', 'a,"b,c\nd,"",f\ng,h,i\n', ['a,"b,c', 'd,"",f', 'g,h,i']],
    ['before a row that is all quoted', 'a,"b,c\n"d","e","f"\n', ['a,"b,c', '"d","e","f"']],
    ['before another broken one', 'a,"b,c\nd,"e,f\ng,h,i\n', ['a,"b,c', 'd,"e,f', 'g,h,i']],
    ['closed by another broken row', 'a,"b,c\nd,e,f\ng,h",i\n', ['a,"b,c', 'd,e,f', 'g,h",i']],
    ['at the end of the source', 'a,b,c\nd,"e,f', ['a,b,c', 'd,"e,f']],
    ['at the end, with lines after it', 'a,"b,c\nd\ne\n', ['a,"b,c', 'd', 'e']],
    ['text after the closing quote', 'a,"b"x,c\nd,e,f\n', ['a,"b"x,c', 'd,e,f']],
    ['a quote inside a field', 'a,b"b,c\nd,e,f\n', ['a,b"b,c', 'd,e,f']],
    [
      'closed lines later, with fields too many',
      'a,"b,c\nd\ne",f,g,h\ni,j,k\n',
      ['a,"b,c', 'd', 'e",f,g,h', 'i,j,k'],
    ],
  ]
  for (const [name, text, expected] of cases) {
    const rows = split(text)
    t.same(texts(rows), expected, name)
    t.ok(
      rows.every(({ bytes, fault }) => (fault === undefined) === !isBroken(bytes.toString())),
      `${name}: the right ones are faulty`,
    )
  }
})

/** As the cases above break rows: an odd number of quotes, or one where none may be. */
function isBroken(row: string): boolean {
  return (row.match(/"/g)?.length ?? 0) % 2 === 1 || /"x|b"b/.test(row)
}

t.test('a row over 4 MiB is refused and cut short, whether or not its line ever ends', async (t) => {
  const long = 'x'.repeat(MAX_ROW_BYTES + 1)
  for (const text of [`a,${long},c\nd,e,f\n`, `a,"${long}",c\nd,e,f\n`, `a,"${long}\n${long}",c\nd,e,f\n`]) {
    const rows = split(text, 262_144)
    t.ok(rows[0]?.fault)
    t.ok((rows[0]?.bytes.length ?? 0) <= 65_536)
    t.same(rows.at(-1)?.bytes.toString(), 'd,e,f')
    t.equal(rows.at(-1)?.line, text.split('\n').length - 1)
  }
  const [row] = split(`a,${'x'.repeat(MAX_ROW_BYTES - 4)},c\r\n`)
  t.equal(row?.fault, undefined, 'one of exactly 4 MiB is a row')
})

t.test('the rows do not depend on how the bytes are cut into chunks', async (t) => {
  const random = randomAt(42, 0, 0).next
  const pieces = ['a', 'bc', ',', ',', ',', '"', '""', '"', '\n', '\n', '\r\n', ',"', '",', 'x,y,z\n', 'é']
  for (let i = 0; i < 3_000; i++) {
    const length = 1 + Math.floor(random() * 30)
    const text = Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join('')
    const whole = split(text)
    for (const chunkBytes of [1, 2, 3, 7]) {
      if (!equalRows(split(text, chunkBytes), whole)) {
        t.fail(`in chunks of ${chunkBytes}: ${JSON.stringify(text)}`, {
          whole: texts(whole),
          chunked: texts(split(text, chunkBytes)),
        })
        return
      }
    }
    const bytes = Buffer.byteLength(text)
    const covered = whole.every(
      (row, k) =>
        row.nextOffset === (whole[k + 1]?.offset ?? row.nextOffset) ||
        isGap(text, row.nextOffset, whole[k + 1]?.offset ?? bytes),
    )
    if (!covered) t.fail(`bytes are lost: ${JSON.stringify(text)}`)
  }
  t.pass('3,000 texts')
})

/** Between two rows there may be only empty lines. */
function isGap(text: string, from: number, to: number): boolean {
  return /^[\r\n]*$/.test(Buffer.from(text).subarray(from, to).toString())
}

function equalRows(a: SourceRow[], b: SourceRow[]): boolean {
  const plain = (rows: SourceRow[]) =>
    JSON.stringify(rows.map((row) => ({ ...row, bytes: row.bytes.toString('hex') })))
  return plain(a) === plain(b)
}
