/** The keys of one application's leases. One hash tag: every script finds all of them in one slot of a cluster. */
export type LeaseKeys = ReturnType<typeof leaseKeys>

export function leaseKeys(application: string) {
  const prefix = `kinesis:{${application}}`
  return {
    /** String: the stream that the application reads. */
    stream: `${prefix}:stream`,
    /** Hash: shard id -> worker. A shard that nobody owns has no field. */
    owners: `${prefix}:owners`,
    /** Hash: shard id -> the epoch of its last change of owner. */
    epochs: `${prefix}:epochs`,
    /** Sorted set of shard ids by epoch ms: when the lease runs out, or since when nobody owns it. */
    expiries: `${prefix}:expiries`,
    /** Hash: shard id -> checkpoint. A shard has a lease when it has a field here. */
    checkpoints: `${prefix}:checkpoints`,
    /** Hash: shard id -> epoch ms of its last checkpoint. */
    checkpointTimes: `${prefix}:checkpoint-times`,
    /** Hash: shard id -> its parents, joined by commas. */
    parents: `${prefix}:parents`,
    /** Hash: shard id -> how far its owner is behind, ms, as of the last renewal. */
    lags: `${prefix}:lags`,
    /** Hash: shard id -> bytes per second that its owners have measured. */
    loads: `${prefix}:loads`,
    /** Hash: shard id -> epoch ms at which a handoff brought it to its owner. */
    moves: `${prefix}:moves`,
    /** Hash: shard id -> `deadline heir`, the deadline in epoch ms, while a handoff is under way. */
    handoffs: `${prefix}:handoffs`,
    /** Hash: worker -> `utilization joinedAt`: how busy it is, and since when it takes part, in epoch ms. */
    workerLoads: `${prefix}:worker-loads`,
    /** Sorted set of live workers by epoch ms at which they count as gone. */
    workers: `${prefix}:workers`,
    /** String, expires: a worker that does something for all of them has its turn. */
    turn: (task: string) => `${prefix}:turn:${task}`,
    /** String: epoch ms since when effects are rebuilt, because this store had lost them. */
    rebuiltSince: `${prefix}:rebuilt-since`,
    /** Channel: leases were made, released or completed. */
    channel: `${prefix}:changes`,
  }
}
