import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { type AwsAddress, clientSettings } from './aws-address.ts'

/** Metrics are text that repeats itself: a thousand values become a twentieth of their size. */
const COMPRESS_FROM_BYTES = 1_024

export function createCloudWatchClient(address: AwsAddress): CloudWatchClient {
  return new CloudWatchClient({
    ...clientSettings(address, address.AWS_ENDPOINT_URL),
    requestMinCompressionSizeBytes: COMPRESS_FROM_BYTES,
  })
}
