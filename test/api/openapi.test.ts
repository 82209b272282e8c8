import type { FastifyInstance, InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { dataUnavailable } from '../../api/deadline.ts'
import { PROBLEM_STATUSES, Problem, type ProblemCode } from '../../api/problems.ts'
import { API_TOKENS, bearer, READ_TOKEN } from '../support/access.ts'
import { codesOf, type Operation, operationsOf, readApiDocument } from '../support/api-document.ts'
import { buildFakeApp, type FakeParts, FakeSnapshots, fakeInsights } from '../support/fake-app.ts'
import { routesOf } from '../support/routes-of.ts'
import { waitFor } from '../support/wait-for.ts'

const COOKIE = { cookie: `roadpulse=${'x'.repeat(43)}` }
const JSON_TYPE = { 'content-type': 'application/json' }
/** More often than any route may be asked in a minute here. */
const MANY = 12

const keyOf = ({ method, path }: Operation) => `${method} ${path}`

t.test(
  'a path that the api answers is missing in the document, or one that it tells of is not there',
  async (t) => {
    const app = await buildFakeApp(t)
    const document = await readApiDocument(app)
    t.match(document, {
      openapi: '3.1.0',
      components: { securitySchemes: { token: {}, session: { in: 'cookie' } } },
    })
    const routes = routesOf(app)
      .filter(({ method, url }) => method !== 'HEAD' && !/^\/(docs.*|assets\/.*|)$/.test(url))
      .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
    t.same(operationsOf(document).map(keyOf).toSorted(), routes.toSorted())
  },
)

t.test('a status or a code stands where it cannot be, or nowhere', async (t) => {
  const operations = operationsOf(await readApiDocument(await buildFakeApp(t)))
  const told = new Set<string>()
  for (const operation of operations) {
    const what = keyOf(operation)
    const isOpen = /^\/(health|session)/.test(operation.path)
    t.same(operation.security, isOpen ? [] : [{ token: [] }, { session: [] }], what)
    for (const [status, { content, headers = {} }] of Object.entries(operation.responses)) {
      const codes = codesOf(operation, status)
      for (const code of codes)
        t.equal(PROBLEM_STATUSES[code as ProblemCode], Number(status), `${what}: ${code}`)
      const isProblem = Number(status) >= 400 && content?.['application/json'] === undefined
      t.equal(codes.length > 0, isProblem, `${what}: ${status} names its codes`)
      if (status === '429' || (status === '503' && isProblem)) t.hasProp(headers, 'retry-after', what)
      if (status === '401') t.hasProp(headers, 'www-authenticate', what)
      for (const code of codes) told.add(code)
    }
  }
  t.same([...told].toSorted(), Object.keys(PROBLEM_STATUSES).toSorted(), 'every code is told of')
})

t.test('a code that the document tells of is never answered', async (t) => {
  const operations = operationsOf(await readApiDocument(await buildFakeApp(t)))
  for (const code of Object.keys(PROBLEM_STATUSES) as ProblemCode[]) {
    const provocation = PROVOCATIONS[code]
    if (provocation === 'before a route is known') continue
    const app = await provocation.app(t)
    for (const operation of operations) {
      const status = PROBLEM_STATUSES[code]
      if (!codesOf(operation, status).includes(code) || CANNOT_FAIL.has(`${keyOf(operation)} ${code}`))
        continue
      const answer = await provocation.ask(app, operation)
      const what = `${keyOf(operation)}: ${code}`
      t.equal(answer.statusCode, status, what)
      t.match(answer.headers['content-type'], /^application\/problem\+json/, what)
      t.match(answer.json(), { code, status }, what)
    }
  }
})

/** It looks at nothing: only a fault of the framework could keep it from answering. */
const CANNOT_FAIL = new Set(['GET /health/live INTERNAL'])

type Answer = Awaited<ReturnType<typeof ask>>
type Provocation = {
  app(t: Test): Promise<FastifyInstance>
  ask(app: FastifyInstance, operation: Operation): Promise<Answer>
}

/** A request that fits an operation, with changes. */
async function ask(app: FastifyInstance, operation: Operation, changes: InjectOptions = {}, id = 'x') {
  const { method, path, body } = operation
  return app.inject({
    method,
    url: path.replaceAll(/\{\w+\}/g, id),
    ...(body === undefined ? {} : { payload: BODIES[path] ?? {} }),
    ...changes,
  })
}

const PACE = { pace: { kind: 'max' } }
const BODIES: Record<string, object> = {
  '/session': { token: 'wrong' },
  '/replays': { source: { kind: 'csv', uri: 's3://source/a.csv' }, ...PACE },
  '/replays/estimate': { source: { kind: 'csv', uri: 's3://source/a.csv' }, ...PACE },
  '/replays/{id}': PACE,
  '/dead-letters/replays': { origin: 'row', from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' },
}

const withParts = (parts: FakeParts, changes: InjectOptions = {}): Provocation => ({
  app: (t) => buildFakeApp(t, parts),
  ask: (app, operation) => ask(app, operation, changes),
})

/** Everything that a route looks at is broken in the same way. */
function broken(problem: () => Error): FakeParts {
  const fails = () => Promise.reject(problem())
  const throws = () => {
    throw problem()
  }
  return {
    tokens: API_TOKENS,
    sessions: { create: fails, find: fails, end: fails },
    insights: fakeInsights({ listReceivedFeeds: fails, readAccidents: fails }),
    replays: { create: fails, estimate: fails, list: fails, get: fails, act: fails, setPace: fails },
    deadLetters: { list: fails, get: fails, recover: fails },
    snapshots: Object.assign(new FakeSnapshots(), { latest: throws }),
    hub: { connect: throws, size: 0, close: () => undefined },
    readiness: fails,
  }
}

/** A service that answers with a problem of its own. */
const refusing = (code: ProblemCode) =>
  withParts({ ...broken(() => new Problem(code, 'refused')), tokens: '' })

const PROVOCATIONS: Record<ProblemCode, Provocation | 'before a route is known'> = {
  REQUEST_TIMEOUT: 'before a route is known',
  HEADERS_TOO_LARGE: 'before a route is known',
  INVALID_REQUEST: {
    app: (t) => buildFakeApp(t),
    ask(app, operation) {
      const url = `${operation.path.replaceAll(/\{\w+\}/g, '%24')}?feed=&limit=x&minutes=x`
      const headers = { ...JSON_TYPE, 'last-event-id': 'x'.repeat(161) }
      return ask(app, operation, { url, headers, ...(operation.method === 'GET' ? {} : { payload: '{"' }) })
    },
  },
  UNAUTHENTICATED: withParts({ tokens: API_TOKENS }),
  FORBIDDEN: withParts({ tokens: API_TOKENS }, { headers: bearer(READ_TOKEN) }),
  CROSS_SITE: withParts({}, { headers: { origin: 'https://evil.test' } }),
  CONTENT_TOO_LARGE: withParts({}, { headers: JSON_TYPE, payload: JSON.stringify('x'.repeat(2_100_000)) }),
  UNSUPPORTED_MEDIA_TYPE: withParts({}, { headers: { 'content-type': 'text/xml' }, payload: '<a/>' }),
  URI_TOO_LONG: {
    app: (t) => buildFakeApp(t),
    ask: (app, operation) => ask(app, operation, {}, 'x'.repeat(301)),
  },
  RATE_LIMITED: {
    app: (t) =>
      buildFakeApp(t, {
        limits: { requestsPerMinute: 1 },
        hub: { connect: () => undefined, size: 0, close: () => undefined },
      }),
    async ask(app, operation) {
      for (let i = 1; i < MANY; i++) await ask(app, operation)
      return ask(app, operation)
    },
  },
  OVERLOADED: {
    async app(t) {
      // Every event loop is later than that.
      const app = await buildFakeApp(t, { limits: { maxEventLoopDelayMs: Number.MIN_VALUE } })
      const isShedding = async () => (await app.inject('/fleet')).statusCode === 503
      await waitFor('requests are turned away', isShedding, { deadlineMs: 10_000 })
      return app
    },
    ask: (app, operation) => ask(app, operation),
  },
  INTERNAL: {
    app: (t) =>
      buildFakeApp(
        t,
        broken(() => new Error('broken')),
      ),
    ask: (app, operation) => ask(app, operation, { headers: COOKIE, ...signIn(operation) }),
  },
  DATA_UNAVAILABLE: {
    app: (t) => buildFakeApp(t, broken(dataUnavailable)),
    ask: (app, operation) => ask(app, operation, { headers: COOKIE, ...signIn(operation) }),
  },
  NOT_FOUND: withParts({}),
  REPLAY_NOT_FOUND: withParts({}),
  FEED_NOT_FOUND: {
    app: (t) => buildFakeApp(t),
    ask: (app, operation) => ask(app, operation, { url: `${operation.path}?feed=live-9` }),
  },
  LETTERS_CLAIMED: refusing('LETTERS_CLAIMED'),
  REPLAY_STATE: refusing('REPLAY_STATE'),
  UNPROCESSABLE_REQUEST: refusing('UNPROCESSABLE_REQUEST'),
  IDEMPOTENCY_KEY_REUSED: refusing('IDEMPOTENCY_KEY_REUSED'),
  REQUEST_IN_PROGRESS: refusing('REQUEST_IN_PROGRESS'),
}

/** What signing in and out need to come as far as Redis. */
function signIn({ method, path }: Operation): InjectOptions {
  if (path !== '/session') return {}
  if (method === 'POST') return { payload: { token: READ_TOKEN } }
  return { headers: { ...COOKIE, host: 'a.test', origin: 'http://a.test' } }
}
