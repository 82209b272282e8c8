import t from 'tap'
import { DASHBOARDS } from '../../grafana-dashboards/src/dashboards.ts'
import { between, empty, equals } from '../../grafana-dashboards/src/expectation.ts'
import { liveRows, openSurges, shardsInUse } from '../../grafana-dashboards/src/figures.ts'
import { type Context, judgeAnswer, type Sample } from '../../grafana-dashboards/src/judge-answer.ts'
import { QUERY_FAULTS } from '../support/query-faults.ts'

const NOTHING = { filtered: 0, recovered: 0, resent: 0, rejected: 0, valid: 0, repeated: 0, unique: 0 }

const feed = (name: string, rows: number) => ({
  ...NOTHING,
  feed: name,
  state: 'running',
  read: rows,
  refused: rows / 100,
  emitted: rows - rows / 100,
  in: rows - rows / 50,
  onTime: 0,
  late: 0,
  windowed: 0,
  received: { accident: 0, accidentLate: 0, rejected: 0 },
  differences: {},
})

/** A fleet of four shards, a live feed and a replay. */
const context: Context = {
  api: {
    '/fleet': {
      workers: [],
      shards: ['a', 'b', 'c', 'd', 'e'].map((shard) => ({
        shard,
        checkpoint: shard === 'e' ? 'SHARD_END' : '1',
      })),
    },
    '/pipeline': { feeds: [feed('live-2', 600), feed('replay-9', 5_000), feed('live-1', 400)] },
    '/insights/surges': { open: [{ areaKind: 'cell' }, { areaKind: 'cell' }] },
  },
  panel: {
    p50: [{ labels: {}, value: 0.8 }],
    p95: [{ labels: {}, value: 1.2 }],
    '{{service}} {{instance}}': [
      { labels: { service: 'api', instance: 'a' }, value: 0.3 },
      { labels: { service: 'consumer', instance: 'b' }, value: 0.4 },
    ],
  },
}

for (const { fault, dashboard, panel, legend, from, to, answers } of QUERY_FAULTS) {
  t.test(`nobody would notice ${fault}`, (t) => {
    const { targets = [] } =
      DASHBOARDS.find(({ name }) => name === dashboard)?.panels.find(({ title }) => title === panel) ?? {}
    const target = targets.find((target) => target.legend === legend)
    if (target === undefined) throw new Error(`there is no ${legend} in ${panel} of ${dashboard}`)
    t.ok(target.query.includes(from), `${target.query} has ${from}, which ${to} takes the place of`)
    t.strictSame(judgeAnswer(target.expects, answers.whole, context), [], 'the whole query is as expected')
    t.not(judgeAnswer(target.expects, answers.faulty, context).length, 0)
    t.end()
  })
}

const series = (value: number, labels: Sample['labels'] = {}): Sample => ({ labels, value })

t.test('an answer that is not as expected passes', (t) => {
  const cases = [
    ['no data', between(0, 1), [], /0 series instead of at least 1/],
    [
      'too few series',
      between(0, 1, { labels: { a: 'any' }, series: 2 }),
      [series(1, { a: 'x' })],
      /1 series/,
    ],
    ['too much', between(0, 1), [series(2)], /2 is not within 0 to 1/],
    ['too little', between(1, 2), [series(0)], /not within/],
    ['no number', between(0, 1), [series(Number.NaN)], /NaN is not within/],
    [
      'another value of a label',
      between(0, 1, { labels: { a: ['x'] } }),
      [series(1, { a: 'y' })],
      /a is y, not x/,
    ],
    [
      'one of two series',
      between(0, 1, { labels: { a: 'any' } }),
      [series(1, { a: 'x' }), series(2, { a: 'y' })],
      /2 \(a=y\)/,
    ],
    ['not above', between(0, 9, { above: 'p95' }), [series(1.2)], /not above p95/],
    ['above what is not there', between(0, 9, { above: 'p75' }), [series(1)], /not above p75/],
    [
      'not the highest',
      between(0, 9, { highestOf: '{{service}} {{instance}}' }),
      [series(0.3)],
      /not the highest/,
    ],
    ['something', empty('nothing fails'), [series(1)], /nothing fails/],
    ['another figure', equals(shardsInUse), [series(5)], /the api says 4/],
    [
      'two apart',
      equals(liveRows, { labels: { place: 'any' } }),
      [series(999, { place: 'read' })],
      /says 1000/,
    ],
    ['too far apart', equals(shardsInUse, { within: 0.1 }), [series(3)], /the api says 4/],
    [
      'one that the api does not have',
      equals(openSurges, { labels: { kind: 'any' } }),
      [series(1, { kind: 'county' })],
      /says 0/,
    ],
  ] as const
  for (const [name, expects, answer, complaint] of cases)
    t.match(judgeAnswer(expects, answer, context).join(), complaint, name)
  t.end()
})

t.test('an answer that is as expected does not pass', (t) => {
  const cases = [
    [between(0, 1), [series(1)]],
    [between(0, 1, { labels: { a: 'any' }, series: 0 }), []],
    [between(0, 9, { above: 'p50' }), [series(1.2)]],
    [between(0, 1, { mayBeIdle: true }), [series(Number.NaN)]],
    [empty('nothing fails'), []],
    [empty('nothing fails'), [series(0), series(0, { a: 'x' })]],
    [equals(shardsInUse), [series(4)]],
    [equals(shardsInUse, { within: 0.25 }), [series(3)]],
    [
      equals(openSurges, { labels: { kind: 'any' } }),
      [series(2, { kind: 'cell' }), series(0, { kind: 'state' })],
    ],
  ] as const
  for (const [expects, answer] of cases) t.strictSame(judgeAnswer(expects, answer, context), [])
  t.end()
})
