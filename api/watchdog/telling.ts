import type { Clock } from '../../lib/clock.ts'
import type { CheckResult } from '../../lib/process/probes.ts'
import { toIsoTime } from '../field-types.ts'
import type { Publication, Telling } from './incident.ts'

/** One missed answer does not worry anybody. */
const FAILING_AFTER_MS = 5_000

export type TellingState = {
  /** Takes in what SNS said to this process, and what it said to whoever publishes. */
  observe(check: CheckResult | undefined, publications: readonly Publication[]): Telling
}

/** Whether people can be told, and since when not. */
export function createTelling(options: { isConfigured: boolean; clock: Clock }): TellingState {
  const { isConfigured, clock } = options
  const off = { state: 'off', since: null, detail: 'no topic is configured' } as const
  let silentSince: number | undefined
  let failingSince: number | undefined

  return {
    observe(check, publications) {
      if (!isConfigured) return off
      const now = clock.now()
      silentSince = check?.status === 'failing' ? (silentSince ?? now) : undefined
      const isSilent = silentSince !== undefined && now - silentSince >= FAILING_AFTER_MS
      const refused = publications.find(({ state }) => state === 'failed')
      failingSince = isSilent || refused !== undefined ? (failingSince ?? silentSince ?? now) : undefined
      if (failingSince === undefined) return { state: 'ok', since: null, detail: null }
      const detail = refused?.error ?? check?.error ?? 'no answer'
      return { state: 'failing', since: toIsoTime(failingSince), detail: `SNS: ${detail}` }
    },
  }
}
