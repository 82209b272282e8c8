import { drawSpot, type Place, placeAt } from './places.ts'
import type { Surge } from './plant.ts'
import { type Random, weighted } from './random.ts'
import { weatherAt } from './weather.ts'

/** The fields of one row by the names that the writer needs; everything is text, as in the file. */
export type Accident = {
  source: string
  severity: string
  /** Local wall-clock times, as if they were UTC: epoch ms. */
  startMs: number
  endMs: number
  /** Fraction that both times are written with: none, or zeros of either length. */
  fraction: '' | '.000000' | '.000000000'
  lat: string
  lng: string
  endLat: string
  endLng: string
  distance: string
  description: string
  street: string
  place: Place
  zip: string
  zone: string
  weather: string
  flags: string
  twilight: string
}

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000
/** The file is in blocks by period, and within a block about as dense as the dataset is. */
const ROWS_PER_BLOCK = 5_000
const ROWS_PER_DAY = 3_000

const sourceAt = weighted([
  ['Source1', 56.3],
  ['Source2', 42.6],
  ['Source3', 1.1],
])
const severityOf: Record<string, (chance: number) => string> = {
  Source1: weighted([
    ['2', 91],
    ['4', 4.4],
    ['3', 3.3],
    ['1', 1.3],
  ]),
  Source2: weighted([
    ['2', 65],
    ['3', 33.5],
    ['4', 1.3],
    ['1', 0.2],
  ]),
}
const yearAt = weighted([
  [2016, 7],
  [2017, 9],
  [2018, 9],
  [2019, 10],
  [2020, 14],
  [2021, 20],
  [2022, 26],
  [2023, 5],
])
/** Weight of each hour of the day, local: two rush hours. */
const hourAt = weighted(
  [2, 2, 2, 2, 3, 5, 9, 14, 12, 8, 7, 7, 8, 8, 9, 11, 12, 13, 9, 7, 5, 4, 4, 3].map((weight, hour) => [
    hour,
    weight,
  ]),
)
const durationMinutesAt = weighted([
  [30, 7],
  [360, 3.9],
  [75, 6],
  [45, 6],
  [0, 77.1],
])

const ROADS = ['I-5', 'I-95', 'I-10', 'I-75', 'US-101', 'US-1', 'CA-99', 'I-35', 'I-40', 'I-80'] as const
const STREETS = [
  'Main St',
  'Oak Ave',
  'Park Blvd',
  'Lake Rd',
  'Washington St',
  'Mill Rd',
  'College Dr',
] as const
const DIRECTIONS = ['Northbound', 'Southbound', 'Eastbound', 'Westbound'] as const
const EFFECTS = [
  'Expect delays.',
  'Lane blocked.',
  'Two lanes blocked.',
  'Slow traffic.',
  'Stationary traffic.',
] as const

/** In percent of the rows; the other flags are never set. In the order of the columns. */
const FLAG_PERCENT = [1.2, 0.05, 11.4, 0.5, 7.4, 0.25, 0.9, 0, 2.6, 2.8, 0.1, 14.8, 0]

/** One plausible accident, all of it drawn from `random`. `block` says which stretch of time it is from. */
export function drawAccident(random: Random, seq: number, block: Random, surge: Surge | undefined): Accident {
  const place = surge?.place ?? placeAt(random.next())
  const source = sourceAt(random.next())
  const severity = (severityOf[source] ?? severityOf['Source2'])?.(random.next()) ?? '2'
  const startMs = drawStart(random, seq, block, source)
  const fixed = durationMinutesAt(random.next())
  // Median 65 minutes, with a long tail.
  const minutes = fixed === 0 ? 16 + 65 * (1 / (0.02 + random.next()) - 0.98) : fixed
  const spot = surge === undefined ? drawSpot(random, place) : place
  const lat = drawCoordinate(random, spot.lat)
  const lng = drawCoordinate(random, spot.lng)
  const hasEnd = source === 'Source1'
  const street = random.next() < 0.5 ? random.pick(ROADS) : random.pick(STREETS)
  const hour = Math.floor((startMs % DAY_MS) / (60 * MINUTE_MS))
  return {
    source,
    severity,
    startMs,
    endMs: startMs + Math.round(minutes * 60) * 1_000,
    fraction: hasEnd && random.next() < 0.171 ? (random.next() < 0.9 ? '.000000000' : '.000000') : '',
    lat,
    lng,
    endLat: hasEnd ? drawCoordinate(random, Number(lat), 0.01) : '',
    endLng: hasEnd ? drawCoordinate(random, Number(lng), 0.01) : '',
    distance: random.next() < 0.42 ? '0.0' : (random.next() * 2).toFixed(3),
    description: describe(random, street, surge),
    street: random.next() < 0.0016 ? '' : hasEnd && random.next() < 0.4 ? ` ${street}` : street,
    place,
    zip: random.next() < 0.29 ? `${place.zip}-${1_000 + random.below(9_000)}` : place.zip,
    zone: drawZone(random, place),
    weather: weatherAt(random, startMs),
    flags: FLAG_PERCENT.map((percent) => (random.next() * 100 < percent ? 'True' : 'False')).join(','),
    twilight: drawTwilight(random, hour),
  }
}

function drawStart(random: Random, seq: number, block: Random, source: string): number {
  const blockStart = Date.UTC(yearAt(block.next()), 0, 1) + block.below(360) * DAY_MS
  const day = Math.floor((seq % ROWS_PER_BLOCK) / ROWS_PER_DAY)
  const wholeMinute = random.next() < (source === 'Source1' ? 0.39 : 0.02)
  const seconds = hourAt(random.next()) * 3_600 + random.below(60) * 60 + (wholeMinute ? 0 : random.below(60))
  return blockStart + day * DAY_MS + seconds * 1_000
}

/**
 * Degrees with six decimals or more. The fifth and sixth are never 50 or 00: rounded to four decimals the value is the
 * same in every language and with every noise at the end.
 */
function drawCoordinate(random: Random, centre: number, spread = 0.12): string {
  const ten4 = Math.round((centre + (random.next() + random.next() - 1) * spread) * 10_000)
  const tail = 1 + random.below(98)
  const size = String(Math.abs(ten4)).padStart(5, '0')
  const decimals = `${size.slice(-4)}${String(tail === 50 ? 51 : tail).padStart(2, '0')}`
  const noise = random.next() < 0.13 ? `0000000${1 + random.below(9)}` : ''
  return `${ten4 < 0 ? '-' : ''}${size.slice(0, -4)}.${decimals}${noise}`
}

function describe(random: Random, street: string, surge: Surge | undefined): string {
  const effect = random.pick(EFFECTS)
  const where = `${street} ${random.pick(DIRECTIONS)} at Exit ${1 + random.below(300)}`
  const label = surge === undefined ? '' : ` [surge ${surge.number}]`
  const form = random.next()
  if (form < 0.01) return `"Accident on ${where}, ${effect}${label}"`
  if (form < 0.012) return `"Accident on ${where}.\n${effect}${label}"`
  if (form < 0.013) return `"Accident ""with injuries"" on ${where}. ${effect}${label}"`
  if (form < 0.0155) return `Accident on ${street} &amp; Exit ${1 + random.below(300)}. ${effect}${label}`
  return `Accident on ${where}. ${effect}${label}`
}

/** The dataset's zones are wrong near New Orleans for one row in eight, and a few are empty. */
function drawZone(random: Random, place: Place): string {
  const chance = random.next()
  if (chance < 0.001) return ''
  return place.state === 'LA' && chance < 0.12 ? 'US/Pacific' : place.zone
}

function drawTwilight(random: Random, hour: number): string {
  if (random.next() < 0.0033) return ',,,'
  const names = [
    hour >= 7 && hour < 18,
    hour >= 6 && hour < 19,
    hour >= 6 && hour < 20,
    hour >= 5 && hour < 20,
  ]
  return names.map((isDay) => (isDay ? 'Day' : 'Night')).join(',')
}
