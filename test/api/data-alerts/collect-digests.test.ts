import t from 'tap'
import {
  collectDigests,
  type Digest,
  type DigestState,
  NO_DIGESTS,
  withoutOutdated,
} from '../../../api/data-alerts/collect-digests.ts'
import { writeDigestMessage } from '../../../api/data-alerts/digest-message.ts'
import type { ReceivedAccident, ReceivedSurge } from '../../../lib/insights/insight-reader.ts'
import { receivedAccident } from '../../support/fake-app.ts'

const NOW = Date.UTC(2026, 10, 23, 12)
const MINUTE_MS = 60_000
const LOOK_EVERY_SECONDS = 10
const SETTINGS = { minSeverity: 4, minIntervalMs: 5 * MINUTE_MS }

const severe = (seq: number, changes: Partial<ReceivedAccident> = {}): ReceivedAccident => ({
  ...receivedAccident(seq),
  severity: 4,
  state: 'OH',
  eventTime: NOW - 1_000,
  ...changes,
})

const surge = (changes: Partial<ReceivedSurge> = {}): ReceivedSurge =>
  ({
    area_kind: 'state',
    area: 'CA',
    state: 'CA',
    started_at: NOW - MINUTE_MS,
    windowStart: NOW - 6 * MINUTE_MS,
    windowEnd: NOW - MINUTE_MS,
    expected: 2,
    surprise: 9,
    phase: 'started',
    count: 30,
    ...changes,
  }) as ReceivedSurge

function look(
  state: DigestState,
  now: number,
  accidents: ReceivedAccident[],
  surges: ReceivedSurge[] = [],
): { state: DigestState; digests: Digest[] } {
  // As it comes back from Redis.
  const before = JSON.parse(JSON.stringify(state)) as DigestState
  return collectDigests(before, { feed: 'live-3', accidents, surges }, now, SETTINGS)
}

t.test('a bad hour is a message for each accident', async (t) => {
  let state = NO_DIGESTS
  const digests: Digest[] = []
  // Two severe accidents a second for an hour, in two states, looked at every ten seconds.
  for (let second = 0; second < 3_600; second += LOOK_EVERY_SECONDS) {
    const now = NOW + second * 1_000
    const at = { eventTime: now - 500 }
    const accidents = Array.from({ length: LOOK_EVERY_SECONDS }, (_, i) => [
      severe(2 * (second + i) + 1, at),
      severe(2 * (second + i) + 2, { ...at, state: 'TX' }),
    ])
    const next = look(state, now, accidents.flat())
    state = next.state
    digests.push(...next.digests)
  }
  t.equal(digests.length, 24, 'one for each state in five minutes')
  t.equal(digests[0]?.accidentCount, LOOK_EVERY_SECONDS, 'the first at once')
  t.equal(digests[2]?.accidentCount, 300)
  t.ok((digests[2]?.accidents.length ?? 0) <= 10)
  t.ok(Object.keys(state.seen).length <= 2_000 + 2 * LOOK_EVERY_SECONDS)
  t.equal(new Set(digests.map(({ dedupId }) => dedupId)).size, 24)
})

t.test('what is told twice, is not grave, is old, or is over', async (t) => {
  const first = look(NO_DIGESTS, NOW, [severe(1), severe(1)], [surge(), surge()])
  t.same(
    first.digests.map((digest) => [digest.state, digest.accidentCount, digest.surges.length]),
    [
      ['OH', 1, 0],
      ['CA', 0, 1],
    ],
  )
  const later = NOW + 5 * MINUTE_MS
  const again = look(first.state, later, [severe(1, { eventTime: later })], [surge({ windowEnd: later })])
  t.same(again.digests, [], 'the same ids again')
  const none = look(
    NO_DIGESTS,
    NOW,
    [severe(2, { severity: 3 }), severe(3, { eventTime: NOW - 10 * MINUTE_MS - 1 })],
    [surge({ windowEnd: NOW - 10 * MINUTE_MS - 1 }), surge({ phase: 'ended', ended_at: NOW } as never)],
  )
  t.same(none.digests, [])
  t.same(none.state.cursor, { feed: 'live-3', streamId: '3-0' }, 'and they are not read again')
})

t.test('what has waited too long is told after all', async (t) => {
  const { state, digests } = look(NO_DIGESTS, NOW, [severe(1)])
  const waiting = look(state, NOW + 1_000, [severe(2, { eventTime: NOW - 9 * MINUTE_MS })])
  t.same(waiting.digests, [])
  t.same(look(waiting.state, NOW + 5 * MINUTE_MS, []).digests, [])
  const [digest] = digests
  if (digest === undefined) throw new Error('no digest')
  t.same(withoutOutdated(digest, NOW + 9 * MINUTE_MS), digest)
  t.equal(withoutOutdated(digest, NOW + 10 * MINUTE_MS), undefined)
})

t.test('SNS refuses a digest, or it does not say what and where', async (t) => {
  const news = [severe(1, { street: 'I-70 E', city: 'Columbus' }), severe(2)]
  const { digests } = look(NO_DIGESTS, NOW, news, [surge({ state: 'OH', area: 'OH' })])
  const [digest] = digests
  if (digest === undefined) throw new Error('no digest')
  const { subject, text, json, attributes } = writeDigestMessage(digest)
  t.equal(subject, 'Roadpulse OH: 2 severe accidents and 1 surge')
  t.match(text, 'severity 4: I-70 E, Columbus')
  t.match(text, 'all of OH: 30 accidents in five minutes, 2.0 expected')
  t.match(JSON.parse(json), { event: 'data', kind: 'surge', state: 'OH', accidentCount: 2 })
  t.match(attributes, { kind: 'surge', state: 'OH', dedupId: `data.live-3.OH.${NOW}` })
})
