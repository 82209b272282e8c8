/** A number that the api says, or one for each series, by the values of its labels with commas between them. */
export type Figure = {
  path: `/${string}`
  read(answer: unknown): number | Record<string, number>
}

type Fleet = {
  workers: { kind: string; state: string }[]
  shards: { shard: string; checkpoint: string; owner: string | null }[]
}
type Feed = {
  feed: string
  state: string
  received: { accident: number; accidentLate: number; rejected: number }
  differences: Record<string, number>
} & Record<
  | 'read'
  | 'refused'
  | 'filtered'
  | 'recovered'
  | 'emitted'
  | 'in'
  | 'resent'
  | 'rejected'
  | 'valid'
  | 'repeated'
  | 'unique'
  | 'onTime'
  | 'late'
  | 'windowed',
  number
>
type Pipeline = { feeds: Feed[] }
type Surges = { open: { areaKind: string }[] }
type Hotspots = { items: { weight: number }[] }
type Cities = { cities: { name: string; state: string; count: number }[] }
type Severity = { minutes: { provisional: boolean; bySeverity: Record<string, number> }[] }
type Incidents = { items: { severity: string }[] }

export const shardsInUse = ofFleet(
  ({ shards }) => shards.filter(({ checkpoint }) => checkpoint !== 'SHARD_END').length,
)

export const runningWorkers = ofFleet(({ workers }) =>
  tally(workers.filter(({ state }) => state === 'running').map(({ kind }) => kind)),
)

export const openIncidents: Figure = {
  path: '/incidents?state=open',
  read: (answer) => ({
    critical: 0,
    warning: 0,
    ...tally((answer as Incidents).items.map(({ severity }) => severity)),
  }),
}

/** Rows of the live feeds by place, with the names that the places have in metrics. */
export const liveRows = sumOfLiveFeeds((feed) => ({
  read: feed.read,
  refused: feed.refused,
  filtered: feed.filtered,
  recovered: feed.recovered,
  emitted: feed.emitted,
  in: feed.in,
  resent: feed.resent,
  rejected: feed.rejected,
  valid: feed.valid,
  repeated: feed.repeated,
  unique: feed.unique,
  on_time: feed.onTime,
  late: feed.late,
  received_accident: feed.received.accident,
  received_accident_late: feed.received.accidentLate,
  received_rejected: feed.received.rejected,
  windowed: feed.windowed,
}))

export const liveDifferences = sumOfLiveFeeds(({ differences }) =>
  Object.fromEntries(Object.entries(differences).map(([law, rows]) => [law, Math.abs(rows)])),
)

export const runningLiveFeeds: Figure = {
  path: '/pipeline',
  read: (answer) => liveFeeds(answer).filter(({ state }) => state === 'running').length,
}

export const openSurges: Figure = {
  path: '/insights/surges',
  read: (answer) => ({
    state: 0,
    cell: 0,
    ...tally((answer as Surges).open.map(({ areaKind }) => areaKind)),
  }),
}

export const heaviestHotspot: Figure = {
  path: '/insights/hotspots',
  read: (answer) => Math.max(0, ...(answer as Hotspots).items.map(({ weight }) => weight)),
}

export const cityAccidents: Figure = {
  path: '/insights/cities',
  read: (answer) =>
    Object.fromEntries(
      (answer as Cities).cities.map(({ name, state, count }) => [`${name},${state}`, count]),
    ),
}

/** Accidents of the last minute that Flink has closed, by severity. */
export const lastMinute: Figure = {
  path: '/insights/severity',
  read: (answer) =>
    (answer as Severity).minutes.findLast(({ provisional }) => !provisional)?.bySeverity ?? {},
}

function ofFleet(read: (fleet: Fleet) => number | Record<string, number>): Figure {
  return { path: '/fleet', read: (answer) => read(answer as Fleet) }
}

/** Key by key. */
function sumOfLiveFeeds(countsOf: (feed: Feed) => Record<string, number>): Figure {
  const read = (answer: unknown) => {
    const total: Record<string, number> = {}
    for (const feed of liveFeeds(answer))
      for (const [key, rows] of Object.entries(countsOf(feed))) total[key] = (total[key] ?? 0) + rows
    return total
  }
  return { path: '/pipeline', read }
}

function liveFeeds(answer: unknown): Feed[] {
  return (answer as Pipeline).feeds.filter(({ feed }) => feed.startsWith('live-'))
}

function tally(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts
}
