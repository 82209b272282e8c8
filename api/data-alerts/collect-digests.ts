import type { ReceivedAccident, ReceivedSurge } from '../../lib/insights/insight-reader.ts'

/** Nobody is alarmed by what is older: after an outage, or when the stream is read again. */
const MAX_AGE_MS = 600_000
/** As many as are kept of a feed: what is no longer there cannot come again. */
const REMEMBERED = 2_000
/** A digest lists the gravest; it counts all. */
const LISTED = 10

export type DigestItem = { id: string; at: number; gravity: number; text: string }

/** Of one state: the gravest, and how many accidents there were. */
type Told = { accidents: DigestItem[]; surges: DigestItem[]; accidentCount: number }

/** What is known from one look to the next. Kept in Redis as JSON. Times are epoch ms. */
export type DigestState = {
  /** Where the accidents of a feed have been read to. */
  cursor: { feed: string; streamId: string } | null
  /** When each id was taken in, for once each. */
  seen: Record<string, number>
  /** What is to be told, by state. */
  pending: Record<string, Told>
  sentAt: Record<string, number>
}

export const NO_DIGESTS: DigestState = { cursor: null, seen: {}, pending: {}, sentAt: {} }

/** What is told of one state at a time. */
export type Digest = Told & { dedupId: string; feed: string; state: string; at: number }

export type DigestSettings = {
  /** Accidents from this severity on. */
  minSeverity: number
  /** Between two digests of one state. */
  minIntervalMs: number
}

/**
 * Takes in what a live feed has brought since the last look, and says what is to be told now: of each state at most one
 * digest in an interval, the first at once. Pure.
 */
export function collectDigests(
  before: DigestState,
  news: { feed: string; accidents: readonly ReceivedAccident[]; surges: readonly ReceivedSurge[] },
  now: number,
  { minSeverity, minIntervalMs }: DigestSettings,
): { state: DigestState; digests: Digest[] } {
  const isRecent = (at: number) => now - at <= MAX_AGE_MS
  const state: DigestState = {
    cursor: cursorAfter(before, news),
    // What was taken in first comes first.
    seen: Object.fromEntries(Object.entries(before.seen).slice(-REMEMBERED)),
    pending: keepRecent(before.pending, isRecent),
    sentAt: Object.fromEntries(Object.entries(before.sentAt).filter(([, at]) => now - at < minIntervalMs)),
  }
  for (const accident of news.accidents) {
    if (accident.severity < minSeverity || !isRecent(accident.eventTime)) continue
    if (isNew(state, accident.id, now)) addAccident(state, accident)
  }
  for (const surge of news.surges) {
    const id = `surge|${news.feed}|${surge.area_kind}|${surge.area}|${surge.started_at}`
    if (surge.phase !== 'started' || !isRecent(surge.windowEnd)) continue
    if (isNew(state, id, now)) addSurge(state, id, surge)
  }
  const due = Object.keys(state.pending).filter((place) => state.sentAt[place] === undefined)
  const digests = due.flatMap((place) => {
    const told = state.pending[place]
    delete state.pending[place]
    if (told === undefined) return []
    state.sentAt[place] = now
    return [{ dedupId: `data.${news.feed}.${place}.${now}`, feed: news.feed, state: place, at: now, ...told }]
  })
  return { state, digests }
}

/** A digest may have waited while SNS was away. Undefined when nothing of it is recent any more. */
export function withoutOutdated(digest: Digest, now: number): Digest | undefined {
  const { [digest.state]: recent } = keepRecent({ [digest.state]: digest }, (at) => now - at <= MAX_AGE_MS)
  return recent === undefined ? undefined : { ...digest, ...recent }
}

function cursorAfter(
  { cursor }: DigestState,
  { feed, accidents }: { feed: string; accidents: readonly ReceivedAccident[] },
): DigestState['cursor'] {
  const streamId = accidents.at(-1)?.streamId ?? (cursor?.feed === feed ? cursor.streamId : undefined)
  return streamId === undefined ? null : { feed, streamId }
}

function keepRecent(
  pending: DigestState['pending'],
  isRecent: (at: number) => boolean,
): DigestState['pending'] {
  const kept = Object.entries(pending).map(([place, { accidents, surges, accidentCount }]) => {
    const recent = accidents.filter(({ at }) => isRecent(at))
    const recentSurges = surges.filter(({ at }) => isRecent(at))
    const count = accidentCount - (accidents.length - recent.length)
    return [
      place,
      { accidents: recent, surges: recentSurges, accidentCount: recent.length === 0 ? 0 : count },
    ] as const
  })
  return Object.fromEntries(kept.filter(([, { accidents, surges }]) => accidents.length + surges.length > 0))
}

function isNew(state: DigestState, id: string, now: number): boolean {
  if (Object.hasOwn(state.seen, id)) return false
  state.seen[id] = now
  return true
}

function placeOf(state: DigestState, place: string) {
  const told = state.pending[place] ?? { accidents: [], surges: [], accidentCount: 0 }
  state.pending[place] = told
  return told
}

function addAccident(state: DigestState, accident: ReceivedAccident): void {
  const { id, eventTime: at, severity: gravity, street, city } = accident
  const where = [street?.trim(), city].filter((part) => part !== undefined && part !== '').join(', ')
  const told = placeOf(state, accident.state)
  told.accidentCount++
  told.accidents = [
    ...told.accidents,
    { id, at, gravity, text: `severity ${gravity}: ${where || 'place unknown'}` },
  ]
    .toSorted((a, b) => b.gravity - a.gravity || b.at - a.at)
    .slice(0, LISTED)
}

function addSurge(state: DigestState, id: string, surge: ReceivedSurge): void {
  const area = surge.area_kind === 'state' ? `all of ${surge.area}` : `cell ${surge.area}`
  const text = `${area}: ${surge.count} accidents in five minutes, ${surge.expected.toFixed(1)} expected`
  const told = placeOf(state, surge.state)
  told.surges = [...told.surges, { id, at: surge.windowEnd, gravity: surge.surprise, text }]
    .toSorted((a, b) => b.gravity - a.gravity)
    .slice(0, LISTED)
}
