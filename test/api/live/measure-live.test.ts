import t from 'tap'
import { createEventHub } from '../../../api/live/event-hub.ts'
import { measureLive } from '../../../api/live/measure-live.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { FakeSnapshots, fakeSnapshot } from '../../support/fake-app.ts'

t.test(
  'what the page shows looks fresh while Redis is away, or a refused client is not counted',
  async (t) => {
    let now = 1_000
    const metrics = createMetrics('api', '0')
    const snapshots = new FakeSnapshots()
    const refused = metrics.counter('event_stream_refused_total')
    const hub = createEventHub(snapshots, { maxClients: 1, onRefused: () => refused.inc() })
    t.teardown(() => hub.close())
    const clock = { now: () => now, monotonic: () => now, sleep: async () => {} }
    measureLive({ metrics, hub, maxClients: 1, snapshots, clock })
    now += 2_000
    t.match(await metrics.render(), '\nsnapshot_age_seconds 2\n', 'nothing was read since the start')
    snapshots.publish(fakeSnapshot())
    hub.connect(undefined)
    t.equal(hub.connect(undefined), undefined)
    now += 7_000
    const text = await metrics.render()
    t.match(text, '\nsnapshot_age_seconds 7\n')
    t.match(text, '\nevent_stream_clients 1\n')
    t.match(text, '\nevent_stream_clients_limit 1\n')
    t.match(text, '\nevent_stream_refused_total 1\n')
  },
)
