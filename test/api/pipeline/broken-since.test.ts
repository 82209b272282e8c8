import t from 'tap'
import { BrokenSince, type BrokenSinceStore } from '../../../api/pipeline/broken-since.ts'
import { IN_FLIGHT_MS } from '../../../api/pipeline/conservation.ts'

const NOW = 1_800_000_000_000

function fakeStore(kept = new Map<string, number>()): BrokenSinceStore & { kept: Map<string, number> } {
  return {
    kept,
    read: async (feed) => kept.get(feed),
    async write(feed, since) {
      if (!kept.has(feed)) kept.set(feed, since)
      return kept.get(feed) ?? since
    },
    async remove(feed) {
      kept.delete(feed)
    },
  }
}

t.test('it names the first moment, however long the counts disagree', async (t) => {
  const brokenSince = new BrokenSince(fakeStore())
  t.equal(await brokenSince.observe('live-1', 'whole', NOW), undefined)
  t.equal(await brokenSince.observe('live-1', 'broken', NOW + 1_000), NOW + 1_000)
  t.equal(await brokenSince.observe('live-1', 'broken', NOW + 9_000), NOW + 1_000)
  t.equal(await brokenSince.observe('live-2', 'whole', NOW + 9_000), undefined)
})

t.test('a restart of the api neither forgets it nor declares it over at once', async (t) => {
  const store = fakeStore()
  await new BrokenSince(store).observe('live-1', 'broken', NOW)
  const restarted = new BrokenSince(store)
  t.equal(await restarted.observe('live-1', 'whole', NOW + 5_000), NOW)
  t.equal(await restarted.observe('live-1', 'whole', NOW + 5_000 + IN_FLIGHT_MS), NOW)
  t.equal(await restarted.observe('live-1', 'whole', NOW + 5_001 + IN_FLIGHT_MS), undefined)
  t.equal(store.kept.size, 0)
})

t.test('counts that agree for a moment do not end it', async (t) => {
  const brokenSince = new BrokenSince(fakeStore())
  await brokenSince.observe('live-1', 'broken', NOW)
  t.equal(await brokenSince.observe('live-1', 'whole', NOW + 30_000), NOW)
  t.equal(await brokenSince.observe('live-1', 'broken', NOW + 50_000), NOW)
  t.equal(await brokenSince.observe('live-1', 'whole', NOW + 50_000 + IN_FLIGHT_MS), NOW)
})

t.test('a feed that settles is whole at once', async (t) => {
  const brokenSince = new BrokenSince(fakeStore())
  await brokenSince.observe('live-1', 'broken', NOW)
  t.equal(await brokenSince.observe('live-1', 'settled', NOW + 1_000), undefined)
})
