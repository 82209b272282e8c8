import zones from './zones.json' with { type: 'json' }

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** `2016-02-08 05:46:00`, with a T in the middle, with a fraction of up to nine digits. */
const LOCAL_TIME = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/

const aliases: ReadonlyMap<string, string> = new Map(Object.entries(zones.aliases))
const corrections = new Map(zones.corrections.map((rule) => [`${rule.state} ${rule.timezone}`, rule.zone]))
const clocks = new Map<string, ZoneClock | undefined>()

/**
 * The moment at which an accident began, epoch ms, by the rules that Flink applies; undefined where its start cannot
 * be read or its zone is not known. Of an hour that autumn repeats it is the first one.
 */
export function utcStart(accident: Readonly<Record<string, unknown>>): number | undefined {
  const { state, timezone, start_time: start } = accident
  if (typeof start !== 'string' || typeof timezone !== 'string') return undefined
  const local = parseLocal(start)
  if (local === undefined) return undefined
  return clockOf(corrections.get(`${String(state)} ${timezone}`) ?? aliases.get(timezone) ?? timezone)?.toUtc(
    local,
  )
}

/** The wall-clock time as if it were UTC, epoch ms. */
function parseLocal(text: string): number | undefined {
  const match = LOCAL_TIME.exec(text)
  if (match === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number)
  const ms = Date.UTC(year, month - 1, day, hour, minute, second)
  const date = new Date(ms)
  // Date.UTC carries over what no clock shows: 31 April, 25 o'clock.
  const isTime =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return isTime ? ms + Math.floor(Number(`0.${match[7] ?? 0}`) * 1_000) : undefined
}

function clockOf(zone: string): ZoneClock | undefined {
  if (!clocks.has(zone)) clocks.set(zone, ZoneClock.of(zone))
  return clocks.get(zone)
}

/** The clocks of one zone. What Intl says of a day is kept: it takes a thousand times as long as the rest. */
class ZoneClock {
  readonly #format: Intl.DateTimeFormat
  /** Offset from UTC at the start of a day of UTC, by its number. */
  readonly #offsets = new Map<number, number>()

  private constructor(format: Intl.DateTimeFormat) {
    this.#format = format
  }

  static of(zone: string): ZoneClock | undefined {
    try {
      return new ZoneClock(new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' }))
    } catch {
      return undefined
    }
  }

  toUtc(local: number): number {
    const day = Math.floor(local / DAY_MS)
    // No zone is a day away from UTC: the moment lies between these two.
    const before = this.#offsetAtDay(day - 1)
    const after = this.#offsetAtDay(day + 2)
    if (before === after || this.#offsetAt(local - before) === before) return local - before
    return this.#offsetAt(local - after) === after ? local - after : local - before
  }

  #offsetAtDay(day: number): number {
    let offset = this.#offsets.get(day)
    if (offset === undefined) {
      offset = this.#offsetAt(day * DAY_MS)
      this.#offsets.set(day, offset)
    }
    return offset
  }

  /** Ms ahead of UTC, from `GMT-05:00` at the end of the text; `GMT` alone is UTC. */
  #offsetAt(utc: number): number {
    const match = /GMT([+-])(\d{2}):(\d{2})/.exec(this.#format.format(utc))
    if (match === null) return 0
    const ms = Number(match[2]) * HOUR_MS + Number(match[3]) * 60_000
    return match[1] === '-' ? -ms : ms
  }
}
