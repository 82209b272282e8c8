import { NoUnit } from '@grafana/grafana-foundation-sdk/units'
import { apiSection } from './api-section.ts'
import { defineDashboard, type PrometheusTarget, type Section } from './dashboard.ts'
import { between, equals } from './expectation.ts'
import { openIncidents, runningWorkers } from './figures.ts'
import { processSection } from './process-section.ts'
import { changes, count, gauge, ofService, sum } from './query.ts'
import { redisSection } from './redis-section.ts'

const KINDS = ['producer', 'consumer', 'api', 'firehose']
const SERVICES = { service: KINDS, instance: 'any' } as const

const workers: Section<PrometheusTarget> = {
  title: 'Workers',
  panels: [
    {
      look: 'stat',
      title: 'Running',
      unit: NoUnit,
      shows: 'Workers that run, by kind.',
      normal: 'as many as are wanted, see beside it.',
      otherwise: 'fewer for longer than a minute.',
      runbook: 'under-strength',
      width: 8,
      targets: [
        {
          legend: '{{kind}}',
          query: sum(gauge('fleet_workers', { state: 'running' }), 'kind'),
          expects: equals(runningWorkers, { labels: { kind: KINDS }, series: 4 }),
        },
      ],
    },
    {
      look: 'stat',
      title: 'Wanted',
      unit: NoUnit,
      shows:
        'Workers that there are to be, by kind, where that is known: what the ECS service desires, or the local supervisor.',
      normal: 'what was set.',
      otherwise: 'a kind is absent: nobody told the api how many are wanted (WANTED).',
      runbook: 'under-strength',
      width: 6,
      targets: [
        {
          legend: '{{kind}}',
          query: sum(gauge('fleet_workers_wanted'), 'kind'),
          expects: between(0, 100, { labels: { kind: KINDS } }),
        },
      ],
    },
    {
      look: 'stat',
      title: 'Open incidents',
      unit: NoUnit,
      shows: 'Incidents that are open, by severity.',
      normal: '0 and 0.',
      otherwise: 'the operations page and GET /incidents say what, since when, and who was told.',
      limits: { critical: 1 },
      width: 6,
      targets: [
        {
          legend: '{{severity}}',
          query: sum(gauge('incidents_open'), 'severity'),
          expects: equals(openIncidents, { labels: { severity: ['critical', 'warning'] }, series: 2 }),
        },
      ],
    },
    {
      look: 'stat',
      title: 'On watch',
      unit: NoUnit,
      shows: 'Apis that watch the fleet.',
      normal: '1; facts of the whole fleet come from it.',
      otherwise: '0 for longer than some seconds: nobody watches, and much of these dashboards is empty.',
      runbook: 'dependency',
      width: 4,
      targets: [{ legend: 'apis', query: sum(gauge('watchdog_active')), expects: between(1, 1) }],
    },
    {
      look: 'lines',
      title: 'Workers by state',
      unit: NoUnit,
      shows:
        'Workers of all kinds by state; silent ones have stopped to beat without a goodbye, for an hour.',
      normal: 'running ones only, and at a deploy those that start, drain and have stopped.',
      otherwise: 'silent ones were killed, crashed, or hang.',
      runbook: 'down',
      width: 12,
      targets: [
        {
          legend: '{{state}}',
          query: sum(gauge('fleet_workers'), 'state'),
          expects: between(0, 1_000, { labels: { state: 'any' }, series: 5 }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'Restarts',
      unit: NoUnit,
      shows:
        'Processes that began to run under an address that was known; on AWS a new task has a new address, and shows below.',
      normal: 'nothing but at a deploy.',
      otherwise:
        'its last log lines and its exit code say why: 137 is memory or a kill, 1 a failure, 2 a wrong configuration.',
      runbook: 'failing',
      width: 12,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: sum(ofService(changes('process_start_time_seconds')), 'service', 'instance'),
          expects: between(0, 10, { labels: SERVICES, series: 3 }),
        },
      ],
    },
    {
      look: 'ranking',
      title: 'Versions',
      unit: NoUnit,
      shows: 'Processes that answer, by service, version and version of Node.',
      normal: 'one version of each service; two during a deploy.',
      otherwise: 'two for long: a deploy that did not come to its end.',
      runbook: 'under-strength',
      width: 12,
      targets: [
        {
          legend: '{{service}} {{version}}, Node {{node_version}}',
          query: count(gauge('build_info'), 'service', 'version', 'node_version'),
          expects: between(1, 100, {
            labels: { service: KINDS, version: 'any', node_version: 'any' },
            series: 3,
          }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Draining',
      unit: NoUnit,
      shows: 'Processes that finish what they have and then end.',
      normal: '0, and at a deploy a few for some seconds.',
      otherwise: 'one that drains for minutes waits for something: its log says for what.',
      runbook: 'unresponsive',
      width: 12,
      targets: [
        {
          legend: 'draining',
          query: sum(gauge('worker_state', { state: 'draining' })),
          expects: between(0, 0),
        },
      ],
    },
  ],
}

export const fleet = defineDashboard<PrometheusTarget>({
  name: 'fleet',
  title: 'Fleet',
  description:
    'For whoever runs it: who lives, what each process takes of its machine, how Redis does, and what the api answers.',
  variables: ['environment'],
  sections: [workers, processSection, redisSection, apiSection],
})
