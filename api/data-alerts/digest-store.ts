import type { Redis } from 'ioredis'
import { digestStateKey, digestsWaitingKey, watchLeaseKey } from '../../lib/redis/keys.ts'
import { loadScript } from '../../lib/redis/load-script.ts'
import type { Watch } from '../watchdog/watch-store.ts'
import { type Digest, type DigestState, NO_DIGESTS } from './collect-digests.ts'

const KEEP_MS = 24 * 3_600_000
const MAX_WAITING = 200

const COMMIT_DIGESTS = loadScript(new URL('./scripts/commit-digests.lua', import.meta.url))

export type DigestStore = {
  readState(): Promise<DigestState>
  /** False when another api watches. */
  commit(watch: Watch, state: DigestState, digests: readonly Digest[]): Promise<boolean>
  nextWaiting(): Promise<Digest | undefined>
  remove(digest: Digest): Promise<void>
}

export function createDigestStore(redis: Redis, owner: string): DigestStore {
  return {
    async readState() {
      const json = await redis.get(digestStateKey())
      return json === null ? NO_DIGESTS : (JSON.parse(json) as DigestState)
    },

    async commit({ epoch }, state, digests) {
      const reply = await COMMIT_DIGESTS.run(
        redis,
        [watchLeaseKey(), digestStateKey(), digestsWaitingKey()],
        [
          owner,
          epoch,
          KEEP_MS,
          MAX_WAITING,
          JSON.stringify(state),
          ...digests.map((digest) => JSON.stringify(digest)),
        ],
      )
      return reply === 1
    },

    async nextWaiting() {
      const json = await redis.lindex(digestsWaitingKey(), 0)
      return json === null ? undefined : (JSON.parse(json) as Digest)
    },

    async remove(digest) {
      await redis.lrem(digestsWaitingKey(), 1, JSON.stringify(digest))
    },
  }
}
