import t from 'tap'
import type { Incident } from '../../../api/watchdog/incident.ts'
import { API_TOKENS } from '../../support/access.ts'
import { buildFakeApp, FakeSnapshots } from '../../support/fake-app.ts'

const telling = { state: 'ok' as const, since: null, detail: null }

function incident(severity: Incident['severity']): Incident {
  return {
    id: 'down.consumer.1795430417123',
    kind: 'down',
    service: 'consumer',
    severity,
    state: 'open',
    openedAt: '2026-11-23T12:00:30.000Z',
    closedAt: null,
    summary: 'It is down.',
    workers: ['consumer-1'],
    details: { healthy: 0, lastHeard: 'then' },
    runbook: '/docs/runbook#down',
    suppressedBy: null,
    publications: [],
  }
}

t.test(
  'a monitor from outside is told that all is well when it is not, or is woken by a warning',
  async (t) => {
    const health = async (open: Incident[], snapshots?: FakeSnapshots) => {
      const parts = snapshots === undefined ? {} : { snapshots }
      const app = await buildFakeApp(t, { board: { open, recent: [], telling }, ...parts })
      return app.inject('/health/fleet')
    }
    const well = await health([])
    t.equal(well.statusCode, 200)
    t.match(well.json(), { status: 'healthy', incidents: [], telling })
    t.equal(well.headers['cache-control'], 'no-store')
    const warned = await health([incident('warning')])
    t.equal(warned.statusCode, 200)
    t.match(warned.json(), { status: 'healthy', incidents: [{ severity: 'warning' }] })
    const ill = await health([incident('critical')])
    t.equal(ill.statusCode, 503)
    t.strictSame(ill.json().incidents, [incident('critical')], 'with every field')
    const blind = await health([], new FakeSnapshots())
    t.equal(blind.statusCode, 503, 'nothing can be read')
    t.equal(blind.json().status, 'unhealthy')
  },
)

t.test('who has no token is told of files and machines', async (t) => {
  const board = { open: [incident('critical')], recent: [], telling: { ...telling, detail: 'at 10.0.0.1' } }
  const app = await buildFakeApp(t, { board, tokens: API_TOKENS })
  const reply = await app.inject('/health/fleet')
  t.equal(reply.statusCode, 503)
  t.match(reply.json(), {
    telling: { state: 'ok', detail: null },
    incidents: [
      {
        summary: 'consumer: down since 2026-11-23T12:00:30.000Z.',
        workers: [],
        details: {},
        publications: [],
      },
    ],
  })
  t.notMatch(reply.body, /consumer-1|10\.0\.0\.1|It is down/)
})

t.test('a list of incidents takes any parameter, or loses one on its way', async (t) => {
  const asked: unknown[] = []
  const app = await buildFakeApp(t, {
    incidents: {
      async list(query) {
        asked.push(query)
        return { items: [incident('critical')], nextCursor: null }
      },
    },
  })
  const reply = await app.inject(
    '/incidents?state=open&limit=3&cursor=1795430417123.down.consumer.1795430417123',
  )
  t.strictSame(reply.json(), { items: [incident('critical')], nextCursor: null })
  await app.inject('/incidents')
  t.same(asked, [
    { state: 'open', limit: 3, cursor: '1795430417123.down.consumer.1795430417123' },
    { limit: 50 },
  ])
  for (const query of ['state=shut', 'limit=0', 'limit=201', 'limit=x', 'cursor=newest', 'cursor=1.']) {
    t.equal((await app.inject(`/incidents?${query}`)).statusCode, 400, query)
  }
})
