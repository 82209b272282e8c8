import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Value } from 'typebox/value'
import { describeReplay } from '../../../api/replays/replay-resource.ts'
import { type Random, randomAt } from '../../../deploy/local/generator/random.ts'
import { NO_COUNTS } from '../../../lib/feeds/feed.ts'
import { codesOf, type Operation, operationsOf, readApiDocument, untold } from '../../support/api-document.ts'
import { buildFakeApp, LIVE_FEED, NOW } from '../../support/fake-app.ts'
import { boundaryValues } from '../../support/schema-values.ts'

/** Requests at random for each operation: `ROUNDS=1000 SEED=7` takes more of them, or others. */
const ROUNDS = Number(process.env.ROUNDS ?? 40)
const FIRST_SEED = Number(process.env.SEED ?? 1)

/** What no endpoint should choke on, whatever it expects. */
const NASTY: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'null',
  '../../etc/passwd',
  '__proto__',
  '{"a":',
  '\u0000',
  '\ud83d',
  "'; DROP TABLE",
  'x'.repeat(5_000),
  [],
  [[[]]],
  {},
  { kind: 'csv' },
  { kind: 'max' },
  { kind: ['csv'] },
  { toString: 1, constructor: null },
]

type Input = { parameters: Record<string, unknown>; body?: unknown; rawBody?: string }
type Answer = { status: number; type: string; body: string }

const replay = await describeReplay(
  {
    progress: async () => ({ counts: NO_COUNTS, bytesRead: 0, ranges: 1, rangesDone: 0 }),
    emittedAsOf: async () => 0,
  },
  { ...LIVE_FEED, name: 'replay-x', kind: 'replay' },
  NOW,
)
const answer = async () => replay
const estimate = async () => ({ rows: 1, durationMs: null, isAtMost: false, basis: 'none' })
const list = async () => ({ items: [replay], nextCursor: null })
const app = await buildFakeApp(t, {
  replays: { create: answer, estimate, get: answer, act: answer, setPace: answer, list },
  deadLetters: { recover: answer },
  // It asks as fast as it can.
  limits: { maxEventLoopDelayMs: 60_000 },
})
const operations = operationsOf(await readApiDocument(app)).filter(
  // An answer without an end has tests of its own.
  ({ path }) => path !== '/events',
)

t.test(
  'a value just within the bounds of its schema is refused, or one just beyond them is taken',
  async (t) => {
    let asked = 0
    for (const operation of operations) {
      const least = leastOf(operation)
      for (const parameter of operation.parameters) {
        const { inside, outside } = boundaryValues(parameter.schema)
        // A text in a URL has no type of its own, and an empty part of a path is another path.
        const texts = (values: unknown[]) =>
          values.filter((value) => typeof value !== 'object' && value !== '')
        for (const [side, values] of [
          ['inside', texts(inside)],
          ['outside', texts(outside)],
        ] as const) {
          for (const value of values) {
            const isReadAsNumber =
              typeof value !== 'number' && parameter.schema.type !== 'string' && !Number.isNaN(Number(value))
            const isText = typeof value !== 'string' && parameter.schema.type === 'string'
            if (isReadAsNumber || isText) continue
            asked++
            await check(
              t,
              operation,
              { ...least, parameters: { ...least.parameters, [parameter.name]: value } },
              side,
            )
          }
        }
      }
      for (const { name, required } of operation.parameters) {
        if (required !== true || operation.path.includes(`{${name}}`)) continue
        const { [name]: _, ...parameters } = least.parameters
        await check(t, operation, { ...least, parameters }, 'outside')
      }
      if (operation.body === undefined) continue
      const { inside, outside } = boundaryValues(operation.body)
      for (const [side, values] of [
        ['inside', inside],
        ['outside', outside],
      ] as const) {
        for (const body of values) {
          asked++
          await check(t, operation, { ...least, body }, side)
        }
      }
    }
    t.ok(asked > 1_000, `${asked} requests`)
  },
)

t.test(
  'an endpoint fails, or answers with what its OpenAPI document does not tell, for bad input',
  async (t) => {
    for (const [index, operation] of operations.entries()) {
      for (let seed = FIRST_SEED; seed < FIRST_SEED + ROUNDS; seed++) {
        await check(t, operation, drawInput(operation, randomAt(seed, index, 0)), `with SEED=${seed}`)
      }
    }
  },
)

/** Anything at all in any place; half of the time what the schema takes, so that what is behind it is reached, too. */
function drawInput({ parameters, body }: Operation, random: Random): Input {
  const draw = (schema: Parameters<typeof boundaryValues>[0]) => {
    const { inside, outside } = boundaryValues(schema)
    return random.pick([inside, inside, outside, NASTY].filter(({ length }) => length > 0).map(random.pick))
  }
  const given = parameters.filter(() => random.next() < 0.8).map(({ name, schema }) => [name, draw(schema)])
  const rawBody = random.pick([undefined, undefined, undefined, '{"source":', '', '"', '[1,'])
  return {
    parameters: Object.fromEntries(given),
    ...(body === undefined ? {} : { body: random.pick([draw(body), mixOf(body, draw, random)]) }),
    ...(rawBody === undefined ? {} : { rawBody }),
  }
}

function mixOf(
  body: NonNullable<Operation['body']>,
  draw: (schema: object) => unknown,
  random: Random,
): object {
  const fields = Object.entries(body.properties ?? {}).filter(() => random.next() < 0.8)
  return Object.fromEntries(fields.map(([name, schema]) => [name, draw(schema)]))
}

/** What an operation cannot do without. */
function leastOf({ parameters, body }: Operation): Input {
  const needed = parameters.filter(({ required }) => required === true)
  return {
    parameters: Object.fromEntries(
      needed.map(({ name, schema }) => [name, boundaryValues(schema).inside[0]]),
    ),
    ...(body === undefined ? {} : { body: boundaryValues(body).inside[0] }),
  }
}

/** Says only what is wrong: a pass for each of thousands of requests would take longer than they do. */
async function check(t: Test, operation: Operation, input: Input, how: string): Promise<void> {
  const { status, type, body } = await send(app, operation, input)
  const parsed =
    body === '' ? undefined : (JSON.parse(body) as { code?: string; status?: number; requestId?: string })
  const code = status >= 400 && type.startsWith('application/problem+json') ? parsed?.code : undefined
  const faults = [
    untold(operation, { status, code }) ?? [],
    status >= 500 ? 'it fails' : [],
    status >= 400 && (code === undefined || parsed?.status !== status || parsed.requestId === undefined)
      ? 'no problem details'
      : [],
    how === 'inside' && code === 'INVALID_REQUEST' ? 'what the schema takes is refused' : [],
    how === 'outside' && status < 400 ? 'what the schema does not take is taken' : [],
    status < 300 && !fitsResponse(operation, status, parsed) ? 'another answer than its schema' : [],
  ].flat()
  if (faults.length === 0) return
  const { method, path } = operation
  t.fail(`${method} ${path} ${how}: ${faults.join(', ')}`, {
    input: JSON.stringify(input).slice(0, 1_000),
    answer: `${status} ${body.slice(0, 500)}`,
    told: codesOf(operation, status),
  })
}

function fitsResponse({ responses }: Operation, status: number, body: unknown): boolean {
  const schema = responses[status]?.content?.['application/json']?.schema
  return schema === undefined || Value.Check(schema, body)
}

async function send(app: FastifyInstance, operation: Operation, input: Input): Promise<Answer> {
  const { method, path, parameters, body } = operation
  const given = (place: string) =>
    parameters.filter(({ in: at, name }) => at === place && name in input.parameters)
  const query = given('query').map(({ name }) => `${name}=${textOf(input.parameters[name])}`)
  const url = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => textOf(input.parameters[name]) || 'x')
  const headers = given('header').map(({ name }) => [name, textOf(input.parameters[name])])
  const payload = input.rawBody ?? JSON.stringify(input.body)
  const answer = await app.inject({
    method,
    url: `${url}?${query.join('&')}`,
    headers: {
      ...Object.fromEntries(headers),
      ...(body === undefined && input.rawBody === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(payload === undefined || (body === undefined && method === 'GET') ? {} : { payload }),
  })
  return { status: answer.statusCode, type: String(answer.headers['content-type']), body: answer.body }
}

function textOf(value: unknown): string {
  return encodeURIComponent(
    (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed(),
  )
}
