import { createHash, randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { RoadpulseError } from '../../lib/errors.ts'
import { type Feed, type FeedState, type Pace } from '../../lib/feeds/feed.ts'
import type { FeedQueue } from '../../lib/feeds/feed-queue.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { Recoveries } from '../../lib/feeds/recoveries.ts'
import { idempotencyKey } from '../../lib/redis/keys.ts'
import { type FreezeOptions, freezeSource, type WantedSource } from '../../lib/sources/freeze-source.ts'
import { measureSource } from '../../lib/sources/measure-source.ts'
import { Problem } from '../problems.ts'
import { estimateReplay, type ReplayEstimate } from './replay-estimate.ts'
import { fingerprintOf, type ReplayRequest } from './replay-request.ts'
import { describeReplay, REPLAY_KINDS, type Replay } from './replay-resource.ts'

/** Whoever holds a key that long without a replay has died; then it is free again. */
const CREATING_SECONDS = 60
const REMEMBERED_SECONDS = 24 * 3_600
const RETRY_AFTER_SECONDS = 1

export type ReplayPage = { items: Replay[]; nextCursor: string | null }

export type ReplayAction = 'pause' | 'resume' | 'cancel' | 'retry'

/** What `/replays` offers. All but `create`, `estimate` and `list` throw a problem for an id that is not known. */
export type ReplayService = {
  /** The same key with the same request gives the replay that it gave the first time. */
  create(request: ReplayRequest, key: string | undefined): Promise<Replay>
  /** How long it would take; nothing is started. */
  estimate(request: ReplayRequest): Promise<ReplayEstimate>
  list(options: { limit: number; cursor?: string; state?: FeedState }): Promise<ReplayPage>
  get(id: string): Promise<Replay>
  act(id: string, action: ReplayAction): Promise<Replay>
  setPace(id: string, pace: Pace): Promise<Replay>
}

export function createReplayService(options: {
  redis: Redis
  feeds: FeedStore
  queue: FeedQueue
  recoveries: Pick<Recoveries, 'release'>
  freeze: FreezeOptions
}): ReplayService {
  const { redis, feeds, queue } = options
  const describe = (feed: Feed) => describeReplay(feeds, feed, Date.now())

  async function find(id: string): Promise<Feed> {
    for (const kind of REPLAY_KINDS) {
      const feed = await feeds.get(`${kind}-${id}`)
      if (feed !== undefined) return feed
    }
    throw new Problem('REPLAY_NOT_FOUND', `There is no replay ${id}; GET /replays lists them.`)
  }

  /** Claims a key. Resolves to the replay that it stands for already. */
  async function claimKey(
    key: string,
    claim: { fingerprint: string; feed: string },
  ): Promise<Feed | undefined> {
    const name = idempotencyKey(createHash('sha256').update(key).digest('hex'))
    const isNew = await redis.set(name, JSON.stringify(claim), 'EX', CREATING_SECONDS, 'NX')
    if (isNew !== null) return undefined
    const text = await redis.get(name)
    const before = text === null ? undefined : (JSON.parse(text) as typeof claim)
    if (before !== undefined && before.fingerprint !== claim.fingerprint) {
      throw new Problem('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was used for another request.')
    }
    const feed = before === undefined ? undefined : await feeds.get(before.feed)
    if (feed !== undefined) return feed
    throw new Problem('REQUEST_IN_PROGRESS', 'The first request with this Idempotency-Key is not done yet.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  }

  async function settleKey(key: string | undefined, isCreated: boolean): Promise<void> {
    if (key === undefined) return
    const name = idempotencyKey(createHash('sha256').update(key).digest('hex'))
    await (isCreated ? redis.expire(name, REMEMBERED_SECONDS) : redis.del(name))
  }

  async function createFeed(id: string, { source, filter, pace, name }: ReplayRequest): Promise<Feed> {
    const plan = {
      source: await freezeSource(options.freeze, toWanted(source), id).catch(asProblem),
      pace,
      repeat: false,
      ...(filter === undefined ? {} : { filter }),
      ...(name === undefined ? {} : { label: name }),
    }
    return feeds.create(`replay-${id}`, plan)
  }

  return {
    async create(request, key) {
      const id = randomBytes(5).toString('hex')
      if (key !== undefined) {
        const claim = { fingerprint: fingerprintOf(request), feed: `replay-${id}` }
        const before = await claimKey(key, claim)
        if (before !== undefined) return describe(before)
      }
      let feed: Feed | undefined
      try {
        feed = await createFeed(id, request)
      } finally {
        await settleKey(key, feed !== undefined)
      }
      await queue.ensureJob({ feed: feed.name, range: 0 })
      return describe(feed)
    },

    async estimate(request) {
      const measure = await measureSource(options.freeze, toWanted(request.source)).catch(asProblem)
      return estimateReplay(request, measure)
    },

    async list({ limit, cursor, state }) {
      const page = await feeds.list({
        limit,
        kinds: REPLAY_KINDS,
        ...(cursor === undefined ? {} : { cursor }),
        ...(state === undefined ? {} : { state }),
      })
      return { items: await Promise.all(page.feeds.map(describe)), nextCursor: page.nextCursor ?? null }
    },

    get: async (id) => describe(await find(id)),

    async act(id, action) {
      const { name } = await find(id)
      const feed = await feeds[action](name).catch(asProblem)
      // Nobody ran it: its letters are free again.
      if (feed.kind === 'recovery' && feed.state === 'cancelled') await options.recoveries.release(name)
      // Whoever is to go on with it, or to end it, finds it at once.
      await queue.ensureJobs(feeds)
      return describe(feed)
    },

    async setPace(id, pace) {
      const { name } = await find(id)
      return describe(await feeds.setPace(name, pace).catch(asProblem))
    },
  }
}

function toWanted(source: ReplayRequest['source']): WantedSource {
  return source.kind === 'csv' ? source : { ...source, feeds: source.feeds ?? 'live' }
}

/** What is wrong with what was asked for, as an answer. */
function asProblem(error: unknown): never {
  if (error instanceof RoadpulseError) {
    const cause = { cause: error }
    if (error.code === 'FEED_STATE') throw new Problem('REPLAY_STATE', error.message, cause)
    if (error.code === 'FEED_UNKNOWN') throw new Problem('REPLAY_NOT_FOUND', error.message, cause)
    if (error.code.startsWith('SOURCE_')) {
      const errors = [{ pointer: '/body/source', message: error.message }]
      throw new Problem('UNPROCESSABLE_REQUEST', `The source: ${error.message}.`, { ...cause, errors })
    }
  }
  throw error
}
