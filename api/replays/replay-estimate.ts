import { type Static, Type } from 'typebox'
import type { Filter } from '../../lib/feeds/filter.ts'
import { DEFAULT_REPLAY_SHARE, RECORDS_PER_SHARD_MS } from '../../lib/feeds/replay-budget.ts'
import type { SourceMeasure } from '../../lib/sources/measure-source.ts'
import { nullable } from '../field-types.ts'
import type { ReplayRequest } from './replay-request.ts'

/** What all replays together may send of a stream of one shard. */
const ROWS_PER_SECOND_AT_MAX = DEFAULT_REPLAY_SHARE * RECORDS_PER_SHARD_MS * 1_000

export const ReplayEstimate = Type.Object({
  rows: Type.Integer({ description: 'of the source, about; a filter leaves some of them out' }),
  durationMs: nullable(Type.Integer(), 'from the start to the end, about; null while it cannot be known'),
  isAtMost: Type.Boolean({ description: 'it may be much less' }),
  basis: Type.String({ description: 'what it is reckoned by, for people' }),
})
export type ReplayEstimate = Static<typeof ReplayEstimate>

/** How long a replay will take, by what is known of its source before it is read. */
export function estimateReplay(
  { source, pace, filter }: ReplayRequest,
  measure: SourceMeasure,
): ReplayEstimate {
  const { rows } = measure
  const isAtMost = filter !== undefined || source.kind === 'raw-layer'
  const size = sizeOf(measure, isAtMost)
  if (pace.kind === 'rate') {
    const basis = `${size}, at ${count(pace.rowsPerSecond)} rows a second`
    return { rows, durationMs: Math.ceil((rows / pace.rowsPerSecond) * 1_000), isAtMost, basis }
  }
  if (pace.kind === 'max') {
    const basis = `${size}, at the ${count(ROWS_PER_SECOND_AT_MAX)} rows a second that replays may take of a stream with one shard; with more shards it takes less`
    return { rows, durationMs: Math.ceil((rows / ROWS_PER_SECOND_AT_MAX) * 1_000), isAtMost: true, basis }
  }
  const span = clip(measure.span, filter)
  if (span === undefined) {
    const basis =
      'when its accidents happened is known once the file has been sorted by time; a filter from and to some moment would say it, too'
    return { rows, durationMs: null, isAtMost, basis }
  }
  const lasts = Math.max(0, span.to - span.from)
  const basis = `${dayOf(span.from)} to ${dayOf(span.to)}, ${count(pace.factor)} times as fast`
  const sorting = source.kind === 'csv' && measure.span === undefined ? ', after it has been sorted' : ''
  return { rows, durationMs: Math.ceil(lasts / pace.factor), isAtMost, basis: basis + sorting }
}

/** The part of the span that the filter takes; the filter's own while nothing else is known. */
function clip(span: SourceMeasure['span'], filter: Filter | undefined): SourceMeasure['span'] {
  const from = Date.parse(filter?.from ?? '')
  const to = Date.parse(filter?.to ?? '')
  if (span === undefined) return Number.isNaN(from) || Number.isNaN(to) ? undefined : { from, to }
  return {
    from: Number.isNaN(from) ? span.from : Math.max(span.from, from),
    to: Number.isNaN(to) ? span.to : Math.min(span.to, to),
  }
}

function sizeOf({ rows, isCounted }: SourceMeasure, isAtMost: boolean): string {
  const how = isCounted ? '' : ', by its size and that of its first rows'
  return `${isAtMost ? 'at most ' : ''}${isCounted ? '' : 'about '}${count(rows)} rows${how}`
}

const count = (value: number) => value.toLocaleString('en-US')

const dayOf = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}Z`
