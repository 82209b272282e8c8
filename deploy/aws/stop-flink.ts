import { type KinesisAnalyticsV2Client, StopApplicationCommand } from '@aws-sdk/client-kinesis-analytics-v2'
import { settledFlinkStatus } from './flink-status.ts'

/** Stops the application in order, so that what it has read is written out, and waits. Tells whether it had to. */
export async function stopFlink(
  flink: KinesisAnalyticsV2Client,
  name: string,
  pollMs: number,
): Promise<boolean> {
  if ((await settledFlinkStatus(flink, name, pollMs)) !== 'RUNNING') return false
  await flink.send(new StopApplicationCommand({ ApplicationName: name }))
  await settledFlinkStatus(flink, name, pollMs)
  return true
}
