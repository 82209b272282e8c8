import type { Clock } from '../../lib/clock.ts'
import type { Feed, FeedCounts } from '../../lib/feeds/feed.ts'
import type {
  Position,
  RangeClaim,
  RangeProgress,
  RangeStore,
  Recovered,
} from '../../lib/feeds/range-store.ts'

/** A committed position costs a script call; the rows in between are sent again after a crash. */
const COMMIT_INTERVAL_MS = 200

/** Rows in a row that were released together. */
export type RowGroup = {
  rows: number
  emitted: number
  filtered: number
  refused: number
  /** Where the row after them begins. */
  end: Position
  /** Bytes of the source, as stored, that were read for the range up to there. */
  bytes: number
  /** Of dead letters that were fed in again: what became of them, by the feeds that they belong to. */
  recovered?: ReadonlyMap<string, Recovered>
  /** Resolves when Kinesis has taken each that is to be sent, and each dead letter is stored. */
  done: Promise<unknown>
}

type Entry = { group: RowGroup; done: boolean; marked: Promise<void> }

export type Committer = {
  add(group: RowGroup): void
  /** What was committed last. */
  position(): Position
  /** No row beyond this one may be sent yet. */
  reserved(): number
  /** Resolves at the next commit. */
  nextCommit(): Promise<void>
  /** Commits all that was added. Rejects as `failed` does. */
  drain(): Promise<void>
  /** Rejects when nothing more can be committed: `FENCED`, or why a group will never be done. Never resolves. */
  failed: Promise<never>
}

/**
 * Moves a range's position over the groups that are done, in their order: a group that is done waits for those before
 * it, so that everything before the position has been emitted or refused, whenever the producer is killed.
 */
export function createCommitter(options: {
  store: Pick<RangeStore, 'advance'>
  feed: Feed
  range: number
  claim: RangeClaim
  /** How far beyond the position rows may be sent, at the pace of the moment. */
  reserveRows: () => number
  clock: Clock
  onCommit(added: FeedCounts): void
}): Committer {
  const { store, feed, range, claim, reserveRows, clock } = options
  const queue: Entry[] = []
  const draining = new AbortController()
  let { position, counts, bytes, reserved } = claim
  let added = Promise.withResolvers<void>()
  let committed = Promise.withResolvers<void>()

  async function commitGroups(): Promise<void> {
    while (!draining.signal.aborted || queue.length > 0) {
      const [first] = queue
      if (first === undefined) {
        await added.promise
        continue
      }
      await first.marked
      await advanceOver(takeDone())
      await clock.sleep(COMMIT_INTERVAL_MS, draining.signal)
    }
    // All that was sent is counted: whoever comes next inherits nothing.
    if (reserved > position.seq) await advance({ position, counts, bytes, reserved: position.seq })
  }

  async function markWhenDone(entry: Entry): Promise<void> {
    await entry.group.done
    entry.done = true
  }

  function takeDone(): RowGroup[] {
    const open = queue.findIndex((entry) => !entry.done)
    return queue.splice(0, open === -1 ? queue.length : open).map((entry) => entry.group)
  }

  async function advanceOver(groups: RowGroup[]): Promise<void> {
    const before = counts
    const total = { ...counts }
    for (const group of groups) {
      total.read += group.rows
      total.emitted += group.emitted
      total.filtered += group.filtered
      total.refused += group.refused
    }
    const { end, bytes: read } = groups.at(-1) ?? { end: position, bytes }
    const reserve = Math.max(reserved, end.seq + reserveRows())
    const recovered = sumOf(groups)
    await advance({
      position: end,
      counts: total,
      bytes: read,
      reserved: reserve,
      ...(recovered && { recovered }),
    })
    options.onCommit({
      read: total.read - before.read,
      refused: total.refused - before.refused,
      filtered: total.filtered - before.filtered,
      emitted: total.emitted - before.emitted,
      recovered: 0,
    })
  }

  async function advance(progress: RangeProgress): Promise<void> {
    await store.advance(feed.name, range, claim.epoch, progress)
    position = progress.position
    counts = progress.counts
    bytes = progress.bytes
    reserved = progress.reserved
    committed.resolve()
    committed = Promise.withResolvers()
  }

  const ended = commitGroups()
  const failed = ended.then(() => new Promise<never>(() => {}))
  failed.catch(() => undefined)

  return {
    add(group) {
      const entry: Entry = { group, done: false, marked: Promise.resolve() }
      entry.marked = markWhenDone(entry)
      // A failure is told by `failed`, when the group's turn comes.
      entry.marked.catch(() => undefined)
      queue.push(entry)
      added.resolve()
      added = Promise.withResolvers()
    },
    position: () => position,
    reserved: () => reserved,
    nextCommit: () => committed.promise,
    drain() {
      draining.abort()
      added.resolve()
      return ended
    },
    failed,
  }
}

function sumOf(groups: readonly RowGroup[]): ReadonlyMap<string, Recovered> | undefined {
  const [only, ...more] = groups.flatMap(({ recovered }) => recovered ?? [])
  if (more.length === 0) return only
  const sums = new Map<string, Recovered>()
  for (const [feed, added] of [only ?? [], ...more].flatMap((one) => [...one])) {
    const before = sums.get(feed) ?? { recovered: 0, emitted: 0, refused: 0 }
    sums.set(feed, {
      recovered: before.recovered + added.recovered,
      emitted: before.emitted + added.emitted,
      refused: before.refused + added.refused,
    })
  }
  return sums
}
