import type { DeadLetter } from '../../lib/dead-letters/dead-letter-store.ts'
import { RoadpulseError } from '../../lib/errors.ts'
import { type Feed, type FeedCounts, nameOfSource } from '../../lib/feeds/feed.ts'

const JUDGED_ROWS = 1_000
const EXAMPLES = 3

/**
 * Stops a feed whose source is not what it seems: too many of its first 1,000 rows cannot be read. A shorter source
 * is judged by the same number of rows, so a few bad ones in a small file never stop it.
 */
export function createUnreadableLimit(shareLimit: number, counted: FeedCounts) {
  let unreadable = counted.refused
  let read = counted.read
  const examples: string[] = []
  return {
    count(letter: DeadLetter, seq: number): void {
      read = seq
      if (seq > JUDGED_ROWS) return
      unreadable++
      if (examples.length < EXAMPLES) examples.push(`line ${letter.line}: ${letter.reason}`)
    },

    /** Throws `SOURCE_UNREADABLE` once the limit is passed. */
    check({ source }: Feed): void {
      if (examples.length === 0 || unreadable <= shareLimit * JUDGED_ROWS) return
      throw new RoadpulseError(
        'SOURCE_UNREADABLE',
        `${unreadable} of the first ${read} rows of ${nameOfSource(source)} cannot be read, for example ${examples.join('; ')}`,
      )
    },
  }
}
