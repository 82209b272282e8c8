/** What the line needs of `GET /pipeline` and `GET /fleet`. */
type PipelineView = {
  feeds: {
    feed: string
    alias: string | null
    state: string | null
    settled: boolean
    emitted: number
    emittedPerSecond: number
    receivedPerSecond: number
    brokenSince: string | null
  }[]
}
type FleetView = { shards: { msBehindLatest: number | null }[] }

const TIMEOUT_MS = 1_500

/** One line of what flows: `live-1 running: 50 rows/s in, 49 events/s out, lag 0.4 s, 12,345 rows emitted`. */
export async function readFlowLine(api: string): Promise<string> {
  const [pipeline, fleet] = await Promise.all([
    get<PipelineView>(`${api}/pipeline`),
    get<FleetView>(`${api}/fleet`),
  ])
  const live = pipeline.feeds.find((feed) => feed.alias === 'live')
  if (live === undefined) return 'waiting for the live feed'
  const lags = fleet.shards.flatMap(({ msBehindLatest }) => msBehindLatest ?? [])
  const lag = lags.length === 0 ? 'unknown' : `${(Math.max(...lags) / 1_000).toFixed(1)} s`
  return (
    `${live.feed} ${live.settled ? 'settled' : (live.state ?? 'unknown')}: ` +
    `${Math.round(live.emittedPerSecond)} rows/s in, ${Math.round(live.receivedPerSecond)} events/s out, ` +
    `lag ${lag}, ${live.emitted.toLocaleString('en-US')} rows emitted` +
    (live.brokenSince === null ? '' : `, counts differ since ${live.brokenSince}`)
  )
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return (await response.json()) as T
}
