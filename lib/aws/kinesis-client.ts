import { KinesisClient } from '@aws-sdk/client-kinesis'
import { type AwsAddress, clientSettings } from './aws-address.ts'

/**
 * `maxAttempts`: 1 for callers that try again themselves and want to know of each failure at once. The SDK alone would
 * open HTTP/2, which stand-ins do not speak, in a session of its own for each call, which pays for a handshake with every
 * read. Only enhanced fan-out needs HTTP/2.
 */
export function createKinesisClient(
  address: AwsAddress,
  options: { maxAttempts?: number } = {},
): KinesisClient {
  const endpoint = address.AWS_ENDPOINT_URL_KINESIS ?? address.AWS_ENDPOINT_URL
  return new KinesisClient({ ...clientSettings(address, endpoint), ...options })
}
