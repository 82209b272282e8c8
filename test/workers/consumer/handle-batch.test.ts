import t from 'tap'
import type { DeadLetter } from '../../../lib/dead-letters/dead-letter-store.ts'
import { RoadpulseError } from '../../../lib/errors.ts'
import { type InsightStore, MAX_SEQ } from '../../../lib/insights/insight-store.ts'
import { createMetrics } from '../../../lib/process/metrics/metrics.ts'
import { handleBatch } from '../../../workers/consumer/handle-batch.ts'
import { accident, hotspot, minuteWindow, rejected, surge, tally, topCity } from '../../support/envelopes.ts'
import { captureLog } from '../../support/log-lines.ts'
import { createSimulatedClock } from '../../support/simulated-clock.ts'

function batch(...events: unknown[]) {
  return {
    shardId: 'shard',
    epoch: 7,
    signal: new AbortController().signal,
    records: events.map((event, i) => ({
      data: Buffer.from(typeof event === 'string' ? event : JSON.stringify(event)),
      partitionKey: 'key',
      sequenceNumber: `${i + 1}`,
      arrivedAt: 0,
    })),
  }
}

function setUp(overrides: Partial<InsightStore> = {}) {
  const applied: string[] = []
  const letters: DeadLetter[] = []
  const unknown: string[] = []
  const note = (call: string) => async (feed: string, events: readonly { id: string }[]) => {
    applied.push(`${call} ${feed}: ${events.map(({ id }) => id).join(' ')}`)
  }
  const insights: InsightStore = {
    applyAccidents: (feed, type, events) => note(type)(feed, events),
    applyRejected: note('rejected'),
    applyMinutes: note('minutes'),
    applyHotspots: note('hotspots'),
    applyTopCities: note('cities'),
    applySurges: note('surges'),
    applyTallies: note('tallies'),
    ...overrides,
  }
  const metrics = createMetrics('test', '0')
  const { log, lines } = captureLog()
  const context = {
    insights,
    deadLetters: {
      async put(more: readonly DeadLetter[]) {
        letters.push(...more)
      },
    },
    unknownTypes: { note: (type: string) => unknown.push(type) },
    clock: createSimulatedClock(),
    metrics,
    log,
  }
  return { context, lines, applied, letters, unknown, metrics }
}

t.test('a batch costs a call for each record, or mixes feeds and types', async (t) => {
  const { context, applied } = setUp()
  await handleBatch(
    batch(
      accident(1),
      accident(2, { feed: 'live-2' }),
      accident(3),
      accident(4, { type: 'accident_late' }),
      minuteWindow(1),
      hotspot(1),
      hotspot(2, { feed: 'live-2' }),
      topCity(1),
      surge('OH'),
      tally({}),
      rejected(5, 'r'),
    ),
    context,
  )
  t.strictSame(applied.sort(), [
    'accident live-1: accident|live-1|1 accident|live-1|3',
    'accident live-2: accident|live-2|2',
    'accident_late live-1: accident|live-1|4',
    `cities live-1: ${topCity(1).id}`,
    `hotspots live-1: ${hotspot(1).id}`,
    `hotspots live-2: ${hotspot(2, { feed: 'live-2' }).id}`,
    `minutes live-1: ${minuteWindow(1).id}`,
    'rejected live-1: r',
    `surges live-1: ${surge('OH').id}`,
    'tallies live-1: tally|live-1',
  ])
})

t.test('one record that is no event stops the stream, or vanishes', async (t) => {
  const { context, lines, applied, letters, unknown, metrics } = setUp()
  const future = { ...accident(1), type: 'later' }
  await handleBatch(batch('{', future, accident(MAX_SEQ + 1), accident(MAX_SEQ)), context)
  t.strictSame(applied, [`accident live-1: accident|live-1|${MAX_SEQ}`])
  t.match(letters, [
    { origin: 'handler', reason: /not JSON/, shardId: 'shard', sequenceNumber: '1', epoch: 7 },
    { origin: 'handler', reason: /^seq/, sequenceNumber: '3' },
  ])
  t.equal(Buffer.from(letters[0]?.bytes ?? []).toString(), '{')
  t.strictSame(unknown, ['later'])
  t.match(lines, [{ msg: 'records cannot be decoded', shard: 'shard', records: 2, sequenceNumber: '1' }])
  const text = await metrics.render()
  t.match(text, /consumer_records_total\{feed_kind="live",type="accident",result="handled"\} 1\n/)
  t.match(text, /consumer_records_total\{type="unknown",result="undecodable"\} 2\n/)
})

t.test('a rejected record is counted before it is in the dead letters', async (t) => {
  const { context, letters } = setUp({
    async applyRejected() {
      throw new RoadpulseError('STORE_UNAVAILABLE', 'no redis')
    },
  })
  await t.rejects(handleBatch(batch(rejected(5, 'r')), context), { code: 'STORE_UNAVAILABLE' })
  t.match(letters, [{ origin: 'rejected', reason: 'not JSON', feed: 'live-1', seq: 5, attempt: 1 }])
})

t.test('freshness is measured before the insight can be read', async (t) => {
  const { context, metrics } = setUp({
    applyAccidents: async () => context.clock.sleep(1_500),
  })
  const now = context.clock.now()
  const event = { ...accident(1, { row_emitted_at: now - 500 }), emitted_at: now - 200 }
  await handleBatch(batch(event), context)
  const text = await metrics.render()
  t.match(text, 'freshness_seconds_sum{feed_kind="live"} 2\n')
  t.match(text, 'hop_duration_seconds_sum{feed_kind="live",hop="flink"} 0.3\n')
  t.match(text, 'hop_duration_seconds_sum{feed_kind="live",hop="consumer"} 1.7\n')
})
