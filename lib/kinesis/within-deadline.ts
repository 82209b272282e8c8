import type { Clock } from '../clock.ts'
import { RoadpulseError } from '../errors.ts'

/**
 * Runs `call` for at most `ms` milliseconds: a service that neither answers nor closes the connection is given up with
 * `DEADLINE_EXCEEDED`. The signal that `call` gets aborts then, and with `signal`; after that it is not waited for.
 */
export async function withinDeadline<T>(
  call: (signal: AbortSignal) => Promise<T>,
  options: { ms: number; signal: AbortSignal; clock: Clock },
): Promise<T> {
  const { ms, signal, clock } = options
  signal.throwIfAborted()
  const returned = new AbortController()
  const gaveUp = new AbortController()
  const aborted = Promise.withResolvers<never>()
  const giveUp = (reason: unknown) => {
    // First, or the client's own answer to the abort would hide why it was given up.
    aborted.reject(reason)
    gaveUp.abort(reason)
  }
  const onAbort = () => giveUp(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  const watch = async () => {
    await clock.sleep(ms, returned.signal)
    if (!returned.signal.aborted) giveUp(new RoadpulseError('DEADLINE_EXCEEDED', `no answer in ${ms} ms`))
  }
  void watch()
  try {
    return await Promise.race([call(gaveUp.signal), aborted.promise])
  } finally {
    returned.abort()
    signal.removeEventListener('abort', onAbort)
  }
}
