import type { Figure } from './figures.ts'

/** What a query must answer while the pipeline is healthy and a live feed runs. */
export type Expectation = Range | Equality | Empty

/** The labels of each series, all of them; without any there is one series. */
type Shape = {
  /** The values that a label may have; `any` where they are not known. */
  labels?: Readonly<Record<string, 'any' | readonly string[]>>
  /** At least so many series; 1 unless it says otherwise. */
  series?: number
}

/** Every series has a value within bounds, in the unit of the panel. */
export type Range = Shape & {
  kind: 'range'
  atLeast?: number
  atMost?: number
  /** A quantile of no observations is no number, and there need not be any. */
  mayBeIdle?: true
  /** It exceeds the one of this legend in the same panel: a higher quantile is above a lower one. */
  above?: string
  /** It is the highest of the series of this legend in the same panel. */
  highestOf?: string
}

/** The same as the api says, read at about the same time. */
export type Equality = Shape & {
  kind: 'equality'
  figure: Figure
  /** How far they may be apart for having been read one after the other, as a share of the greater; 0 unless given. */
  within?: number
}

/** Nothing, or nothing but zeros. */
export type Empty = { kind: 'empty'; because: string }

export const between = (atLeast: number, atMost: number, shape: Omit<Range, 'kind'> = {}): Range => ({
  kind: 'range',
  atLeast,
  atMost,
  ...shape,
})

export const equals = (figure: Figure, shape: Omit<Equality, 'kind' | 'figure'> = {}): Equality => ({
  kind: 'equality',
  figure,
  ...shape,
})

export const empty = (because: string): Empty => ({ kind: 'empty', because })
