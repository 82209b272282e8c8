import { STAND_IN_GAPS } from '../../local/stand-in-gaps.ts'
import type { RemainsClients } from './clients.ts'
import { dataProbes } from './data-probes.ts'
import { fleetProbes } from './fleet-probes.ts'
import { networkProbes } from './network-probes.ts'
import { observabilityProbes } from './observability-probes.ts'
import type { Place, Probe, Remain } from './probe.ts'
import { streamingProbes } from './streaming-probes.ts'

export const STATELESS_PROBES: readonly Probe[] = [
  ...networkProbes,
  ...streamingProbes,
  ...fleetProbes,
  ...observabilityProbes,
]
export const DATA_PROBES = dataProbes

export type Found = { probe: Probe; remains: Remain[] }

/** The questions that can be asked: a stand-in knows nothing of what it does not have. */
export function askable(probes: readonly Probe[], isStandIn: boolean): readonly Probe[] {
  const gaps: readonly string[] = isStandIn ? STAND_IN_GAPS : []
  return probes.filter(({ type }) => !gaps.includes(type))
}

/** Asks every service what a project has there. */
export async function findRemains(
  probes: readonly Probe[],
  clients: RemainsClients,
  place: Place,
): Promise<Found[]> {
  const found = await Promise.all(
    probes.map(async (probe) => ({ probe, remains: await probe.find(clients, place) })),
  )
  return found.filter(({ remains }) => remains.length > 0)
}
