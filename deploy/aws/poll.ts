import { setTimeout as delay } from 'node:timers/promises'
import { RoadpulseError } from '../../lib/errors.ts'

/** Asks until `probe` has an answer. Throws `DEADLINE_EXCEEDED`, saying what was waited for, when it never has. */
export async function poll<T>(
  what: string,
  options: { everyMs: number; deadlineMs: number; probe(): Promise<T | undefined> },
): Promise<T> {
  const giveUpAt = performance.now() + options.deadlineMs
  for (;;) {
    const answer = await options.probe()
    if (answer !== undefined) return answer
    if (performance.now() > giveUpAt)
      throw new RoadpulseError('DEADLINE_EXCEEDED', `waited in vain for ${what}`)
    await delay(options.everyMs)
  }
}
