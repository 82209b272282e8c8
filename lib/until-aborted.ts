/**
 * Resolves when `promise` settles or `signal` aborts, whichever comes first, and leaves nothing behind on the signal:
 * a race against one long-lived promise would keep every loser alive with it.
 */
export function untilAborted(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      signal.removeEventListener('abort', settle)
      resolve()
    }
    if (signal.aborted) return settle()
    signal.addEventListener('abort', settle)
    promise.then(settle, settle)
  })
}
