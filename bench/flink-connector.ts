import { LOCAL_AWS } from '../deploy/local/stack-options.ts'
import { createKinesisClient } from '../lib/aws/kinesis-client.ts'
import { createStream } from './create-stream.ts'
import { fillStream } from './fill-stream.ts'
import type { Bench } from './main.ts'
import { compileJavaBenches, runJavaBench } from './run-java-bench.ts'
import { startStandIns } from './stand-ins.ts'

const SOURCE = 'connector-source'
const SINK = 'connector-sink'
const SHARDS = 4
const RECORD_BYTES = 900

/**
 * What the connector of the Flink job costs: its source into its sink, in the order-per-key mode that the job uses, with
 * checkpoints, against a bare loop of GetRecords and PutRecords. Both pass the same records between the same two streams,
 * with the same SDK in one JVM, by turns, without the pace that Kinesis would impose. The stand-in is what limits both, so
 * the CPU of the JVM says more than the rate; it is that of the whole JVM, with Flink's own share.
 */
export const flinkConnectorBench: Bench = async ({ quick }) => {
  const records = quick ? 30_000 : 150_000
  const rounds = quick ? 1 : 5
  await compileJavaBenches()
  const standIns = await startStandIns()
  const kinesis = createKinesisClient({ ...standIns.environment })
  try {
    await fillStream(kinesis, { stream: SOURCE, shards: SHARDS, records, recordBytes: RECORD_BYTES })
    await createStream(kinesis, SINK, SHARDS)
    const figures = await runJavaBench('roadpulse.kinesis.ConnectorBench', [
      standIns.environment.AWS_ENDPOINT_URL,
      LOCAL_AWS.AWS_REGION,
      SOURCE,
      `${records}`,
      SINK,
      `${rounds}`,
    ])
    const { recordsPerSecond = 0, bareRecordsPerSecond = 0 } = figures
    const { cpuSecondsPer100kRecords = 0, bareCpuSecondsPer100kRecords = 0 } = figures
    return {
      ...figures,
      ratioToBareLoop: ratio(recordsPerSecond, bareRecordsPerSecond),
      cpuRatioToBareLoop: ratio(cpuSecondsPer100kRecords, bareCpuSecondsPer100kRecords),
    }
  } finally {
    kinesis.destroy()
    await standIns.stop()
  }
}

function ratio(figure: number, bare: number): number {
  return Math.round((figure / bare) * 100) / 100
}
