/** Of calls and of work: from what a local Redis takes to a minute. */
export const LATENCY_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60] as const
/** Finer around the 2 s that a row may take to its insight. */
export const FRESHNESS_SECONDS = [0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3, 5, 10, 30, 60] as const
/** Of single commands, of which most take less than a millisecond. */
export const COMMAND_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5] as const
