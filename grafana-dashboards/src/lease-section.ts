import { OpsPerSecond, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import type { PrometheusTarget, Section } from './dashboard.ts'
import { between, empty } from './expectation.ts'
import { gauge, increase, max, rate, sum } from './query.ts'

const SHARD = { shard: '$shard' } as const
const MANY = 1_000_000

export const leaseSection: Section<PrometheusTarget> = {
  title: 'Leases and checkpoints',
  panels: [
    {
      look: 'bars',
      title: 'Changes of leases',
      unit: Short,
      shows:
        'Leases that workers acquired, released, lost, or read to the end of their shard; takeovers among them: another worker had let the lease run out.',
      normal: 'none but at a deploy or a change of the number of workers or shards.',
      otherwise:
        'takeovers are workers that ended without a goodbye; lost ones are workers that could not renew in time.',
      runbook: 'down',
      width: 12,
      targets: [
        {
          legend: '{{change}}',
          query: sum(increase('consumer_lease_changes_total'), 'change'),
          expects: between(0, 1_000, {
            labels: { change: ['acquired', 'released', 'lost', 'completed'] },
          }),
        },
        {
          legend: 'taken over',
          query: sum(increase('consumer_lease_takeovers_total')),
          expects: between(0, 1_000),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Age of what is not checkpointed',
      unit: Seconds,
      shows: 'How long the oldest work of a shard that is done and not yet checkpointed has been done.',
      normal: 'a few seconds: so much a crash would repeat.',
      otherwise: 'one that grows cannot write checkpoints: look at Redis.',
      runbook: 'dependency',
      limits: { warning: 30 },
      width: 12,
      targets: [
        {
          legend: '{{shard}}',
          query: max(gauge('consumer_checkpoint_age_seconds', SHARD), 'shard'),
          expects: between(0, 30, { labels: { shard: 'any' } }),
        },
      ],
    },
    {
      look: 'lines',
      title: 'Checkpoints',
      unit: OpsPerSecond,
      shows: 'Checkpoints that were written, a second, by result.',
      normal: 'accepted ones only.',
      otherwise:
        'fenced: the shard had passed to another worker, and nothing was spoilt. Failed: Redis does not answer.',
      runbook: 'dependency',
      width: 12,
      targets: [
        {
          legend: '{{result}}',
          query: sum(rate('consumer_checkpoints_total'), 'result'),
          expects: between(0, MANY, {
            labels: { result: ['accepted', 'behind', 'fenced', 'ended', 'failed'] },
          }),
        },
      ],
    },
    {
      look: 'bars',
      title: 'What should never be',
      unit: Short,
      shows:
        'Checkpoints that were older than the stream, leases that the store had lost, and changes between enhanced fan-out and polling.',
      normal: 'nothing.',
      otherwise: 'an expired checkpoint means that records may be lost: the conservation laws say how many.',
      runbook: 'conservation-broken',
      width: 12,
      targets: [
        {
          legend: 'expired checkpoints',
          query: sum(increase('consumer_expired_checkpoints_total')),
          expects: empty('a consumer is never away for as long as the stream keeps records'),
        },
        {
          legend: 'leases made again',
          query: sum(increase('consumer_lease_repairs_total')),
          expects: empty('the store loses no lease'),
        },
        {
          legend: 'to {{to}}',
          query: sum(increase('consumer_fan_out_changes_total'), 'to'),
          expects: empty('on one machine there is no enhanced fan-out to change from or to'),
        },
      ],
    },
  ],
}
