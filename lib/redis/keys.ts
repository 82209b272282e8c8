/**
 * Every key of Redis that more than one process touches. The braces are hash tags: keys that one script changes
 * together live in one slot, so that the scripts also run on a cluster. Each family has a bound and an expiry.
 */

/** Hash tag of one feed. */
const feedTag = (feed: string) => `rp:{feed:${feed}}`

// The fleet -------------------------------------------------------------------------------------------------

/** Sorted set of worker ids by their last heartbeat, epoch ms by the clock of Redis. Trimmed to an hour. */
export const workerIndexKey = () => 'rp:workers'
/** String: a worker's heartbeat as JSON. Expires after an hour. */
export const workerKey = (workerId: string) => `rp:worker:${workerId}`

// Feeds -----------------------------------------------------------------------------------------------------
// One hash tag for all of them: ending a live feed and starting the next one is a single step.

/** Sorted set of feed names by creation, epoch ms. Names whose feed has expired are pruned when a feed is created. */
export const feedIndexKey = () => 'rp:{feeds}:index'
/** String: the newest live feed's name, what the alias `live` stands for. */
export const liveAliasKey = () => 'rp:{feeds}:live'
/** Set of the names of feeds that are not over. */
export const openFeedsKey = () => 'rp:{feeds}:open'
/** Sorted set of the names of feeds whose state is `running`, by the last claim of one of their ranges, epoch ms. */
export const runningFeedsKey = () => 'rp:{feeds}:running'
/**
 * Hash: `plan` and `pace` (JSON), `state`, `createdAt`, `startedAt`, `finishedAt`, `message`; `wanted`, the state in
 * which it is to end. Expires 7 days after its end.
 */
export const feedKey = (feed: string) => `rp:{feeds}:feed:${feed}`
/**
 * Hash: the producer's counts of the feed, `read refused filtered emitted recovered`; `ranges`, how many there are so
 * far; `preparing`, a share while its source is prepared; and of each range, as `<range>:<field>`, the same counts, `epoch`, `start` and `end`, the position
 * `offset line seq`, `reserved`, `bytes` read, and `done`: `finished` or `stopped`. Expires with its feed.
 */
export const rangesKey = (feed: string) => `rp:{feeds}:feed:${feed}:ranges`
/**
 * Sorted set: epoch ms of an acknowledgement (score) and `ms:emitted` (member), how many rows had been emitted by then.
 * The last 10 minutes. Expires with its feed.
 */
export const emittedTrailKey = (feed: string) => `rp:{feeds}:feed:${feed}:emitted`

/**
 * Hash: the ids of dead letters, and the recovery that feeds each in again. What a recovery holds counts until that is
 * over, and leaves the hash then.
 */
export const claimedLettersKey = () => 'rp:{feeds}:claimed-letters'
/**
 * String: epoch ms up to which the rows that a divided feed owes at a rate are given out to its runners. Another rate
 * begins anew. Expires when nobody asks: after some seconds, or twice the time of a row.
 */
export const rateBucketKey = (feed: string, rowsPerSecond: number) =>
  `rp:{feeds}:feed:${feed}:rate:${rowsPerSecond}`
/** String: epoch ms by which all that replays have put on the stream will have been earned. Expires a second later. */
export const replayBudgetKey = () => 'rp:{feeds}:replay-budget'

// What the consumer received --------------------------------------------------------------------------------
// Each write of the consumer renews the expiry of what it touches: all of a feed goes 7 days after its last event.

/** Hash: `json`, the greatest tally of the feed, and `in` and `watermark`, by which it is the greatest. */
export const tallyKey = (feed: string) => `${feedTag(feed)}:tally`
/** Bitmap by seq: which events of this type have had their effect. At most 32 MiB: greater seqs are refused. */
export const receiptKey = (feed: string, type: 'accident' | 'accident_late' | 'rejected') =>
  `${feedTag(feed)}:receipt:${type}`
/** Sorted set of ids of rejected records without a usable seq, by arrival, epoch ms. The last 100,000. */
export const rejectedIdsKey = (feed: string) => `${feedTag(feed)}:receipt:rejected-ids`
/**
 * Hash: `accident`, `accident_late`, `rejected` received, distinct; `windowed`, the sum of the minute windows;
 * `folded_before`, epoch ms: minutes before it have become hours.
 */
export const receivedKey = (feed: string) => `${feedTag(feed)}:received`
/** Hash of one minute (epoch ms of its start): `final:CA|2` from Flink's window, `open:CA|2` counted as accidents come. */
export const minuteKey = (feed: string, minute: number) => `${feedTag(feed)}:minute:${minute}`
/** Sorted set of the minutes that have a hash, by themselves. Those older than 48 h are folded into hours. */
export const minuteIndexKey = (feed: string) => `${feedTag(feed)}:minutes`
/** Hash of one hour (epoch ms of its start), folded from its minutes: `CA|2`. */
export const hourKey = (feed: string, hour: number) => `${feedTag(feed)}:hour:${hour}`
/** Sorted set of the hours that have a hash, by themselves. The last 31 days. */
export const hourIndexKey = (feed: string) => `${feedTag(feed)}:hours`
/** Hash: accidents on time since the feed began, by state: `CA`. */
export const stateTotalsKey = (feed: string) => `${feedTag(feed)}:states`
/** Hash: `window_start` and `window_end` of the newest window of hotspots; `1` to `20`, its ranks, each as JSON. */
export const hotspotsKey = (feed: string) => `${feedTag(feed)}:hotspots`
/** The same of cities and counties: `city|1` to `city|10`, `county|1` to `county|10`. */
export const topCitiesKey = (feed: string) => `${feedTag(feed)}:top-cities`
/** Hash of surges as JSON by area and start, `state|CA|<epoch ms>`: the open ones, and those of `surgeEndsKey`. */
export const surgesKey = (feed: string) => `${feedTag(feed)}:surges`
/** Sorted set of the fields of surges that are over, by their end, epoch ms. The last 100. */
export const surgeEndsKey = (feed: string) => `${feedTag(feed)}:surge-ends`
/** Sorted set of areas, `state|CA`, by the start of their newest surge, epoch ms. The last 1,000; the others' surges go. */
export const surgeAreasKey = (feed: string) => `${feedTag(feed)}:surge-areas`
/** Stream of the last 2,000 or so accidents, field `json`; `late` is `1` for those that were. */
export const accidentsKey = (feed: string) => `${feedTag(feed)}:accidents`
/** Stream of the last 200 or so rejected records, field `json`. */
export const rejectedKey = (feed: string) => `${feedTag(feed)}:rejected`
/** Sorted set of feeds that the consumer has received anything of, by the last time, epoch ms. The last 7 days. */
export const receivedFeedsKey = () => 'rp:received-feeds'

// What the api remembers --------------------------------------------------------------------------------------

/** String: fingerprint and feed of the request that came with an `Idempotency-Key`, as JSON. Expires after a day. */
export const idempotencyKey = (hash: string) => `rp:idempotency:${hash}`

/** String: epoch ms since when a feed's counts have not agreed. Expires after 7 days. */
export const brokenSinceKey = (feed: string) => `${feedTag(feed)}:broken-since`

/** String: SHA-256 of the token with which a session was begun, by that of the session's id. Expires after 8 hours. */
export const sessionKey = (idHash: string) => `rp:{sessions}:${idHash}`
/** Sorted set of a token's sessions (hashes of their ids) by their end, epoch ms. The last 100. Expires with the newest. */
export const sessionsOfTokenKey = (tokenHash: string) => `rp:{sessions}:of:${tokenHash}`

// What the watchdog remembers ---------------------------------------------------------------------------------
// One hash tag for all of it: a decision and what is to be told of it are a single step.

/**
 * Hash: `owner` and `epoch` of the api that watches, `expiresAt` and `passedAt`, the end of its last pass, in epoch ms.
 * Four fields, for ever.
 */
export const watchLeaseKey = () => 'rp:{watch}:lease'
/** String: what the passes know, as JSON; some KiB, as there are workers, shards and feeds. Expires after 7 days. */
export const watchMemoryKey = () => 'rp:{watch}:memory'
/** Hash of open incidents as JSON by id: at most one for each kind and service. They stay until they are closed. */
export const openIncidentsKey = () => 'rp:{watch}:open'
/** Sorted set of the ids of closed incidents, by their end, epoch ms. The last 500 of 7 days; expires after these. */
export const closedIncidentsKey = () => 'rp:{watch}:closed'
/** Hash of the same as JSON by id. Expires with it. */
export const pastIncidentsKey = () => 'rp:{watch}:past'
/** Hash of publications as JSON by dedup id, two for an incident that is listed. They go with it. */
export const publicationsKey = () => 'rp:{watch}:publications'
/** Sorted set of the dedup ids that SNS has not taken yet, in their order. Of incidents that are listed. */
export const outboxKey = () => 'rp:{watch}:outbox'
/**
 * String: the last 2,000 severe accidents and surges that have been taken in, and what of them is to be told, as
 * JSON. Expires after a day.
 */
export const digestStateKey = () => 'rp:{watch}:digest-state'
/** List of digests as JSON that SNS has not taken yet: the last 200. Expires after a day. */
export const digestsWaitingKey = () => 'rp:{watch}:digests'
