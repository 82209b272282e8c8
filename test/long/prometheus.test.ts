import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import t from 'tap'
import { generateCsv } from '../../deploy/local/generator/generate-csv.ts'
import { RULE_GROUPS, renderRules } from '../../grafana-dashboards/src/alerts/render-rules.ts'
import { judgePanels } from '../support/judge-panels.ts'
import { startPipeline } from '../support/pipeline.ts'
import { startPrometheus } from '../support/prometheus.ts'
import { selectorsOf } from '../support/selectors-of.ts'
import { waitFor } from '../support/wait-for.ts'

const RATE = 20
const INTERVAL_MS = 1_000
/** Long enough for the windows of a minute, of which each rule has seen several. */
const SCRAPED_SECONDS = 180
const TOLD_WITHIN_MS = 30_000
const OVER_WITHIN_MS = 60_000
const PANELS_RIGHT_WITHIN_MS = 60_000

/** What a rule reads, and a healthy pipeline on one machine does not have. */
const ABSENT_IN_HEALTH: Readonly<Record<string, string>> = {
  redis_memory_used_ratio: 'the Redis of one machine has no limit',
  'http_request_duration_seconds_count{status_code=~"5.."}': 'no answer was an error of the api',
}

const rules = RULE_GROUPS.flatMap((group) => group.rules)

t.test(
  'a rule or a panel asks for what no process shows, or an alert rings in health and not in a fault',
  { timeout: 900_000 },
  async (t) => {
    const csv = `${t.testdir()}/generated.csv`
    await pipeline(Readable.from(generateCsv({ seed: 5, rows: 40_000, rate: RATE })), createWriteStream(csv))
    const roadpulse = await startPipeline(t, csv, { live: { LIVE_RATE: `${RATE}` } })
    const prometheus = await startPrometheus(t, roadpulse.stack, {
      rules: renderRules('runbook'),
      intervalMs: INTERVAL_MS,
    })
    const valueOf = async (query: string) => (await prometheus.query(query))[0]?.value
    const answersOf = async (state: string) =>
      (await prometheus.query(`count_over_time(ALERTS{alertstate="${state}"}[1h])`)).map(
        ({ labels }) => labels['alertname'],
      )

    await waitFor(
      'it was scraped for three minutes',
      async () => {
        // Pages are asked for as they would be, so that the api has something to measure.
        await roadpulse.get('/pipeline')
        return ((await valueOf('count_over_time(up{service="api"}[1h])')) ?? 0) >= SCRAPED_SECONDS
      },
      { deadlineMs: 600_000, intervalMs: 2_000 },
    )
    t.strictSame(await prometheus.query('up == 0'), [], 'all parts are scraped')

    await t.test('a rule cannot be evaluated, or reads a series that nobody shows', async (t) => {
      for (const { name, health, lastError } of await prometheus.rules()) {
        t.equal(health, 'ok', `${name}: ${lastError ?? ''}`)
      }
      const selectors = new Set(rules.flatMap(({ expr }) => selectorsOf(expr)))
      for (const selector of selectors) {
        const count = (await valueOf(`count(${selector})`)) ?? 0
        if (ABSENT_IN_HEALTH[selector] === undefined) t.ok(count > 0, selector)
        else t.equal(count, 0, `${selector}: take it off the list`)
      }
      for (const selector of Object.keys(ABSENT_IN_HEALTH)) t.ok(selectors.has(selector), selector)
      for (const rule of rules) {
        if ('record' in rule) t.equal((await prometheus.query(rule.record)).length, 1, rule.record)
      }
    })

    await t.test('a panel shows nothing, or something else than it expects or the api says', async (t) => {
      // The api and Prometheus are asked one after the other: each panel has to be right once.
      let complaints: ReadonlyMap<string, string[]> = new Map()
      const right = new Set<string>()
      await waitFor(
        'every panel is right',
        async () => {
          complaints = await judgePanels(prometheus, roadpulse)
          for (const [panel, found] of complaints) if (found.length === 0) right.add(panel)
          return right.size === complaints.size
        },
        { deadlineMs: PANELS_RIGHT_WITHIN_MS, intervalMs: 1_000 },
      ).catch(() => undefined)
      t.ok(complaints.size > 0, 'each panel was judged')
      for (const [panel, found] of complaints) t.ok(right.has(panel), `${panel}: ${found.join('; ')}`)
    })

    t.strictSame(await answersOf('firing'), [], 'no alert rings in health')

    const stopped = roadpulse.stack.part('consumer')
    stopped.kill('SIGSTOP')
    const isFiring = async (alert: string) =>
      (await prometheus.query(`ALERTS{alertname="${alert}",alertstate="firing"}`)).length > 0
    await waitFor('the alert rings', () => isFiring('WorkerDown'), { deadlineMs: TOLD_WITHIN_MS })
    await waitFor('the incident is shown', () => isFiring('CriticalIncidentOpen'), {
      deadlineMs: TOLD_WITHIN_MS,
    })
    const ringing = (await prometheus.rules()).find(({ name }) => name === 'WorkerDown')
    t.match(ringing?.alerts, [
      {
        annotations: {
          summary: 'consumer: 1 ended without a goodbye, and too few are left.',
          runbook_url: 'runbook#down',
        },
      },
    ])
    t.strictSame(new Set(await answersOf('firing')), new Set(['CriticalIncidentOpen', 'WorkerDown']))
    stopped.kill('SIGCONT')
    await waitFor(
      'no alert rings any more',
      async () => (await prometheus.query('ALERTS{alertstate="firing"}')).length === 0,
      { deadlineMs: OVER_WITHIN_MS },
    )
  },
)
