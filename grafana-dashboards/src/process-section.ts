import { BytesIEC, NoUnit, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between } from './expectation.ts'
import { gauge, max, observations, ofService, rate, sum } from './query.ts'

const KINDS = ['producer', 'consumer', 'api', 'firehose']
const SERVICES = { service: KINDS, instance: 'any' } as const

export const processSection: Section<PrometheusTarget> = {
  title: 'Processes',
  panels: [
    {
      look: 'lines',
      title: 'Event loop busy',
      unit: PercentUnit,
      shows: 'Share of the last five seconds that the event loop of each process was busy.',
      normal: 'below 0.6.',
      otherwise: 'near 1: it computes without end, or has too much to do. Consumers: more of them.',
      runbook: 'unresponsive',
      limits: { warning: 0.8 },
      max: 1,
      width: 12,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: max(ofService(gauge('nodejs_eventloop_utilization_ratio')), 'service', 'instance'),
          expects: between(0, 1, { labels: SERVICES, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Delay of the event loop, 99 of 100',
      unit: Seconds,
      shows: 'How much later than asked for a timer comes, in each process.',
      normal: 'below 0.05 s.',
      otherwise: 'something computes for long in one piece, or the machine has no time for the process.',
      runbook: 'unresponsive',
      limits: { warning: 0.25 },
      width: 12,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: max(ofService(gauge('nodejs_eventloop_lag_p99_seconds')), 'service', 'instance'),
          expects: between(0, 2, { labels: SERVICES, series: 3 }),
        },
        {
          legend: 'worst',
          query: max(gauge('nodejs_eventloop_lag_p99_seconds')),
          expects: between(0, 2, { highestOf: '{{service}} {{instance}}' }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Memory',
      unit: BytesIEC,
      shows: 'Memory of each process.',
      normal: 'below 200 MiB, without a trend.',
      otherwise:
        'growing: a leak, or more in flight than before. A task that has used its memory up is killed.',
      runbook: 'down',
      limits: { warning: 300_000_000 },
      width: 12,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: max(ofService(gauge('process_resident_memory_bytes')), 'service', 'instance'),
          expects: between(20_000_000, 600_000_000, { labels: SERVICES, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Heap',
      unit: BytesIEC,
      shows: 'Memory that JavaScript uses in each process.',
      normal: 'up and down, below 100 MiB.',
      otherwise: 'as with memory.',
      runbook: 'down',
      width: 12,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: max(ofService(gauge('nodejs_heap_size_used_bytes')), 'service', 'instance'),
          expects: between(5_000_000, 400_000_000, { labels: SERVICES, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Processor',
      unit: PercentUnit,
      shows: 'Time of a processor that each process takes; 1 is a whole one.',
      normal: 'below 0.6.',
      otherwise: 'more than the task has: it is slowed down. More of them, or larger ones.',
      runbook: 'stalled',
      width: 12,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: sum(ofService(rate('process_cpu_seconds_total')), 'service', 'instance'),
          expects: between(0, 4, { labels: SERVICES, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Collections of garbage',
      unit: Short,
      shows: 'Pauses for garbage collection a second, by kind.',
      normal: 'minor ones often, major ones now and then.',
      otherwise: 'many major ones: the heap is nearly full.',
      runbook: 'down',
      width: 6,
      targets: [
        {
          legend: '{{kind}}',
          query: sum(observations('nodejs_gc_duration_seconds'), 'kind'),
          expects: between(0, 1_000, { labels: { kind: ['major', 'minor', 'incremental', 'weakcb'] } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Open files and sockets',
      unit: NoUnit,
      shows: 'File descriptors that each process has open.',
      normal: 'some dozens, without a trend.',
      otherwise: 'growing: connections that are not closed.',
      width: 6,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: max(ofService(gauge('process_open_fds')), 'service', 'instance'),
          expects: between(1, 1_000, { labels: SERVICES, series: 3 }),
        },
      ],
    },
  ],
}
