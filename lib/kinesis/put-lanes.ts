import {
  addTo,
  type Batch,
  type CallLimits,
  hasRoom,
  newSegment,
  type PutRecord,
  type Segment,
  sizeOf,
} from './put-segment.ts'

/** Until the shard has taken them, records wait; `attempt` counts the calls in a row of which it took nothing. */
type Lane = { name: string; waiting: Segment[]; attempt: number }

/** Segments that go into one call; of which lane, if it is the one call of a lane. */
export type PutCall = { segments: Segment[]; lane?: Lane }

export type PutLanes = {
  /** Lets a record wait behind others of its shard. False when that takes what it is given. */
  take(record: PutRecord, size: number, batch: Batch): boolean
  /** What became of a call: what was refused waits. */
  done(call: PutCall, refused: readonly Segment[]): void
}

/**
 * The lanes of the shards that refuse records. All records of such a shard wait in its lane, and go to it in one call at
 * a time, after each that was refused with a delay of their own; so the calls to other shards carry none of them. A lane
 * ends when nothing waits in it any more.
 */
export function createPutLanes(options: {
  /** Without it, or while it does not know, all records share one lane. */
  shardOf: ((partitionKey: string) => string | undefined) | undefined
  limits: CallLimits
  /** Resolves after the delay that follows so many refusals in a row. */
  sleep: (attempt: number) => Promise<void>
  onCall: (call: PutCall) => void
}): PutLanes {
  const { shardOf, limits, sleep, onCall } = options
  const lanes = new Map<string, Lane>()

  const nameOf = ({ partitionKey }: PutRecord) => shardOf?.(partitionKey) ?? ''

  function addToLane(lane: Lane, record: PutRecord, size: number, batch: Batch): void {
    let last = lane.waiting.at(-1)
    if (last?.batch !== batch || !hasRoom(last, size, limits)) {
      last = newSegment(batch)
      lane.waiting.push(last)
    }
    addTo(last, record, size)
  }

  function putAside(record: PutRecord, batch: Batch): void {
    const name = nameOf(record)
    let lane = lanes.get(name)
    if (lane === undefined) {
      lane = { name, waiting: [], attempt: 1 }
      lanes.set(name, lane)
      void goOnLater(lane)
    }
    addToLane(lane, record, sizeOf(record), batch)
  }

  async function goOnLater(lane: Lane): Promise<void> {
    await sleep(lane.attempt)
    goOn(lane)
  }

  function goOn(lane: Lane): void {
    const segments = takeCall(lane.waiting, limits)
    if (segments.length > 0) onCall({ segments, lane })
    else lanes.delete(lane.name)
  }

  return {
    take(record, size, batch) {
      const lane = lanes.size === 0 ? undefined : lanes.get(nameOf(record))
      if (lane === undefined) return false
      addToLane(lane, record, size, batch)
      return true
    },

    done({ segments, lane }, refused) {
      if (lane === undefined) {
        for (const { batch, records } of refused) for (const record of records) putAside(record, batch)
        return
      }
      if (refused.length === 0) return goOn(lane)
      lane.waiting.unshift(...refused)
      // Whatever was taken shows that the shard has room: start over with short delays.
      lane.attempt = countRecords(refused) < countRecords(segments) ? 1 : lane.attempt + 1
      void goOnLater(lane)
    },
  }
}

/** Takes as many segments from the front as one call holds. */
function takeCall(waiting: Segment[], limits: CallLimits): Segment[] {
  let records = 0
  let bytes = 0
  let count = 0
  for (const segment of waiting) {
    records += segment.records.length
    bytes += segment.bytes
    if (records > limits.records || bytes > limits.bytes) break
    count++
  }
  return waiting.splice(0, count)
}

function countRecords(segments: readonly Segment[]): number {
  return segments.reduce((sum, { records }) => sum + records.length, 0)
}
