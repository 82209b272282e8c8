import type { Redis } from 'ioredis'
import { brokenSinceKey } from '../../lib/redis/keys.ts'
import { IN_FLIGHT_MS } from './conservation.ts'

const KEEP_SECONDS = 7 * 24 * 3_600

/** Where the moments are kept, so that a restart of the api does not forget them. */
export type BrokenSinceStore = {
  read(feed: string): Promise<number | undefined>
  /** Keeps the earlier moment when there is one already; resolves to the one that is kept. */
  write(feed: string, since: number): Promise<number>
  remove(feed: string): Promise<void>
}

export function createBrokenSinceStore(redis: Redis): BrokenSinceStore {
  async function read(feed: string): Promise<number | undefined> {
    const text = await redis.get(brokenSinceKey(feed))
    return text === null ? undefined : Number(text)
  }
  return {
    read,
    async write(feed, since) {
      await redis.set(brokenSinceKey(feed), since, 'EX', KEEP_SECONDS, 'NX')
      return (await read(feed)) ?? since
    },
    async remove(feed) {
      await redis.del(brokenSinceKey(feed))
    },
  }
}

type Memory = { since: number | undefined; lastBrokenAt: number }

/**
 * Since when a feed's counts do not agree. It is over when they have agreed for as long as rows may be in flight: a
 * process that has just started, and cannot see all differences yet, does not declare it over.
 */
export class BrokenSince {
  readonly #store: BrokenSinceStore
  readonly #memories = new Map<string, Memory>()

  constructor(store: BrokenSinceStore) {
    this.#store = store
  }

  async observe(
    feed: string,
    state: 'broken' | 'whole' | 'settled',
    now: number,
  ): Promise<number | undefined> {
    const memory = this.#memories.get(feed) ?? { since: await this.#store.read(feed), lastBrokenAt: now }
    this.#memories.set(feed, memory)
    if (state === 'broken') {
      memory.lastBrokenAt = now
      memory.since ??= await this.#store.write(feed, now)
    } else if (
      memory.since !== undefined &&
      (state === 'settled' || now - memory.lastBrokenAt > IN_FLIGHT_MS)
    ) {
      await this.#store.remove(feed)
      memory.since = undefined
    }
    return memory.since
  }

  /** Forgets every feed but these; what is kept in the store stays there. */
  retain(feeds: ReadonlySet<string>): void {
    for (const feed of this.#memories.keys()) if (!feeds.has(feed)) this.#memories.delete(feed)
  }
}
