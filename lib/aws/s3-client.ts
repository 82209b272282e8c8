import { S3Client } from '@aws-sdk/client-s3'
import { type AwsAddress, clientSettings } from './aws-address.ts'

export function createS3Client(address: AwsAddress): S3Client {
  const endpoint = address.AWS_ENDPOINT_URL
  // A stand-in has one host name for all buckets.
  return new S3Client({ ...clientSettings(address, endpoint), forcePathStyle: endpoint !== undefined })
}
