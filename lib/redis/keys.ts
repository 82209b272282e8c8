/**
 * Every key of Redis that more than one process touches. The braces are hash tags: keys that one script changes
 * together live in one slot, so that the scripts also run on a cluster. Each family has a bound and an expiry.
 */

/** Hash tag of one feed. */
const feedTag = (feed: string) => `rp:{feed:${feed}}`

// The fleet -------------------------------------------------------------------------------------------------

/** Sorted set of worker ids by their last heartbeat, epoch ms. Trimmed to an hour. */
export const workerIndexKey = () => 'rp:workers'
/** String: a worker's heartbeat as JSON. Expires after an hour. */
export const workerKey = (workerId: string) => `rp:worker:${workerId}`

// Feeds -----------------------------------------------------------------------------------------------------

/** Sorted set of feed names by creation, epoch ms. */
export const feedIndexKey = () => 'rp:feeds'
/** String: the newest live feed's name, what the alias `live` stands for. */
export const liveAliasKey = () => 'rp:feeds:live'
/** Hash: a feed's description (`json`), `state`, `createdAt`, `startedAt`, `finishedAt`, `message`. */
export const feedKey = (feed: string) => `${feedTag(feed)}:feed`
/** Hash of one range: `epoch`, `position` and the producer's counts `read refused filtered emitted recovered`. */
export const rangeKey = (feed: string, range: number) => `${feedTag(feed)}:range:${range}`
/** Sorted set: epoch ms (score) and `ms:emitted` (member), how many rows had been emitted by then. Last 10 minutes. */
export const emittedTrailKey = (feed: string) => `${feedTag(feed)}:emitted`

// What the consumer received --------------------------------------------------------------------------------

/** Hash: `json`, the greatest tally of the feed, and `in`, by which it is the greatest. */
export const tallyKey = (feed: string) => `${feedTag(feed)}:tally`
/** Bitmap by seq: which events of this type have had their effect. */
export const receiptKey = (feed: string, type: 'accident' | 'accident_late' | 'rejected') =>
  `${feedTag(feed)}:receipt:${type}`
/** Set of ids of rejected records that have no seq. */
export const rejectedIdsKey = (feed: string) => `${feedTag(feed)}:receipt:rejected-ids`
/** Hash: `accident`, `accident_late`, `rejected` received, distinct; `windowed`, the sum of the minute windows. */
export const receivedKey = (feed: string) => `${feedTag(feed)}:received`
/** Hash of one minute (epoch ms of its start): `final:CA|2` from Flink's window, `open:CA|2` counted as accidents come. */
export const minuteKey = (feed: string, minute: number) => `${feedTag(feed)}:minute:${minute}`
/** Sorted set of the minutes that have a hash, by themselves. */
export const minuteIndexKey = (feed: string) => `${feedTag(feed)}:minutes`
/** Hash: accidents since the feed began, by state: `CA`. */
export const stateTotalsKey = (feed: string) => `${feedTag(feed)}:states`
/** Stream of the last 2,000 accidents, field `json`. */
export const accidentsKey = (feed: string) => `${feedTag(feed)}:accidents`
/** Stream of the last 200 rejected records, field `json`. */
export const rejectedKey = (feed: string) => `${feedTag(feed)}:rejected`
/** Set of feeds that the consumer has received anything of. */
export const receivedFeedsKey = () => 'rp:received-feeds'
