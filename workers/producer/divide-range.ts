import type { Feed } from '../../lib/feeds/feed.ts'
import type { Position, RangeClaim, RangeStore } from '../../lib/feeds/range-store.ts'
import { type OpenSource, type OpenSourceOptions, openSource } from './open-source.ts'

/**
 * Leaves what is beyond the next `rangeBytes` of a source to another producer: reads on to the first row that begins
 * there, so that lines and rows are counted exactly and no quoted field is cut, and makes the next range of it. Its runner
 * does the same, so a long source is soon worked on by all producers. Resolves to the number of the new range.
 */
export async function divideRange(
  options: OpenSourceOptions & { store: Pick<RangeStore, 'fork'>; rangeBytes: number },
  range: number,
): Promise<number | undefined> {
  const { feed, claim, store } = options
  if (!mayBeDivided(feed, claim, options.rangeBytes)) return undefined
  const source = await openSource(options)
  const boundary = source.isDivisible ? await findBoundary(source, claim, options.rangeBytes) : undefined
  await source.blocks.return(undefined)
  if (boundary === undefined || options.signal.aborted) return undefined
  await store.fork(feed.name, range, claim.epoch, boundary)
  claim.end = boundary.offset
  return range + 1
}

/** One producer keeps any rate that a stream takes. Only at the pace `max` do several come further than one. */
function mayBeDivided({ pace, rows, source }: Feed, claim: RangeClaim, rangeBytes: number): boolean {
  const isOpen = claim.end === undefined && !claim.endRequested && rows === undefined
  return isOpen && pace.kind === 'max' && source.bytes - claim.position.offset > 2 * rangeBytes
}

async function findBoundary(
  { blocks }: OpenSource,
  { position }: RangeClaim,
  rangeBytes: number,
): Promise<Position | undefined> {
  let { seq } = position
  for await (const rows of blocks) {
    for (const { nextOffset, nextLine } of rows) {
      seq++
      if (nextOffset >= position.offset + rangeBytes) return { offset: nextOffset, line: nextLine, seq }
    }
  }
  return undefined
}
