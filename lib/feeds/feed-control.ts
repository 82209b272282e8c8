import type { Redis } from 'ioredis'
import { RoadpulseError } from '../errors.ts'
import {
  claimedLettersKey,
  emittedTrailKey,
  feedIndexKey,
  feedKey,
  liveAliasKey,
  openFeedsKey,
  rangesKey,
  runningFeedsKey,
} from '../redis/keys.ts'
import { loadScript } from '../redis/load-script.ts'
import { type Feed, type FeedPlan, isOver, kindOf, type Pace } from './feed.ts'
import { firstLive, nextLive } from './feed-names.ts'
import { encodePace, encodePlan } from './feed-record.ts'
import { KEEP_AFTER_END_SECONDS } from './feed-retention.ts'

/** How many of the oldest names are looked at, each time a feed is created, for feeds that have expired. */
const PRUNED_AT_ONCE = 20

const createScript = loadScript(new URL('./scripts/create-feed.lua', import.meta.url))
const ensureLiveScript = loadScript(new URL('./scripts/ensure-live.lua', import.meta.url))
const controlScript = loadScript(new URL('./scripts/control-feed.lua', import.meta.url))

/**
 * What is asked of feeds. `pause`, `resume`, `cancel`, `retry` and `setPace` may be repeated; they throw `FEED_UNKNOWN`,
 * and `FEED_STATE` when the feed's state does not allow it.
 */
export type FeedControl = {
  /**
   * The newest live feed if it has this plan, else a new one that takes its place. Only the pace may differ: the feed
   * goes on with the one that is given.
   */
  ensureLive(plan: FeedPlan): Promise<Feed>
  /** Records a feed; the one that is there when the name was given before. */
  create(name: string, plan: FeedPlan): Promise<Feed>
  /** Its runners give it back; the position is kept. */
  pause(name: string): Promise<Feed>
  resume(name: string): Promise<Feed>
  /** For good. It is over when what was sent is counted. */
  cancel(name: string): Promise<Feed>
  /** A feed that failed goes on where it was. Not a recovery: what it left is free to be fed in by another one. */
  retry(name: string): Promise<Feed>
  setPace(name: string, pace: Pace): Promise<Feed>
}

const ACTIONS = {
  pause: 'waiting or running',
  resume: 'paused',
  cancel: 'waiting, running or paused',
  retry: 'failed',
} as const

export function createFeedControl(options: {
  redis: Redis
  get: (name: string) => Promise<Feed | undefined>
}): FeedControl {
  const { redis, get } = options

  async function existing(name: string): Promise<Feed> {
    const feed = await get(name)
    if (feed === undefined) throw new RoadpulseError('FEED_UNKNOWN', `there is no feed ${name}`)
    return feed
  }

  async function pruneIndex(): Promise<void> {
    const oldest = await redis.zrange(feedIndexKey(), 0, String(PRUNED_AT_ONCE - 1))
    for (const name of oldest) {
      if ((await redis.exists(feedKey(name))) === 0) await redis.zrem(feedIndexKey(), name)
    }
  }

  function action(what: keyof typeof ACTIONS) {
    return async (name: string): Promise<Feed> => {
      const keys = [feedKey(name), rangesKey(name), emittedTrailKey(name), openFeedsKey(), runningFeedsKey()]
      const args = [what, name, KEEP_AFTER_END_SECONDS, kindOf(name) ?? '']
      const reply = await controlScript.run(redis, keys, args)
      const feed = await existing(name)
      if (reply === 'refused') throw wrongState(feed, what, ACTIONS[what])
      return feed
    }
  }

  return {
    pause: action('pause'),
    resume: action('resume'),
    cancel: action('cancel'),
    retry: action('retry'),

    async setPace(name, pace) {
      const feed = await existing(name)
      if (isOver(feed.state)) throw wrongState(feed, 'change the pace of', 'waiting, running or paused')
      if ((pace.kind === 'speed') !== (feed.pace.kind === 'speed') && feed.source.kind === 'csv') {
        throw new RoadpulseError(
          'FEED_STATE',
          `${name} cannot go from ${feed.pace.kind} to ${pace.kind}: by speed the rows come in another order`,
        )
      }
      await redis.hset(feedKey(name), 'pace', encodePace(pace))
      return { ...feed, pace }
    },

    async create(name, plan) {
      const keys = [feedKey(name), feedIndexKey(), openFeedsKey(), claimedLettersKey()]
      await createScript.run(redis, keys, [name, encodePlan(plan), encodePace(plan.pace)])
      await pruneIndex()
      return existing(name)
    },

    async ensureLive(plan) {
      const text = encodePlan(plan)
      const pace = encodePace(plan.pace)
      for (;;) {
        const current = (await redis.get(liveAliasKey())) ?? ''
        const next = current === '' ? await firstLive(redis) : nextLive(current)
        const keys = [
          liveAliasKey(),
          feedIndexKey(),
          openFeedsKey(),
          feedKey(current),
          rangesKey(current),
          emittedTrailKey(current),
          feedKey(next),
          runningFeedsKey(),
        ]
        const args = [current, next, text, pace, KEEP_AFTER_END_SECONDS]
        const name = String(await ensureLiveScript.run(redis, keys, args))
        if (name === '') continue
        if (name !== current) await pruneIndex()
        return existing(name)
      }
    },
  }
}

function wrongState({ name, kind, state, ending }: Feed, what: string, allowed: string): RoadpulseError {
  if (kind === 'recovery' && what === 'retry' && state === 'failed') {
    return new RoadpulseError(
      'FEED_STATE',
      `${name} has let go of its letters: feed in those that are not done`,
    )
  }
  const is = ending === undefined ? state : `about to be ${ending}`
  return new RoadpulseError('FEED_STATE', `cannot ${what} ${name}: it is ${is}, and must be ${allowed}`)
}
