import { DescribeStreamSummaryCommand, type KinesisClient } from '@aws-sdk/client-kinesis'
import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import { streamAddress } from '../kinesis/stream-address.ts'

/** Checks for `/health/ready`: whether the stream and the bucket answer. */
export function awsChecks(clients: { kinesis: KinesisClient; s3: S3Client }, stream: string, bucket: string) {
  return {
    kinesis: () => clients.kinesis.send(new DescribeStreamSummaryCommand(streamAddress(stream))),
    s3: () => clients.s3.send(new HeadBucketCommand({ Bucket: bucket })),
  }
}
