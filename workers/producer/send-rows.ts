import type { Clock } from '../../lib/clock.ts'
import type { Feed } from '../../lib/feeds/feed.ts'
import type { RangeClaim } from '../../lib/feeds/feed-store.ts'
import { compileFilter } from '../../lib/feeds/filter.ts'
import type { PutBatcher } from '../../lib/kinesis/put-batcher.ts'
import { untilAborted } from '../../lib/until-aborted.ts'
import type { Committer } from './committer.ts'
import type { OpenCsv } from './csv-source.ts'
import { encodeRow, type RowEncoding } from './encode-row.ts'
import type { Pacer } from './pace.ts'
import type { RefusedRows } from './refused-rows.ts'
import type { SplitRow } from './row-splitter.ts'
import { createUnreadableLimit } from './unreadable-limit.ts'

/** Rows that are released together at most; as many as one call to Kinesis takes. */
const MAX_GROUP_ROWS = 500

/**
 * Sends the rows of a source at their pace, in groups; those that the feed's filter leaves out take no time of it. Waits while too much is in flight, and while rows are too far
 * ahead of the committed position. Resolves to whether the feed came to its own end; false when it was stopped or is
 * to end early.
 */
export async function sendRows(options: {
  feed: Feed
  claim: RangeClaim
  csv: OpenCsv
  pacer: Pacer
  batcher: PutBatcher
  refusedRows: RefusedRows
  committer: Committer
  unreadableShareLimit: number
  clock: Clock
  stop: AbortSignal
  onBuffered: (bytes: number) => void
}): Promise<boolean> {
  const { feed, claim, csv, pacer, batcher, refusedRows, committer, clock, stop } = options
  const unreadable = createUnreadableLimit(options.unreadableShareLimit, claim.counts)
  const encoding: RowEncoding = {
    feed,
    columns: csv.columns,
    fits: feed.filter === undefined ? () => true : compileFilter(feed.filter),
  }
  let { seq } = claim.position
  let room: Promise<void> | undefined
  /** Rows that are due and were held back for lack of room. */
  let owed = 0

  /** The last row that is to be sent at all. */
  function lastRow(): number {
    const end = feed.rows ?? Number.POSITIVE_INFINITY
    // An earlier runner may have sent up to what was inherited: those rows are sent again, so that they count.
    return committer.endRequested() ? Math.min(end, Math.max(seq, claim.inherited)) : end
  }

  /** Takes rows from `from` on, at most `atMost`, of them at most `due` that are not filtered. */
  function sendGroup(rows: readonly SplitRow[], from: number, atMost: number, due: number) {
    const now = clock.now()
    const letters = new Set<Promise<void>>()
    const end = { offset: 0, line: 0, seq }
    let emitted = 0
    let filtered = 0
    let count = 0
    for (room = undefined; count < atMost && count - filtered < due && room === undefined; count++) {
      const row = rows[from + count]
      if (row === undefined) break
      end.seq++
      end.offset = row.nextOffset
      end.line = row.nextLine
      const encoded = encodeRow(row, encoding, { seq: end.seq, now })
      if ('filtered' in encoded) {
        filtered++
      } else if ('record' in encoded) {
        emitted++
        room = batcher.add(encoded.record)
      } else {
        letters.add(refusedRows.add(encoded.letter))
        if (encoded.letter.origin === 'row') unreadable.count(encoded.letter, end.seq)
      }
    }
    const done = Promise.all([batcher.send(), ...letters])
    committer.add({ rows: count, emitted, filtered, refused: count - emitted - filtered, end, done })
    seq = end.seq
    return { taken: count, sent: count - filtered }
  }

  for await (const rows of csv.blocks) {
    for (let from = 0; from < rows.length; ) {
      options.onBuffered(batcher.inFlightBytes())
      if (room !== undefined) await untilAborted(room, stop)
      const allowed = Math.min(rows.length - from, MAX_GROUP_ROWS, lastRow() - seq)
      if (allowed <= 0) return seq === feed.rows
      const reserved = committer.reserved() - seq
      if (reserved <= 0) {
        await untilAborted(committer.nextCommit(), stop)
        if (stop.aborted) return false
        continue
      }
      if (owed === 0) owed = await pacer.take(Math.min(allowed, reserved), stop)
      if (stop.aborted) return false
      const { taken, sent } = sendGroup(rows, from, Math.min(allowed, reserved), owed)
      owed -= sent
      from += taken
      unreadable.check(feed)
    }
  }
  return true
}
