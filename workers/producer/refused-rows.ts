import type { Clock } from '../../lib/clock.ts'
import type { DeadLetter, DeadLetterStore } from '../../lib/dead-letters/dead-letter-store.ts'
import { hasCode } from '../../lib/errors.ts'
import { type Backoff, retry } from '../../lib/retry.ts'

/** Dead letters of this long are stored as one object. */
const COLLECT_MS = 1_000
const MAX_COLLECTED_BYTES = 4 * 1_048_576
const BACKOFF: Backoff = { baseMs: 200, maxMs: 5_000 }

export type RefusedRowsOptions = {
  deadLetters: DeadLetterStore
  clock: Clock
  signal: AbortSignal
  onRetry: (error: unknown) => void
  onStored: (letters: readonly DeadLetter[]) => void
}

export type RefusedRows = {
  /** Resolves when the dead letter is stored: only then does its row count as refused. */
  add(letter: DeadLetter): Promise<void>
  /** Stores what was collected without waiting for more. */
  flush(): void
}

/** Collects the dead letters of a run. A store that is down holds them up, and with them the feed's position. */
export function createRefusedRows(options: RefusedRowsOptions): RefusedRows {
  const { deadLetters, clock, signal, onRetry, onStored } = options
  let open: { letters: DeadLetter[]; bytes: number; cut: AbortController; stored: Promise<void> } | undefined

  function begin() {
    const cut = new AbortController()
    const letters: DeadLetter[] = []
    const stored = store(letters, cut.signal)
    return { letters, bytes: 0, cut, stored }
  }

  async function store(letters: DeadLetter[], cut: AbortSignal): Promise<void> {
    await clock.sleep(COLLECT_MS, cut)
    if (open?.letters === letters) open = undefined
    await retry(() => deadLetters.put(letters), {
      ...BACKOFF,
      isRetryable: (error) => hasCode(error, 'DEAD_LETTER_STORE_DOWN'),
      onRetry,
      signal,
      clock,
    })
    onStored(letters)
  }

  function flush(): void {
    open?.cut.abort()
    open = undefined
  }

  return {
    add(letter) {
      open ??= begin()
      const { stored } = open
      open.letters.push(letter)
      open.bytes += letter.bytes.byteLength
      if (open.bytes >= MAX_COLLECTED_BYTES) flush()
      return stored
    },
    flush,
  }
}
