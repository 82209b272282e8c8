import {
  DescribeApplicationCommand,
  type KinesisAnalyticsV2Client,
} from '@aws-sdk/client-kinesis-analytics-v2'
import { poll } from './poll.ts'

const DEADLINE_MS = 15 * 60_000

/** The status of an application once it is not on its way to another; nothing when there is no such application. */
export async function settledFlinkStatus(
  flink: KinesisAnalyticsV2Client,
  name: string,
  pollMs: number,
): Promise<string | undefined> {
  const { status } = await poll(`the application ${name}`, {
    everyMs: pollMs,
    deadlineMs: DEADLINE_MS,
    async probe() {
      const status = await readStatus(flink, name)
      return status?.endsWith('ING') === true && status !== 'RUNNING' ? undefined : { status }
    },
  })
  return status
}

async function readStatus(flink: KinesisAnalyticsV2Client, name: string): Promise<string | undefined> {
  try {
    const { ApplicationDetail } = await flink.send(new DescribeApplicationCommand({ ApplicationName: name }))
    return ApplicationDetail?.ApplicationStatus
  } catch (error) {
    if ((error as Error).name === 'ResourceNotFoundException') return undefined
    throw error
  }
}
