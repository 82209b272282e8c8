/** A feed's record is kept so long after its end. */
export const KEEP_AFTER_END_SECONDS = 7 * 24 * 3_600
/** How far back one can ask how much of a feed had been emitted. */
export const TRAIL_MS = 10 * 60_000
