import { RoadpulseError } from '../../lib/errors.ts'

const POLL_MS = 50
const DEADLINE_MS = 20_000

/** Waits until something is true of a stand-in. Throws `DEADLINE_EXCEEDED` after 20 s. */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + DEADLINE_MS
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new RoadpulseError('DEADLINE_EXCEEDED', `waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
