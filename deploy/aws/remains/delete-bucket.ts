import {
  AbortMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { RoadpulseError } from '../../../lib/errors.ts'
import { retry } from '../../../lib/retry.ts'

const EMPTY_DEADLINE_MS = 300_000
const SHOWN_FAULTS = 3

/**
 * Deletes a bucket with all that is in it, versions and begun uploads too. What S3 itself still writes meanwhile, such
 * as access logs, is deleted as it comes.
 */
export async function deleteBucket(s3: S3Client, bucket: string): Promise<void> {
  await retry(
    async () => {
      await emptyBucket(s3, bucket)
      await s3.send(new DeleteBucketCommand({ Bucket: bucket }))
    },
    {
      baseMs: 1_000,
      maxMs: 10_000,
      deadlineMs: EMPTY_DEADLINE_MS,
      isRetryable: (error) => (error as Error).name === 'BucketNotEmpty',
    },
  )
}

async function emptyBucket(s3: S3Client, Bucket: string): Promise<void> {
  // Deleted pages leave the list, so the first page is always the next.
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }))
    if (Objects.length === 0) break
    const { Errors = [] } = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
    )
    if (Errors.length > 0) {
      const faults = Errors.slice(0, SHOWN_FAULTS).map(({ Key, Message }) => `${Key}: ${Message}`)
      throw new RoadpulseError('PART_FAILED', `${Bucket} cannot be emptied: ${faults.join('; ')}`)
    }
  }
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }))
  for (const { Key, UploadId } of Uploads)
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
}
