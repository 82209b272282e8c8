import t from 'tap'
import { type Random, randomAt } from '../../../deploy/local/generator/random.ts'
import type { Feed } from '../../../lib/feeds/feed.ts'
import { NO_COUNTS } from '../../../lib/feeds/feed.ts'
import type { RangeClaim } from '../../../lib/feeds/range-store.ts'
import { openCsv } from '../../../lib/sources/csv-source.ts'
import type { SourceRow } from '../../../lib/sources/source-row.ts'
import { divideRange } from '../../../workers/producer/divide-range.ts'
import { createMemoryS3 } from '../../support/memory-s3.ts'

const SEEDS = 300
const HEADER = 'ID,Severity,Start_Time,Start_Lat,Start_Lng,State'
const FIELDS = HEADER.split(',').length
/** Beyond what is read for the header: so long a file is read from the middle on. */
const LONG_ROWS = 3_000

const FEED: Feed = {
  name: 'replay-1',
  kind: 'replay',
  state: 'running',
  createdAt: 0,
  // Longer than it is, so that a mark may be anywhere in it.
  source: { kind: 'csv', bucket: 'b', key: 'k', etag: '"1"', bytes: Number.MAX_SAFE_INTEGER },
  pace: { kind: 'max' },
  repeat: false,
}

type Text = { bytes: Buffer; insideQuotes: number[] }

/** A CSV of all that one may find in one, and where its quoted fields are. */
function csvOf(random: Random, rows: number): Text {
  const lineEnd = random.pick(['\n', '\r\n'])
  let text = `${random.pick(['', '\uFEFF'])}${HEADER}${lineEnd}`
  const insideQuotes: number[] = []
  const add = (piece: string) => {
    if (piece.startsWith('"')) insideQuotes.push(Buffer.byteLength(text) + 1 + random.below(piece.length))
    text += piece
  }
  for (let row = 0; row < rows; row++) {
    const fields = random.next() < 0.05 ? random.below(2 * FIELDS) : FIELDS
    for (let field = 0; field < fields; field++) {
      if (field > 0) text += ','
      add(random.next() < 0.15 ? quotedField(random) : random.pick(['', 'a', '-90.5', 'é', 'x y']))
    }
    if (random.next() < 0.05) text += lineEnd
    text += row === rows - 1 && random.next() < 0.5 ? '' : lineEnd
  }
  return { bytes: Buffer.from(text), insideQuotes }
}

function quotedField(random: Random): string {
  const inside = Array.from({ length: random.below(6) }, () =>
    random.pick(['b', ',', '\n', '\r\n', '""', 'é', `\n${'c,'.repeat(FIELDS - 1)}c\n`]),
  ).join('')
  // Some are never closed, or closed too early.
  return `"${inside}${random.next() < 0.06 ? random.pick(['', '"x', '" ']) : '"'}`
}

/** The rows of a range as its runner reads them. */
async function rowsOf({ bytes }: Text, random: Random, claim: RangeClaim): Promise<SourceRow[]> {
  const { s3 } = createMemoryS3(bytes, {
    replyBytes: () => 1 + Math.floor(bytes.length * random.next() ** 2),
  })
  const { position, start, end } = claim
  const range = { position, start, ...(end === undefined ? {} : { end }) }
  const signal = new AbortController().signal
  const { blocks } = await openCsv({ s3, source: { bucket: 'b', key: 'k', etag: '"1"' }, ...range, signal })
  const rows: SourceRow[] = []
  for await (const block of blocks) rows.push(...block)
  return rows
}

const claimFrom = (position: RangeClaim['position']): RangeClaim => ({
  epoch: 1,
  start: position.offset,
  position,
  bytes: 0,
  counts: NO_COUNTS,
  inherited: position.seq,
  reserved: position.seq,
  endRequested: false,
})

/** Marks anywhere, half of them inside a quoted field. */
function marksIn({ bytes, insideQuotes }: Text, random: Random): number[] {
  const anywhere = () => random.below(bytes.length + 10)
  return Array.from({ length: 1 + random.below(4) }, () =>
    insideQuotes.length > 0 && random.next() < 0.5 ? random.pick(insideQuotes) : anywhere(),
  ).toSorted((a, b) => a - b)
}

/** Divides the text at the marks as runners do, one after the other. */
async function divide(text: Text, random: Random): Promise<RangeClaim[]> {
  const claims = [claimFrom({ offset: 0, line: 0, seq: 0 })]
  for (const mark of marksIn(text, random)) {
    const claim = claims.at(-1)
    if (claim === undefined || mark <= claim.position.offset) continue
    await divideRange(
      {
        feed: FEED,
        claim,
        s3: createMemoryS3(text.bytes).s3,
        sourceBucket: 'source',
        rangeBytes: mark - claim.position.offset,
        store: { fork: async (_feed, _range, _epoch, boundary) => void claims.push(claimFrom(boundary)) },
        signal: new AbortController().signal,
        onRetry: () => undefined,
      },
      claims.length - 1,
    )
  }
  return claims
}

/** All that a row is but for the words of its fault: they may tell of what comes behind the range. */
const plain = (rows: readonly SourceRow[]) =>
  rows.map(({ bytes, fault, ...place }) => ({
    ...place,
    bytes: bytes.toString('latin1'),
    isFaulty: fault !== undefined,
  }))

t.test('a row is lost, read twice or another one where a CSV is divided, wherever that is', async (t) => {
  let divided = 0
  let faulty = 0
  let overLines = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = randomAt(seed, 0, 0)
    const text = csvOf(random, seed % 100 === 0 ? LONG_ROWS : random.below(30))
    const whole = await rowsOf(text, random, claimFrom({ offset: 0, line: 0, seq: 0 }))
    const claims = await divide(text, random)
    const rows: SourceRow[] = []
    for (const claim of claims) {
      if (claim.position.seq !== rows.length) {
        t.fail(`seed ${seed}: a range begins behind row ${claim.position.seq}, not ${rows.length}`)
        return
      }
      rows.push(...(await rowsOf(text, random, claim)))
    }
    divided += claims.length - 1
    faulty += whole.filter(({ fault }) => fault !== undefined).length
    overLines += whole.filter(({ line, nextLine }) => nextLine > line + 1).length
    if (JSON.stringify(plain(rows)) === JSON.stringify(plain(whole))) continue
    t.same(
      plain(rows),
      plain(whole),
      `seed ${seed}: ${JSON.stringify(text.bytes.toString().slice(0, 2_000))}`,
    )
    return
  }
  t.comment(`${divided} times divided, ${faulty} broken rows, ${overLines} over several lines`)
  t.ok(divided > SEEDS && faulty > SEEDS && overLines > SEEDS, 'the texts have all that they should')
})
