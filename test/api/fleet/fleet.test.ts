import t from 'tap'
import { describeFleet } from '../../../api/fleet/fleet.ts'
import type { ReceivedHeartbeat } from '../../../lib/process/heartbeat.ts'

const NOW = 1_800_000_000_000

function heartbeat(changes: Partial<ReceivedHeartbeat> = {}): ReceivedHeartbeat {
  return {
    id: 'consumer-1',
    kind: 'consumer',
    state: 'running',
    since: NOW - 60_000,
    at: NOW - 900,
    version: '0.1.0',
    host: 'h',
    pid: 1,
    holds: ['shardId-000000000000'],
    progress: { records: 5 },
    eventLoopUtilization: 0.1,
    rssMb: 90,
    ageMs: 900,
    ...changes,
  }
}

t.test(
  'a worker that was killed is not silent, or one that said goodbye or whose clock is wrong is',
  async (t) => {
    const stateOf = (changes: Partial<ReceivedHeartbeat>) =>
      describeFleet([heartbeat(changes)], [], NOW).workers[0]?.state
    t.equal(stateOf({}), 'running')
    t.equal(stateOf({ at: NOW - 3_600_000 }), 'running')
    t.equal(stateOf({ ageMs: 5_001 }), 'silent')
    t.equal(stateOf({ ageMs: 5_001, state: 'draining' }), 'silent')
    t.equal(stateOf({ ageMs: 600_000, state: 'stopped' }), 'stopped')
  },
)

t.test('a shard without an owner says so, and ages are as of now', async (t) => {
  const { shards } = describeFleet(
    [],
    [
      {
        stream: 'processed',
        shardId: 'shardId-000000000000',
        parents: [],
        owner: 'consumer-1',
        epoch: 7,
        checkpoint: '495',
        checkpointAt: NOW - 1_500,
        msBehindLatest: 310.4,
      },
      {
        stream: 'processed',
        shardId: 'shardId-000000000001',
        parents: [],
        epoch: 0,
        checkpoint: 'TRIM_HORIZON',
      },
    ],
    NOW,
  )
  t.match(shards[0], {
    shard: 'shardId-000000000000',
    owner: 'consumer-1',
    checkpointAgeMs: 1_500,
    msBehindLatest: 310,
  })
  t.match(shards[1], { owner: null, checkpointAgeMs: null, msBehindLatest: null })
})

t.test('the order of workers does not change from one second to the next', async (t) => {
  const beats = [heartbeat({ id: 'b' }), heartbeat({ id: 'z', kind: 'api' }), heartbeat({ id: 'a' })]
  for (const order of [beats, beats.toReversed()]) {
    t.same(
      describeFleet(order, [], NOW).workers.map(({ id }) => id),
      ['z', 'a', 'b'],
    )
  }
})
