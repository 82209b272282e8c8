/**
 * How many leases a worker should give back so that all live workers hold about the same number: at most one, so that
 * a change in the fleet moves shards one by one. `active`: leases to share out; `others`: what each other worker holds.
 *
 * Nobody needs more than the ceiling of the average. Below that, one is only given while another worker has less than
 * the floor: with 2, 2 and 0 of four, one of the twos gives; 2, 1 and 1 is as even as it gets and stays.
 */
export function leasesToGive(leases: { active: number; mine: number; others: readonly number[] }): 0 | 1 {
  const average = leases.active / (leases.others.length + 1)
  if (leases.mine > Math.ceil(average)) return 1
  const floor = Math.floor(average)
  return leases.mine > floor && leases.others.some((count) => count < floor) ? 1 : 0
}
