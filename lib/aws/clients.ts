import { Agent } from 'node:http'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { S3Client } from '@aws-sdk/client-s3'
import { NodeHttpHandler } from '@smithy/node-http-handler'

/** The environment's description of AWS, as `awsOptions` reads it. */
export type AwsAddress = { AWS_REGION: string; AWS_ENDPOINT_URL?: string; AWS_ENDPOINT_URL_KINESIS?: string }

const REQUEST_TIMEOUT_MS = 10_000
const CONNECTION_TIMEOUT_MS = 3_000

/** `maxAttempts`: 1 for callers that try again themselves and want to know of each failure at once. */
export function createKinesisClient(
  address: AwsAddress,
  options: { maxAttempts?: number } = {},
): KinesisClient {
  const endpoint = address.AWS_ENDPOINT_URL_KINESIS ?? address.AWS_ENDPOINT_URL
  return new KinesisClient({ ...settings(address, endpoint), ...options })
}

export function createS3Client(address: AwsAddress): S3Client {
  return new S3Client({
    ...settings(address, address.AWS_ENDPOINT_URL),
    // A stand-in has one host name for all buckets.
    forcePathStyle: address.AWS_ENDPOINT_URL !== undefined,
  })
}

/**
 * The local stand-ins speak HTTP/1.1 only, and the Kinesis client would open HTTP/2. Against AWS itself the SDK's own
 * handlers stay.
 */
function settings(address: AwsAddress, endpoint: string | undefined) {
  if (endpoint === undefined) return { region: address.AWS_REGION }
  return {
    region: address.AWS_REGION,
    endpoint,
    requestHandler: new NodeHttpHandler({
      httpAgent: new Agent({ keepAlive: true, maxSockets: 50 }),
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without this the handler only warns, and a server that hangs is waited for without end.
      throwOnRequestTimeout: true,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
    }),
  }
}
