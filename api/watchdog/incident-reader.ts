import type { Redis } from 'ioredis'
import {
  closedIncidentsKey,
  openIncidentsKey,
  pastIncidentsKey,
  publicationsKey,
  watchLeaseKey,
} from '../../lib/redis/keys.ts'
import { dedupIdOf, type Incident, type IncidentRecord, type Publication } from './incident.ts'

const RECENT_SHOWN = 20

export type IncidentPage = { items: Incident[]; nextCursor: string | null }

/** What the apis know of incidents, whoever is on watch. */
export type IncidentReader = {
  /** Open ones newest first, the last that are over newest end first, and the end of the last pass in epoch ms. */
  readBoard(): Promise<{ open: Incident[]; recent: Incident[]; passedAt: number | undefined }>
  /** Newest first. `cursor` is `nextCursor` of the page before. */
  list(query: { state?: 'open' | 'closed'; limit: number; cursor?: string }): Promise<IncidentPage>
}

export function createIncidentReader(redis: Redis, runbookUrl: string): IncidentReader {
  async function complete(records: readonly IncidentRecord[]): Promise<Incident[]> {
    if (records.length === 0) return []
    const dedupIds = records.flatMap(({ id }) => [dedupIdOf(id, 'opened'), dedupIdOf(id, 'closed')])
    const texts = await redis.hmget(publicationsKey(), ...dedupIds)
    return records.map((record, i) => ({
      ...record,
      runbook: `${runbookUrl}#${record.kind}`,
      publications: texts
        .slice(i * 2, i * 2 + 2)
        .flatMap((text) => (text === null ? [] : [JSON.parse(text) as Publication])),
    }))
  }

  const parse = (texts: readonly string[]) =>
    texts.map((text) => JSON.parse(text) as IncidentRecord).toSorted(newestFirst)

  return {
    async readBoard() {
      const [open, ids, passedAt] = await Promise.all([
        redis.hvals(openIncidentsKey()),
        redis.zrevrange(closedIncidentsKey(), 0, RECENT_SHOWN - 1),
        redis.hget(watchLeaseKey(), 'passedAt'),
      ])
      const past = ids.length === 0 ? [] : await redis.hmget(pastIncidentsKey(), ...ids)
      const recent = past.flatMap((text) => (text === null ? [] : [JSON.parse(text) as IncidentRecord]))
      const [openIncidents, recentIncidents] = await Promise.all([complete(parse(open)), complete(recent)])
      return {
        open: openIncidents,
        recent: recentIncidents,
        passedAt: passedAt === null ? undefined : Number(passedAt),
      }
    },

    async list({ state, limit, cursor }) {
      const [open, past] = await Promise.all([
        state === 'closed' ? [] : redis.hvals(openIncidentsKey()),
        state === 'open' ? [] : redis.hvals(pastIncidentsKey()),
      ])
      const all = parse([...open, ...past])
      const following = cursor === undefined ? all : all.filter((record) => isAfter(record, cursor))
      const page = following.slice(0, limit)
      const last = page.at(-1)
      return {
        items: await complete(page),
        nextCursor: last !== undefined && following.length > limit ? cursorOf(last) : null,
      }
    },
  }
}

const newestFirst = (a: IncidentRecord, b: IncidentRecord) =>
  b.openedAt.localeCompare(a.openedAt) || b.id.localeCompare(a.id)

const cursorOf = ({ openedAt, id }: IncidentRecord) => `${Date.parse(openedAt)}.${id}`

function isAfter(record: IncidentRecord, cursor: string): boolean {
  const split = cursor.indexOf('.')
  const openedAt = Number(cursor.slice(0, split))
  const at = Date.parse(record.openedAt)
  return at < openedAt || (at === openedAt && record.id.localeCompare(cursor.slice(split + 1)) < 0)
}
