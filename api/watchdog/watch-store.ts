import type { Redis } from 'ioredis'
import {
  closedIncidentsKey,
  openIncidentsKey,
  outboxKey,
  pastIncidentsKey,
  publicationsKey,
  watchLeaseKey,
  watchMemoryKey,
} from '../../lib/redis/keys.ts'
import { loadScript } from '../../lib/redis/load-script.ts'
import { dedupIdOf, type IncidentRecord, type Publication } from './incident.ts'
import { type Memory, NO_MEMORY } from './memory.ts'
import type { Pass } from './watch.ts'

const KEEP_MS = 7 * 24 * 3_600_000
const MAX_CLOSED = 500

/** What is done, to what, its JSON, and where it stands in an order. */
type Entry = [verb: 'open' | 'close' | 'publish' | 'note', id: string, json: string, order: number]

const script = (name: string) => loadScript(new URL(`./scripts/${name}.lua`, import.meta.url))
const TAKE_WATCH = script('take-watch')
const LEAVE_WATCH = script('leave-watch')
const COMMIT_PASS = script('commit-pass')
const RECORD_PUBLICATION = script('record-publication')

/** The right to watch and to tell: void as soon as another api has taken it. */
export type Watch = { epoch: string }

/** A message that SNS has not taken yet, with the incident that it is about. */
export type Unpublished = { publication: Publication; incident: IncidentRecord }

/** What the apis share of the watchdog, in Redis. */
export type WatchStore = {
  /** Takes or keeps the watch; `watch` is undefined while another api has it. `now`: epoch ms by the clock of Redis. */
  take(ttlMs: number): Promise<{ watch: Watch | undefined; now: number }>
  leave(watch: Watch): Promise<void>
  readMemory(): Promise<Memory>
  /** One step for all of it; false when another api watches. Without `tells` nothing is put into the outbox. */
  commit(watch: Watch, pass: Pass, tells: boolean): Promise<boolean>
  /** The oldest of what is to be told. */
  nextUnpublished(): Promise<Unpublished | undefined>
  /** Since when the oldest of it waits, epoch ms by the clock of Redis. */
  untoldSince(): Promise<number | undefined>
  /** False when it is not to be told any more, or by somebody else. */
  record(watch: Watch, publication: Publication, outcome: 'tried' | 'taken'): Promise<boolean>
  /** Adds an incident that is over and that no pass could see. */
  noteOver(incident: IncidentRecord, publications: readonly Publication[]): Promise<void>
}

export function createWatchStore(redis: Redis, owner: string): WatchStore {
  return {
    async take(ttlMs) {
      const reply = (await TAKE_WATCH.run(redis, [watchLeaseKey()], [owner, ttlMs])) as [string, string]
      const [epoch, now] = reply
      return { watch: epoch === '0' ? undefined : { epoch }, now: Number(now) }
    },

    async leave({ epoch }) {
      await LEAVE_WATCH.run(redis, [watchLeaseKey()], [owner, epoch])
    },

    async readMemory() {
      const json = await redis.get(watchMemoryKey())
      return json === null ? NO_MEMORY : { ...NO_MEMORY, ...(JSON.parse(json) as Partial<Memory>) }
    },

    async commit({ epoch }, { memory, changed, announcements }, tells) {
      const incidents = changed.map(
        (incident): Entry => [
          incident.state === 'open' ? 'open' : 'close',
          incident.id,
          JSON.stringify(incident),
          incident.closedAt === null ? 0 : Date.parse(incident.closedAt),
        ],
      )
      const publications = announcements.map(({ incident, event, isSuppressed }, i): Entry => {
        const dedupId = dedupIdOf(incident.id, event)
        const state = isSuppressed ? ('suppressed' as const) : ('pending' as const)
        const publication: Publication = {
          event,
          dedupId,
          state,
          at: null,
          messageId: null,
          attempts: 0,
          error: null,
        }
        // Those of one pass stay in the order in which they were decided.
        return [isSuppressed ? 'note' : 'publish', dedupId, JSON.stringify(publication), memory.at + i / 100]
      })
      const reply = await COMMIT_PASS.run(
        redis,
        [
          watchLeaseKey(),
          watchMemoryKey(),
          openIncidentsKey(),
          closedIncidentsKey(),
          pastIncidentsKey(),
          publicationsKey(),
          outboxKey(),
        ],
        [
          owner,
          epoch,
          memory.at,
          JSON.stringify(memory),
          KEEP_MS,
          MAX_CLOSED,
          ...[...incidents, ...(tells ? publications : [])].flat(),
        ],
      )
      return reply === 1
    },

    async nextUnpublished() {
      for (const dedupId of await redis.zrange(outboxKey(), '0', '0')) {
        const incidentId = dedupId.slice(0, dedupId.lastIndexOf('.'))
        const [publication, open, past] = await Promise.all([
          redis.hget(publicationsKey(), dedupId),
          redis.hget(openIncidentsKey(), incidentId),
          redis.hget(pastIncidentsKey(), incidentId),
        ])
        const incident = open ?? past
        if (publication === null || incident === null) return undefined
        return {
          publication: JSON.parse(publication) as Publication,
          incident: JSON.parse(incident) as IncidentRecord,
        }
      }
      return undefined
    },

    async untoldSince() {
      // Its place in the order is the time of the decision.
      const [, decidedAt] = await redis.zrange(outboxKey(), '0', '0', 'WITHSCORES')
      return decidedAt === undefined ? undefined : Number(decidedAt)
    },

    async record({ epoch }, publication, outcome) {
      const reply = await RECORD_PUBLICATION.run(
        redis,
        [watchLeaseKey(), publicationsKey(), outboxKey()],
        [owner, epoch, publication.dedupId, JSON.stringify(publication), outcome],
      )
      return reply === 1
    },

    async noteOver(incident, publications) {
      const step = redis
        .multi()
        .hset(pastIncidentsKey(), incident.id, JSON.stringify(incident))
        .zadd(closedIncidentsKey(), Date.parse(incident.closedAt ?? incident.openedAt), incident.id)
      for (const publication of publications) {
        step.hset(publicationsKey(), publication.dedupId, JSON.stringify(publication))
      }
      await step.exec()
    },
  }
}
