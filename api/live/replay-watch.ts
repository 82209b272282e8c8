import type { Feed } from '../../lib/feeds/feed.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import { describeReplay, isOfInterest, REPLAY_KINDS, type Replay } from '../replays/replay-resource.ts'

/** As many as two dozen producers execute at a time. */
const RUNNING_SHOWN = 50
/** Of those that were shown as running and no longer run: people see how they ended. */
const LEFT_SHOWN = 20
const NEWEST_SHOWN = 20
const KEPT_MS = 10 * 60_000

/**
 * Reads the replays that people who watch want to see: those that run, whatever waits behind them, and the newest that
 * wait or ended in the last ten minutes. The queue works oldest first, so of many those that run are not the newest. At
 * most 90, those that run first, then newest first; what a reading costs does not grow with those that wait.
 */
export function createReplayWatch(
  feeds: Pick<FeedStore, 'get' | 'list' | 'running' | 'progress' | 'emittedAsOf'>,
): (now: number) => Promise<Replay[]> {
  /** Names of those that ran at the last reading, and of those that had ceased to, the last ones last. */
  let ran: readonly string[] = []
  let left: readonly string[] = []

  return async (now) => {
    const isShown = (feed: Feed) => REPLAY_KINDS.includes(feed.kind) && isOfInterest(feed, now, KEPT_MS)
    const [running, { feeds: newest }] = await Promise.all([
      feeds.running(RUNNING_SHOWN),
      feeds.list({ limit: NEWEST_SHOWN, kinds: REPLAY_KINDS }),
    ])
    const runs = new Set(running.map(({ name }) => name))
    const gone = [...left, ...ran].filter((name) => !runs.has(name)).slice(-LEFT_SHOWN)
    const found = await Promise.all(gone.map((name) => feeds.get(name)))
    const leaving = found.filter((feed) => feed !== undefined).filter(isShown)
    ran = [...runs]
    left = leaving.map(({ name }) => name)

    const shown = [...newest, ...leaving, ...running].filter(isShown)
    const distinct = [...new Map(shown.map((feed) => [feed.name, feed])).values()].toSorted(
      (a, b) => Number(runs.has(b.name)) - Number(runs.has(a.name)) || b.createdAt - a.createdAt,
    )
    return Promise.all(distinct.map((feed) => describeReplay(feeds, feed, now)))
  }
}
