import t from 'tap'
import { generateCsv } from '../../../../deploy/local/generator/generate-csv.ts'
import { STATE_SHARES } from '../../../../deploy/local/generator/places.ts'
import type { GeneratorOptions } from '../../../../deploy/local/generator/plant.ts'
import { plantedIn } from '../../../../deploy/local/generator/planted-in.ts'
import { COLUMNS } from '../../../../lib/events/columns.ts'
import { partitionKeyOf, type RawEvent, toRawEvent } from '../../../../lib/events/raw-event.ts'
import { readFields } from '../../../../lib/sources/read-fields.ts'
import { createRowSplitter } from '../../../../lib/sources/row-splitter.ts'
import type { SourceRow } from '../../../../lib/sources/source-row.ts'

const OPTIONS: GeneratorOptions = { seed: 7, rows: 21_600, rate: 20 }

async function generate(options: GeneratorOptions): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of generateCsv(options)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function rowsOf(csv: Buffer): SourceRow[] {
  const splitter = createRowSplitter({ offset: 0, line: 1, fields: COLUMNS.length })
  const [, ...rows] = [...splitter.push(csv), ...splitter.end()]
  return rows
}

function eventOf(row: SourceRow | undefined, seq: number): RawEvent | undefined {
  const read = row && readFields(row, COLUMNS.length)
  return read === undefined || 'fault' in read
    ? undefined
    : toRawEvent(read.fields, COLUMNS, { feed: 'live-1', seq, attempt: 1, eventTime: 1 })
}

t.test('a generated file', async (t) => {
  const csv = await generate(OPTIONS)
  const rows = rowsOf(csv)
  const planted = plantedIn(OPTIONS)
  const events = rows.map((row, i) => eventOf(row, i + 1))
  const eventAt = (seq: number) => events[seq - 1]

  t.test('has as many rows as were asked for, quotes and line ends in fields notwithstanding', async (t) => {
    t.equal(rows.length, OPTIONS.rows)
    t.ok(
      rows.some(({ line, nextLine }) => nextLine - line > 1),
      'rows over several lines',
    )
  })

  t.test('has exactly the unreadable rows that are listed, so that a test can count on them', async (t) => {
    const unreadable = events.flatMap((event, i) => (event === undefined ? [i + 1] : []))
    t.same(
      unreadable,
      planted.unreadable.map(({ seq }) => seq),
    )
    t.equal(new Set(planted.unreadable.map(({ fault }) => fault)).size, 4, 'of each kind')
  })

  t.test('has exactly the oversize rows that are listed', async (t) => {
    const oversize = rows.flatMap(({ bytes }, i) => (bytes.length > 1_048_576 ? [i + 1] : []))
    t.same(oversize, planted.oversize)
    t.ok(oversize.length >= 1)
  })

  t.test('has exactly the impossible rows that are listed', async (t) => {
    const impossible = events.flatMap((event, i) =>
      event !== undefined && isImpossible(event) ? [i + 1] : [],
    )
    t.same(
      impossible,
      planted.impossible.map(({ seq }) => seq),
    )
    t.equal(new Set(planted.impossible.map(({ fault }) => fault)).size, 4, 'of each kind')
  })

  t.test(
    'repeats exactly the rows that are listed, on the shard of the original and with another id',
    async (t) => {
      const skipped = new Set([...planted.impossible.map(({ seq }) => seq), ...planted.oversize])
      const seen = new Set<string>()
      const repeats = events.flatMap((event, i) => {
        if (event === undefined || skipped.has(i + 1)) return []
        const key = partitionKeyOf(event)
        if (seen.has(key)) return [i + 1]
        seen.add(key)
        return []
      })
      t.same(
        repeats,
        planted.repeats.map(({ seq }) => seq),
      )
      t.ok(planted.repeats.every(({ seq, of }) => eventAt(seq)?.id !== eventAt(of)?.id))
      t.ok(planted.repeats.length > OPTIONS.rows * 0.08, 'as many as the dataset has')
    },
  )

  t.test('plants a surge every three minutes, each row of it labelled and in one place', async (t) => {
    t.equal(planted.surges.length, OPTIONS.rows / (180 * OPTIONS.rate))
    for (const { number, place, seqs, firstRow, lastRow } of planted.surges) {
      t.ok(seqs.length > (lastRow - firstRow) / 2, `surge ${number} stands out`)
      for (const seq of seqs) {
        const event = eventAt(seq)
        t.match(event?.['description'], `[surge ${number}]`)
        t.equal(event?.['state'], place.state)
      }
    }
    const repeats = new Set(planted.repeats.map(({ seq }) => seq))
    const labelled = events.filter(
      (event, i) => !repeats.has(i + 1) && /\[surge \d+\]/.test(String(event?.['description'])),
    )
    t.equal(
      labelled.length,
      planted.surges.reduce((sum, { seqs }) => sum + seqs.length, 0),
    )
  })

  t.test(
    'is skewed by state and has the empty fields, forms of time and wrong zones of the dataset',
    async (t) => {
      const labelled = planted.surges.flatMap(({ seqs }) => seqs)
      const surging = new Set(labelled)
      const plain = events.filter((event, i) => event !== undefined && !surging.has(i + 1)) as RawEvent[]
      const share = (test: (event: RawEvent) => boolean) => plain.filter(test).length / plain.length
      for (const state of ['CA', 'FL', 'TX']) {
        const expected = (STATE_SHARES.get(state) ?? 0) / 100
        t.ok(Math.abs(share((event) => event['state'] === state) - expected) < 0.015, state)
      }
      t.ok(Math.abs(share((event) => event['end_lat'] === undefined) - 0.437) < 0.02, 'no end point')
      t.ok(
        Math.abs(share((event) => event['precipitation_in'] === undefined) - 0.289) < 0.02,
        'no precipitation',
      )
      t.ok(share((event) => String(event['start_time']).endsWith('.000000000')) > 0.06)
      t.ok(share((event) => /\.\d{6}$/.test(String(event['start_time']))) > 0.003)
      t.ok(share((event) => String(event['street']).startsWith(' ')) > 0.15, 'leading spaces')
      t.ok(plain.some((event) => event['state'] === 'AZ' && event['timezone'] === 'US/Mountain'))
      t.ok(plain.some((event) => event['state'] === 'LA' && event['timezone'] === 'US/Pacific'))
      t.ok(plain.some((event) => event['timezone'] === undefined))
    },
  )

  t.test(
    'is the same for the same seed, the beginning of a longer one, and another one for another seed',
    async (t) => {
      t.ok((await generate(OPTIONS)).equals(csv))
      const shorter = await generate({ ...OPTIONS, rows: 500 })
      t.ok(csv.subarray(0, shorter.length).equals(shorter))
      t.notOk((await generate({ ...OPTIONS, rows: 500, seed: 8 })).equals(shorter))
    },
  )
})

function isImpossible(event: RawEvent): boolean {
  const { start_lat: lat, start_lng: lng, severity, start_time: start, end_time: end } = event
  return Number(lat) > 90 || Number(lng) < -180 || Number(severity) > 4 || String(end) < String(start)
}
