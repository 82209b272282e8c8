import { type Accident, drawAccident } from './accident.ts'
import { formatTime } from './format-time.ts'
import { type GeneratorOptions, type Impossible, plantAt, surgeAt, type Unreadable } from './plant.ts'
import { type Random, randomAt } from './random.ts'

const ROWS_PER_BLOCK = 5_000
/** What is drawn for one purpose does not move when another one draws more; below 5 they are the plants'. */
const CONTENT = 5
const BLOCK = 6
const VARIATION = 7

/** More than the 1 MiB that Kinesis takes. */
const OVERSIZE_CHARACTERS = 1_100_000
const HOUR_MS = 3_600_000
const SIMPLE_DESCRIPTION = 'Accident reported.'

/** Stands where bytes that are not UTF-8 go: a character that occurs nowhere else. */
export const INVALID_BYTES_MARK = '\uE000'

/** The line of row `seq`, with its line end. */
export function writeRow(options: GeneratorOptions, seq: number): string {
  const plant = plantAt(options.seed, seq)
  if (plant.kind === 'repeat') {
    return line(seq, vary(accidentOf(options, plant.of), randomAt(options.seed, seq, VARIATION)))
  }
  const accident = accidentOf(options, seq)
  if (plant.kind === 'oversize') return line(seq, { ...accident, description: oversizeDescription() })
  if (plant.kind === 'impossible') return line(seq, MAKE_IMPOSSIBLE[plant.fault](accident))
  if (plant.kind === 'unreadable') return MAKE_UNREADABLE[plant.fault](seq, accident)
  return line(seq, accident)
}

function accidentOf(options: GeneratorOptions, seq: number): Accident {
  const block = randomAt(options.seed, Math.floor(seq / ROWS_PER_BLOCK), BLOCK)
  const surge = plantAt(options.seed, seq).kind === 'plain' ? surgeAt(options, seq) : undefined
  return drawAccident(randomAt(options.seed, seq, CONTENT), seq, block, surge)
}

/** As the dataset repeats accidents: second and place stay, end time, text and form of the times differ. */
function vary(accident: Accident, random: Random): Accident {
  return {
    ...accident,
    endMs: accident.endMs + random.below(15) * 60_000,
    fraction: accident.fraction === '' && random.next() < 0.5 ? '.000000000' : accident.fraction,
    description: accident.description.replace('Slow traffic', 'Stationary traffic'),
    lat: random.next() < 0.3 ? withNoise(accident.lat) : accident.lat,
  }
}

function withNoise(coordinate: string): string {
  return coordinate.split('.')[1]?.length === 6 ? `${coordinate}00000003` : coordinate
}

const MAKE_IMPOSSIBLE: Record<Impossible, (accident: Accident) => Accident> = {
  latitude_out_of_range: (accident) => ({ ...accident, lat: '95.123456' }),
  longitude_out_of_range: (accident) => ({ ...accident, lng: '-190.123456' }),
  severity_out_of_range: (accident) => ({ ...accident, severity: '7' }),
  end_before_start: (accident) => ({ ...accident, endMs: accident.startMs - HOUR_MS }),
}

/** Their text has no comma and no quote of its own, so that each has exactly the fault that it is named for. */
const MAKE_UNREADABLE: Record<Unreadable, (seq: number, accident: Accident) => string> = {
  too_few_fields: (seq, accident) => `${line(seq, simple(accident)).split(',').slice(0, -3).join(',')}\n`,
  too_many_fields: (seq, accident) => line(seq, simple(accident)).replace('\n', ',again,again\n'),
  broken_quote: (seq, accident) => line(seq, { ...accident, description: `"${SIMPLE_DESCRIPTION}` }),
  invalid_bytes: (seq, accident) =>
    line(seq, { ...simple(accident), street: `${accident.street}${INVALID_BYTES_MARK}` }),
}

function simple(accident: Accident): Accident {
  return { ...accident, description: SIMPLE_DESCRIPTION }
}

function oversizeDescription(): string {
  return SIMPLE_DESCRIPTION.repeat(Math.ceil(OVERSIZE_CHARACTERS / SIMPLE_DESCRIPTION.length))
}

function line(seq: number, a: Accident): string {
  const { place } = a
  const start = formatTime(a.startMs) + a.fraction
  const end = formatTime(a.endMs) + a.fraction
  return `A-${seq},${a.source},${a.severity},${start},${end},${a.lat},${a.lng},${a.endLat},${a.endLng},${a.distance},${a.description},${a.street},${place.city},${place.county},${place.state},${a.zip},US,${a.zone},${place.airport},${a.weather},${a.flags},${a.twilight}\n`
}
