import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'

/** All gzipped objects of a bucket, as text, by key. */
export async function readGzippedObjects(
  s3: S3Client,
  bucket: string,
  prefix = '',
): Promise<Map<string, string>> {
  const objects = new Map<string, string>()
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))
  for (const { Key = '' } of Contents) {
    const reply = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
    const bytes = (await reply.Body?.transformToByteArray()) ?? new Uint8Array()
    objects.set(Key, gunzipSync(bytes).toString())
  }
  return objects
}
