/** One table of every error that the code decides on: what it says, and whether trying again can help. */
const ERRORS = {
  CONFIGURATION: { retryable: false },
  SOURCE_MISSING: { retryable: false },
  SOURCE_UNREADABLE: { retryable: false },
  SOURCE_COLUMNS_MISSING: { retryable: false },
  SOURCE_CHANGED: { retryable: false },
  FEED_UNKNOWN: { retryable: false },
  LETTERS_CLAIMED: { retryable: false },
  FEED_STATE: { retryable: false },
  RECORD_TOO_LARGE: { retryable: false },
  RECORD_DAMAGED: { retryable: false },
  LEASE_LOST: { retryable: false },
  FENCED: { retryable: false },
  STREAM_MISSING: { retryable: false },
  HANDLER_FAILED: { retryable: true },
  STORE_UNAVAILABLE: { retryable: true },
  DEAD_LETTER_STORE_DOWN: { retryable: true },
  DEADLINE_EXCEEDED: { retryable: true },
  FAN_OUT_UNAVAILABLE: { retryable: true },
  PART_FAILED: { retryable: false },
  PREREQUISITE_MISSING: { retryable: false },
  PORT_IN_USE: { retryable: false },
} as const satisfies Record<string, { retryable: boolean }>

export type ErrorCode = keyof typeof ERRORS

/** An error with a stable `code`. Code decides by `code` and `retryable`, never by the text of `message`. */
export class RoadpulseError extends Error {
  readonly code: ErrorCode
  readonly retryable: boolean

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'RoadpulseError'
    this.code = code
    this.retryable = ERRORS[code].retryable
  }
}

export function hasCode(error: unknown, code: ErrorCode): boolean {
  return error instanceof RoadpulseError && error.code === code
}

/** What a person needs of an unknown thrown value, in one line, with the innermost cause. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message || error.name
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`
}
