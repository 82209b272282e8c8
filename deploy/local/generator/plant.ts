import { PLACES, type Place } from './places.ts'
import { randomAt } from './random.ts'

export type GeneratorOptions = {
  seed: number
  rows: number
  /** Rows per second at which the file will be replayed: a surge comes every three minutes of that. */
  rate: number
}

/** What the producer cannot read. */
export const UNREADABLE = ['too_few_fields', 'too_many_fields', 'broken_quote', 'invalid_bytes'] as const
export type Unreadable = (typeof UNREADABLE)[number]

/** What reads as a row and is no accident that could have happened: Flink rejects it. */
export const IMPOSSIBLE = [
  'latitude_out_of_range',
  'longitude_out_of_range',
  'severity_out_of_range',
  'end_before_start',
] as const
export type Impossible = (typeof IMPOSSIBLE)[number]

/** What is planted in a row. */
export type Plant =
  | { kind: 'plain' }
  | { kind: 'unreadable'; fault: Unreadable }
  | { kind: 'impossible'; fault: Impossible }
  | { kind: 'oversize' }
  /** The same second and place as row `of`, under a new id. */
  | { kind: 'repeat'; of: number }

export type Surge = { number: number; place: Place; firstRow: number; lastRow: number }

const UNREADABLE_SHARE = 0.004
const IMPOSSIBLE_SHARE = 0.006
/** Of the whole dataset's rows, 13 to 20 in 100 repeat another one. */
const REPEAT_SHARE = 0.12
const REPEAT_WITHIN_ROWS = 60
/** One row in so many is oversize, the first one among the first 2,000. */
const OVERSIZE_EVERY_ROWS = 20_000
const FIRST_OVERSIZE_WITHIN_ROWS = 2_000

const SURGE_EVERY_SECONDS = 180
const SURGE_AFTER_SECONDS = 90
const SURGE_SECONDS = 30
/** Of the rows while a surge lasts. */
const SURGE_SHARE = 0.7

/** What is drawn for one purpose does not move when another one draws more. */
const PURPOSE = { plant: 1, oversize: 2, surgePlace: 3, surgeRow: 4 }

const PLAIN: Plant = { kind: 'plain' }
const OVERSIZE: Plant = { kind: 'oversize' }

/** What is planted in row `seq` (from 1): a function of the seed, so that a test knows it without the file. */
export function plantAt(seed: number, seq: number): Plant {
  if (isOversize(seed, seq)) return OVERSIZE
  const random = randomAt(seed, seq, PURPOSE.plant)
  const chance = random.next()
  if (chance < UNREADABLE_SHARE) return { kind: 'unreadable', fault: random.pick(UNREADABLE) }
  if (chance < UNREADABLE_SHARE + IMPOSSIBLE_SHARE)
    return { kind: 'impossible', fault: random.pick(IMPOSSIBLE) }
  if (chance >= UNREADABLE_SHARE + IMPOSSIBLE_SHARE + REPEAT_SHARE) return PLAIN
  const of = seq - 1 - random.below(REPEAT_WITHIN_ROWS)
  return of >= 1 && isOriginal(seed, of) ? { kind: 'repeat', of } : PLAIN
}

/** Whether a row is plain by its own chance: only such rows are repeated, so that every repeat has an original. */
function isOriginal(seed: number, seq: number): boolean {
  const chance = randomAt(seed, seq, PURPOSE.plant).next()
  return chance >= UNREADABLE_SHARE + IMPOSSIBLE_SHARE + REPEAT_SHARE && !isOversize(seed, seq)
}

function isOversize(seed: number, seq: number): boolean {
  const first = 1 + randomAt(seed, 0, PURPOSE.oversize).below(FIRST_OVERSIZE_WITHIN_ROWS)
  return seq % OVERSIZE_EVERY_ROWS === first
}

/** The surge that row `seq` belongs to, when it is one of its rows. */
export function surgeAt(
  { seed, rate }: Pick<GeneratorOptions, 'seed' | 'rate'>,
  seq: number,
): Surge | undefined {
  const number = Math.ceil(seq / (rate * SURGE_EVERY_SECONDS))
  const surge = surgeNumber(seed, rate, number)
  if (seq < surge.firstRow || seq > surge.lastRow) return undefined
  return randomAt(seed, seq, PURPOSE.surgeRow).next() < SURGE_SHARE ? surge : undefined
}

function surgeNumber(seed: number, rate: number, number: number): Surge {
  const before = rate * ((number - 1) * SURGE_EVERY_SECONDS + SURGE_AFTER_SECONDS)
  return {
    number,
    place: randomAt(seed, number, PURPOSE.surgePlace).pick(PLACES),
    firstRow: Math.floor(before) + 1,
    lastRow: Math.floor(before + rate * SURGE_SECONDS),
  }
}
