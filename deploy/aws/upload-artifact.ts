import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'

const HASH_DIGITS = 12

/** Something that is uploaded under a name that changes with its content. */
export type Artifact = { key: string; content: Buffer }

/** The jar of the job, the Glue script, ...: `<folder>/<name>-<hash><extension>`. */
export function nameByContent(prefix: string, extension: string, content: Buffer): Artifact {
  return { key: `${prefix}-${contentHash(content)}${extension}`, content }
}

export function contentHash(...parts: readonly (Buffer | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex').slice(0, HASH_DIGITS)
}

export function readArtifact(prefix: string, extension: string, file: string): Artifact {
  return nameByContent(prefix, extension, readFileSync(file))
}

/** Uploads it, unless it is there: under its name there is only ever this content. Tells which. */
export async function uploadArtifact(s3: S3Client, bucket: string, artifact: Artifact): Promise<boolean> {
  const at = { Bucket: bucket, Key: artifact.key }
  if (await exists(s3, at)) return false
  await new Upload({ client: s3, params: { ...at, Body: artifact.content } }).done()
  return true
}

async function exists(s3: S3Client, at: { Bucket: string; Key: string }): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand(at))
    return true
  } catch (error) {
    if ((error as Error).name === 'NotFound') return false
    throw error
  }
}
