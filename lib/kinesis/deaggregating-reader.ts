import { deaggregate } from './deaggregate.ts'
import type { KinesisRecord } from './kinesis-record.ts'
import { type Checkpoint, comparePositions, parsePosition } from './position.ts'
import type { ShardReader } from './shard-reader.ts'

/**
 * Gives user records where `reader` gives records as they were put. A checkpoint inside an aggregate makes the reader
 * begin with the whole of it: the parts that were done before are dropped here. Nothing else is, whatever its number:
 * after an expired checkpoint, or in a stream that was made anew, all that comes is to be handled.
 */
export function createDeaggregatingReader(reader: ShardReader, checkpoint: Checkpoint): ShardReader {
  const done = parsePosition(checkpoint)
  const isDone = (record: KinesisRecord) =>
    done !== undefined && record.sequenceNumber === done.sequenceNumber && comparePositions(record, done) <= 0
  return {
    async read(signal) {
      const read = await reader.read(signal)
      if (read === undefined) return undefined
      const records: KinesisRecord[] = []
      for (const record of read.records) {
        for (const part of deaggregate(record)) if (!isDone(part)) records.push(part)
      }
      return { ...read, records }
    },
  }
}
