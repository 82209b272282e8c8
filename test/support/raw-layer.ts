import { gunzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { AwsAddress } from '../../lib/aws/aws-address.ts'
import { createS3Client } from '../../lib/aws/s3-client.ts'

/** Every event of the raw layer, as often as it was delivered, and the keys of its objects. */
export async function readRawLayer(
  address: AwsAddress,
  bucket: string,
): Promise<{ keys: string[]; events: { feed: string; seq: number }[] }> {
  const s3 = createS3Client(address)
  const keys: string[] = []
  const events: { feed: string; seq: number }[] = []
  let token: string | undefined
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket: bucket, ContinuationToken: token }))
    for (const { Key = '' } of page.Contents ?? []) {
      keys.push(Key)
      const object = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }))
      const bytes = (await object.Body?.transformToByteArray()) ?? new Uint8Array()
      const lines = gunzipSync(bytes).toString('utf8').trimEnd().split('\n')
      for (const line of lines) events.push(JSON.parse(line) as { feed: string; seq: number })
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
  s3.destroy()
  return { keys, events }
}
