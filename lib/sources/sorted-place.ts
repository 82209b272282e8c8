import { createHash } from 'node:crypto'
import type { S3Object } from './s3-object.ts'

/** Where the sorted copy of a source is. */
export function copyOf({ sourceBucket, source }: { sourceBucket: string; source: S3Object }) {
  const name = createHash('sha256').update(`${source.bucket}/${source.key} ${source.etag}`).digest('hex')
  return { bucket: sourceBucket, key: `sorted/${name}.jsonl` }
}
