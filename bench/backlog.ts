import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { fillStream } from './fill-stream.ts'
import type { Bench } from './main.ts'
import { runReader } from './run-reader.ts'
import { startStandIns } from './stand-ins.ts'

const STREAM = 'backlog'
const SHARDS = 64
const BACKLOG_BYTES = 10 * 1_048_576
const RECORD_BYTES = 9_000
const MIB = 1_048_576

/**
 * What one worker with 64 shards occupies, each of which has 10 MiB to be read and a handler that is much slower than
 * the reading: beyond what the process had before it began, and in how far that is more than it may read ahead.
 */
export const backlogBench: Bench = async ({ quick }) => {
  const readAheadMiB = 32
  const standIns = await startStandIns()
  const kinesis = createKinesisClient({ ...standIns.environment })
  try {
    const records = Math.floor((SHARDS * BACKLOG_BYTES) / RECORD_BYTES / (quick ? 4 : 1))
    await fillStream(kinesis, { stream: STREAM, shards: SHARDS, records, recordBytes: RECORD_BYTES })
    const { peakMiB, startMiB } = await runReader('library', {
      ...standIns.environment,
      STREAM,
      APPLICATION: STREAM,
      RECORDS: `${records}`,
      READ_AHEAD_BYTES: `${readAheadMiB * MIB}`,
      MAX_BATCH_RECORDS: '100',
      HANDLE_MS: '1000',
    })
    return {
      readAheadMiB,
      backlogMiB: Math.round((records * RECORD_BYTES) / MIB),
      startMiB: Math.round(startMiB),
      peakMiB: Math.round(peakMiB),
      beyondReadAheadMiB: Math.round(peakMiB - startMiB - readAheadMiB),
    }
  } finally {
    kinesis.destroy()
    await standIns.stop()
  }
}
