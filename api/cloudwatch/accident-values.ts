import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { FeedReader } from '../../lib/feeds/feed-store.ts'
import type { InsightReader, SeverityMinute } from '../../lib/insights/insight-reader.ts'
import { SEVERITY } from '../../lib/process/metrics/labels.ts'
import { datum } from './datum.ts'

const MINUTE_MS = 60_000
/** CloudWatch shows what is older than a day only after hours. */
const LOOK_BACK_MS = 3 * 60 * MINUTE_MS
/** With `repeat` the next feed begins while minutes of the last one close. */
const LIVE_FEEDS = 3

export type AccidentScope = 'none' | 'severity' | 'state'

/** Values that CloudWatch does not have yet; `accepted` is called once it has taken them. */
export type Changed = { data: MetricDatum[]; accepted: () => void }

/**
 * Accidents of each minute that Flink has closed, of the live feeds, by severity and by state; not by both, which would be
 * 196 series and not 53. They are absolute counts at the minute's own time, as Redis holds them. So whatever is published
 * twice, by whomever, changes nothing for those who ask for the Maximum; and of a minute that came late, or came again
 * with more, the larger count stands.
 */
export function createAccidentValues(options: {
  feeds: Pick<FeedReader, 'list'>
  insights: Pick<InsightReader, 'readSeverityMinutes'>
  scope: AccidentScope
}): { changed(now: number): Promise<Changed> } {
  const { feeds, insights, scope } = options
  /** What CloudWatch has been told of each minute. After a restart all are told anew. */
  const told = new Map<number, string>()

  return {
    async changed(now) {
      if (scope === 'none') return { data: [], accepted() {} }
      const { feeds: live } = await feeds.list({ limit: LIVE_FEEDS, kinds: ['live'] })
      const from = Math.floor((now - LOOK_BACK_MS) / MINUTE_MS) * MINUTE_MS
      const readings = await Promise.all(
        live.map(({ name }) => insights.readSeverityMinutes(name, from, now)),
      )
      for (const minute of told.keys()) if (minute < from) told.delete(minute)

      const data: MetricDatum[] = []
      const telling = new Map<number, string>()
      for (const [minute, parts] of byMinute(readings)) {
        // Final as far as it goes: a window that is still to come makes it larger.
        if (parts.some(({ isProvisional }) => isProvisional)) continue
        const values = valuesOf(minute, parts, scope)
        const text = JSON.stringify(values)
        if (told.get(minute) === text) continue
        data.push(...values)
        telling.set(minute, text)
      }
      return {
        data,
        accepted() {
          for (const [minute, text] of telling) told.set(minute, text)
        },
      }
    },
  }
}

/** The same minute of several feeds together, oldest first. */
function byMinute(readings: readonly SeverityMinute[][]): [number, SeverityMinute[]][] {
  return [...Map.groupBy(readings.flat(), ({ minute }) => minute)].toSorted(([a], [b]) => a - b)
}

function valuesOf(minute: number, parts: readonly SeverityMinute[], scope: AccidentScope): MetricDatum[] {
  const severities = SEVERITY.map((severity) => {
    const count = parts.reduce((sum, { bySeverity }) => sum + (bySeverity.get(Number(severity)) ?? 0), 0)
    return datum('Accidents', { Severity: severity }, count, minute)
  })
  if (scope === 'severity') return severities
  const states = [...new Set(parts.flatMap(({ byState }) => [...byState.keys()]))].toSorted()
  return [
    ...severities,
    ...states.map((state) => {
      const count = parts.reduce((sum, { byState }) => sum + (byState.get(state) ?? 0), 0)
      return datum('Accidents', { State: state }, count, minute)
    }),
  ]
}
