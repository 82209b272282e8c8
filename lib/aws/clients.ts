import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
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
  return new KinesisClient({
    region: address.AWS_REGION,
    ...(endpoint === undefined ? {} : { endpoint }),
    // The SDK would open HTTP/2, which stand-ins do not speak, in a session of its own for each call, which pays for a
    // handshake with every read. Only enhanced fan-out needs HTTP/2.
    requestHandler: createHttpHandler(),
    ...options,
  })
}

export function createS3Client(address: AwsAddress): S3Client {
  const endpoint = address.AWS_ENDPOINT_URL
  if (endpoint === undefined) return new S3Client({ region: address.AWS_REGION })
  return new S3Client({
    region: address.AWS_REGION,
    endpoint,
    // A stand-in has one host name for all buckets.
    forcePathStyle: true,
    requestHandler: createHttpHandler(),
  })
}

function createHttpHandler(): NodeHttpHandler {
  const agent = { keepAlive: true, maxSockets: 50 }
  return new NodeHttpHandler({
    httpAgent: new HttpAgent(agent),
    httpsAgent: new HttpsAgent(agent),
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Without this the handler only warns, and a server that hangs is waited for without end.
    throwOnRequestTimeout: true,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
  })
}
