import {
  type GeneratorOptions,
  type Impossible,
  plantAt,
  type Surge,
  surgeAt,
  type Unreadable,
} from './plant.ts'

/** Everything that is planted in a generated file, by row number. */
export type Planted = {
  /** Rows that the producer refuses. */
  unreadable: { seq: number; fault: Unreadable }[]
  /** Rows that are too large for Kinesis; the producer refuses them as well. */
  oversize: number[]
  /** Rows that Flink rejects. */
  impossible: { seq: number; fault: Impossible }[]
  /** Rows that repeat another one, which comes before them. */
  repeats: { seq: number; of: number }[]
  /** The surges, and the rows that carry their label. */
  surges: (Surge & { seqs: number[] })[]
}

/**
 * Lists what `generateCsv` plants for the same options. So of all rows, refused = unreadable + oversize,
 * rejected = impossible, repeated = repeats, and the others are unique.
 */
export function plantedIn(options: GeneratorOptions): Planted {
  const planted: Planted = { unreadable: [], oversize: [], impossible: [], repeats: [], surges: [] }
  for (let seq = 1; seq <= options.rows; seq++) {
    const plant = plantAt(options.seed, seq)
    if (plant.kind === 'unreadable') planted.unreadable.push({ seq, fault: plant.fault })
    else if (plant.kind === 'oversize') planted.oversize.push(seq)
    else if (plant.kind === 'impossible') planted.impossible.push({ seq, fault: plant.fault })
    else if (plant.kind === 'repeat') planted.repeats.push({ seq, of: plant.of })
    else addToSurge(planted, surgeAt(options, seq), seq)
  }
  return planted
}

function addToSurge({ surges }: Planted, surge: Surge | undefined, seq: number): void {
  if (surge === undefined) return
  const last = surges.at(-1)
  if (last?.number === surge.number) last.seqs.push(seq)
  else surges.push({ ...surge, seqs: [seq] })
}
