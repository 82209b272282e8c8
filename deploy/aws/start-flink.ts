import { type KinesisAnalyticsV2Client, StartApplicationCommand } from '@aws-sdk/client-kinesis-analytics-v2'
import { RoadpulseError } from '../../lib/errors.ts'
import { settledFlinkStatus } from './flink-status.ts'

/**
 * Starts the application where its last snapshot ended, or anew without one, and waits until it runs. Tells whether it
 * had to. Throws `PART_FAILED` when it comes back to a stand, `DEADLINE_EXCEEDED` when it is still not up after 15 minutes.
 */
export async function startFlink(
  flink: KinesisAnalyticsV2Client,
  name: string,
  pollMs: number,
): Promise<boolean> {
  const before = await settledFlinkStatus(flink, name, pollMs)
  if (before === 'RUNNING') return false
  if (before !== 'READY') throw new RoadpulseError('PART_FAILED', `the application ${name} is ${before}`)
  await flink.send(
    new StartApplicationCommand({
      ApplicationName: name,
      RunConfiguration: {
        ApplicationRestoreConfiguration: { ApplicationRestoreType: 'RESTORE_FROM_LATEST_SNAPSHOT' },
      },
    }),
  )
  const after = await settledFlinkStatus(flink, name, pollMs)
  if (after === 'RUNNING') return true
  throw new RoadpulseError(
    'PART_FAILED',
    `the application ${name} did not start (${after}): its log group /${name}/flink says why`,
  )
}
