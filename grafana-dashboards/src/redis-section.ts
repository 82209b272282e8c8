import { BytesIEC, NoUnit, OpsPerSecond, PercentUnit, Seconds } from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between, empty } from './expectation.ts'
import { gauge, increase, max, observations, ofService, quantile, rate, sum } from './query.ts'

const COMMANDS = { command: ['read', 'write', 'script'] } as const
const MANY = 1_000_000

/** Redis as its users see it: what it says of its memory, and how its commands go in every process. */
export const redisSection: Section<PrometheusTarget> = {
  title: 'Redis',
  panels: [
    {
      look: 'stat',
      title: 'Memory of Redis',
      unit: BytesIEC,
      shows: 'Memory that Redis uses.',
      normal: 'grows with the first hours of a feed, and then stays: all that is kept has a bound.',
      otherwise: 'growing on: the api shows which families of keys there are.',
      runbook: 'dependency',
      width: 6,
      targets: [
        {
          legend: 'used',
          query: max(gauge('redis_memory_used_bytes')),
          expects: between(500_000, 2_000_000_000),
        },
        {
          legend: 'may use',
          query: max(gauge('redis_memory_max_bytes')),
          expects: empty('the Redis of one machine has no limit of its own'),
        },
      ],
    },
    {
      look: 'stat',
      title: 'Memory of Redis, of what it may use',
      unit: PercentUnit,
      shows: 'The same as a share; absent where Redis has no limit.',
      normal: 'below 0.75.',
      otherwise: 'at 1 it refuses every write, and everything waits: give it more.',
      runbook: 'dependency',
      limits: { warning: 0.75, critical: 0.9 },
      max: 1,
      width: 6,
      targets: [
        {
          legend: 'used',
          query: max(gauge('redis_memory_used_ratio')),
          expects: empty('the Redis of one machine has no limit of its own'),
        },
      ],
    },
    {
      look: 'stat',
      title: 'Commands that wait',
      unit: NoUnit,
      shows: 'Commands that have no answer yet, of all processes.',
      normal: 'a few.',
      otherwise: 'many: Redis is slow or away.',
      runbook: 'dependency',
      limits: { warning: 100 },
      width: 6,
      targets: [
        { legend: 'waiting', query: sum(gauge('redis_commands_waiting')), expects: between(0, 1_000) },
      ],
    },
    {
      look: 'stat',
      title: 'Tries to connect again',
      unit: NoUnit,
      shows: 'Tries to reach Redis after the connection was lost.',
      normal: '0.',
      otherwise: 'Redis was restarted, failed over, or is away.',
      runbook: 'dependency',
      limits: { warning: 1 },
      width: 6,
      targets: [{ legend: 'tries', query: sum(increase('redis_reconnects_total')), expects: between(0, 0) }],
    },
    {
      look: 'lines',
      title: 'Time of a command, 99 of 100',
      unit: Seconds,
      shows: 'Time from a command to its answer, by its kind.',
      normal: 'below 25 ms.',
      otherwise: 'all kinds: Redis or the network. Scripts only: they have more to do than before.',
      runbook: 'dependency',
      limits: { warning: 0.1 },
      width: 8,
      targets: [
        {
          legend: '{{command}}',
          query: quantile(0.99, 'redis_command_duration_seconds', {}, 'command'),
          expects: between(0, 1, { labels: COMMANDS, series: 3 }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Commands',
      unit: OpsPerSecond,
      shows: 'Commands a second, of each process.',
      normal: 'consumers and the api on watch have the most.',
      otherwise: 'a process with none has lost its connection.',
      width: 8,
      targets: [
        {
          legend: '{{service}} {{instance}}',
          query: sum(ofService(observations('redis_command_duration_seconds')), 'service', 'instance'),
          expects: between(0, MANY, {
            labels: { service: ['producer', 'consumer', 'api', 'firehose'], instance: 'any' },
            series: 3,
          }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Commands that failed',
      unit: OpsPerSecond,
      shows: 'Commands a second that Redis refused or that were given up.',
      normal: 'nothing.',
      otherwise: 'the logs have the code of the error.',
      runbook: 'dependency',
      width: 8,
      targets: [
        {
          legend: '{{command}}',
          query: sum(rate('redis_command_failures_total'), 'command'),
          expects: empty('no command fails'),
        },
      ],
    },
  ],
}
