import { formatTime } from './format-time.ts'
import { type Random, weighted } from './random.ts'

const conditionAt = weighted([
  ['Fair', 32.8],
  ['Mostly Cloudy', 12.9],
  ['Clear', 10.7],
  ['Cloudy', 10.6],
  ['Partly Cloudy', 9.4],
  ['Overcast', 5.1],
  ['Light Rain', 4.5],
  ['Scattered Clouds', 3],
  ['Rain', 1.5],
  ['Fair / Windy', 1],
  ['Fog', 1],
  ['Light Snow', 1],
  ['Heavy Rain', 0.5],
  ['T-Storm', 0.4],
  ['N/A Precipitation', 0.1],
])
const WINDS = [
  'CALM',
  'Calm',
  'VAR',
  'Variable',
  'N',
  'North',
  'SSW',
  'S',
  'South',
  'ENE',
  'W',
  'West',
  'NW',
] as const

/** From Weather_Timestamp to Weather_Condition, nine fields, empty as often as in the dataset. */
export function weatherAt(random: Random, startMs: number): string {
  const minutes = Math.round((random.next() - 0.5) * 60)
  const at = random.next() < 0.016 ? '' : formatTime(startMs - (startMs % 60_000) + minutes * 60_000)
  const temperature = Math.round(20 + random.next() * 75)
  const wind = random.next() < 0.023 ? '' : random.pick(WINDS)
  const speed =
    wind === 'Calm' || random.next() < 0.055 ? '' : wind === 'CALM' ? '0.0' : `${3 + random.below(20)}.0`
  return [
    at,
    absent(random, 0.022, `${temperature}.0`),
    absent(random, 0.263, `${temperature - random.below(6)}.0`),
    absent(random, 0.023, `${20 + random.below(80)}.0`),
    absent(random, 0.019, `29.${String(random.below(100)).padStart(2, '0')}`),
    absent(random, 0.024, random.next() < 0.8 ? '10.0' : `${1 + random.below(9)}.0`),
    wind,
    speed,
    absent(random, 0.289, random.next() < 0.9 ? '0.0' : `0.0${1 + random.below(9)}`),
    absent(random, 0.023, conditionAt(random.next())),
  ].join(',')
}

function absent(random: Random, share: number, value: string): string {
  return random.next() < share ? '' : value
}
