import type { Clock } from '../../lib/clock.ts'
import type { Feed } from '../../lib/feeds/feed.ts'
import type { RangeClaim, Recovered } from '../../lib/feeds/range-store.ts'
import type { ReplayBudget } from '../../lib/feeds/replay-budget.ts'
import type { PutBatcher } from '../../lib/kinesis/put-batcher.ts'
import type { SourceRow } from '../../lib/sources/source-row.ts'
import { untilAborted } from '../../lib/until-aborted.ts'
import type { Committer } from './committer.ts'
import type { CurrentOrders } from './follow-orders.ts'
import type { OpenSource } from './open-source.ts'
import { LONGEST_SLEEP_MS, type Pacer } from './pace.ts'
import type { RefusedRows } from './refused-rows.ts'
import { createUnreadableLimit } from './unreadable-limit.ts'

/** Rows that are released together at most; as many as one call to Kinesis takes. */
const MAX_GROUP_ROWS = 500

/**
 * Sends the rows of a source at their pace, in groups; those that the feed's filter leaves out take no time of it.
 * Waits while too much is in flight, while rows are too far ahead of the committed position, and while replays have had
 * their share of the stream. Resolves to whether the range came to its own end; false when it was stopped or is to end
 * early.
 */
export async function sendRows(options: {
  feed: Feed
  claim: RangeClaim
  source: OpenSource
  orders: CurrentOrders
  pacer: Pacer
  batcher: PutBatcher
  refusedRows: RefusedRows
  committer: Committer
  unreadableShareLimit: number
  clock: Clock
  stop: AbortSignal
  /** Absent for a live feed. */
  budget?: ReplayBudget
}): Promise<boolean> {
  const { feed, claim, source, orders, pacer, batcher, refusedRows, committer, budget, clock, stop } = options
  // The letters of a recovery were refused before, and chosen one by one: they say nothing about a source.
  const unreadable =
    feed.kind === 'recovery' ? undefined : createUnreadableLimit(options.unreadableShareLimit, claim.counts)
  let { seq } = claim.position
  let room: Promise<void> | undefined
  /** Rows that are due and were held back for lack of room. */
  let owed = 0
  /** The next row is due then, epoch ms, where it has a time of its own. */
  let notDueBefore: number | undefined

  /** The last row that is to be sent at all. */
  function lastRow(): number {
    const end = feed.rows ?? Number.POSITIVE_INFINITY
    // An earlier runner may have sent up to what was inherited: those rows are sent again, so that they count.
    return orders.verdict() === 'end' ? Math.min(end, Math.max(seq, claim.inherited)) : end
  }

  /** Takes rows from `from` on, at most `atMost`, of them at most `due` that are not filtered, up to one that is not due yet. */
  function sendGroup(rows: readonly SourceRow[], from: number, atMost: number, due: number) {
    const now = clock.now()
    const letters = new Set<Promise<void>>()
    const end = { offset: 0, line: 0, seq }
    const recovered = new Map<string, Recovered>()
    const bytesBefore = batcher.inFlightBytes()
    let emitted = 0
    let filtered = 0
    let count = 0
    notDueBefore = undefined
    for (room = undefined; count < atMost && count - filtered < due && room === undefined; count++) {
      const row = rows[from + count]
      if (row === undefined) break
      const encoded = source.encode(row, { seq: end.seq + 1, now })
      if (!('filtered' in encoded)) {
        const dueAt = pacer.dueAt(row.at, now)
        if (dueAt !== undefined && dueAt > now) {
          notDueBefore = dueAt
          break
        }
      }
      end.seq++
      end.offset = row.nextOffset
      end.line = row.nextLine
      if ('filtered' in encoded) {
        filtered++
        continue
      }
      if (encoded.recovers !== undefined) addRecovered(recovered, encoded.recovers, 'record' in encoded)
      if ('record' in encoded) {
        emitted++
        room = batcher.add(encoded.record)
      } else {
        letters.add(refusedRows.add(encoded.letter))
        if (encoded.letter.origin === 'row') unreadable?.count(encoded.letter, end.seq)
      }
    }
    if (count === 0) return { taken: 0, sent: 0, bytes: 0 }
    const done = Promise.all([batcher.send(), ...letters])
    const refused = count - emitted - filtered
    const bytes = source.bytesRead(end.offset)
    committer.add({
      rows: count,
      emitted,
      filtered,
      refused,
      end,
      bytes,
      done,
      ...(recovered.size > 0 && { recovered }),
    })
    seq = end.seq
    return { taken: count, sent: count - filtered, bytes: batcher.inFlightBytes() - bytesBefore }
  }

  for await (const rows of source.blocks) {
    for (let from = 0; from < rows.length; ) {
      if (room !== undefined) await untilAborted(room, stop)
      await budget?.pass(stop)
      if (owed === 0) owed = await pacer.take(MAX_GROUP_ROWS, stop)
      if (stop.aborted) return false
      const allowed = Math.min(rows.length - from, MAX_GROUP_ROWS, lastRow() - seq)
      if (allowed <= 0) return seq === feed.rows
      const reserved = committer.reserved() - seq
      if (reserved <= 0) {
        await untilAborted(committer.nextCommit(), stop)
        continue
      }
      const { taken, sent, bytes } = sendGroup(rows, from, Math.min(allowed, reserved), owed)
      owed -= sent
      from += taken
      budget?.spend(sent, bytes)
      if (notDueBefore !== undefined) {
        const waitMs = notDueBefore - clock.now()
        if (waitMs > 0) await clock.sleep(Math.min(waitMs, LONGEST_SLEEP_MS), stop)
      }
      unreadable?.check(feed)
    }
  }
  return true
}

function addRecovered(recovered: Map<string, Recovered>, feed: string, isEmitted: boolean): void {
  const sum = recovered.get(feed) ?? { recovered: 0, emitted: 0, refused: 0 }
  recovered.set(feed, sum)
  sum.recovered++
  if (isEmitted) sum.emitted++
  else sum.refused++
}
