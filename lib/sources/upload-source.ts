import { createHash } from 'node:crypto'
import { createReadStream, statSync } from 'node:fs'
import { basename } from 'node:path'
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

const PART_BYTES = 8 * 1_048_576
const PARALLEL_PARTS = 2
/** Enough of a SHA-256 to tell files apart. */
const HASH_CHARACTERS = 12

/**
 * Puts a file into the source bucket under a key that its content decides: the same file is not sent twice and resumes
 * its feed, another one is another source. Returns `s3://bucket/key`.
 */
export async function uploadSource(options: {
  s3: S3Client
  bucket: string
  file: string
  onProgress: (sentBytes: number, totalBytes: number) => void
}): Promise<string> {
  const { s3, bucket, file } = options
  const total = statSync(file).size
  const key = `csv/${await hashFile(file)}/${basename(file)}`
  const uri = `s3://${bucket}/${key}`
  if ((await sizeOf(s3, bucket, key)) === total) return uri
  const upload = new Upload({
    client: s3,
    params: { Bucket: bucket, Key: key, Body: createReadStream(file), ContentType: 'text/csv' },
    partSize: PART_BYTES,
    queueSize: PARALLEL_PARTS,
  })
  upload.on('httpUploadProgress', ({ loaded = 0 }) => options.onProgress(loaded, total))
  await upload.done()
  return uri
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex').slice(0, HASH_CHARACTERS)
}

async function sizeOf(s3: S3Client, bucket: string, key: string): Promise<number | undefined> {
  try {
    const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
    return ContentLength
  } catch (error) {
    if ((error as Error).name === 'NotFound') return undefined
    throw error
  }
}
