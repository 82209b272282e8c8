import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { BackupStore } from './checkpoint-backup.ts'

/** Keeps the backup as one object. S3 replaces an object at once: a reader sees the old one or the new one. */
export function createS3BackupStore(options: {
  s3: Pick<S3Client, 'send'>
  bucket: string
  key: string
}): BackupStore {
  const { s3 } = options
  const address = { Bucket: options.bucket, Key: options.key }
  return {
    async write(text) {
      await s3.send(new PutObjectCommand({ ...address, Body: text, ContentType: 'application/json' }))
    },
    async read() {
      try {
        const { Body } = await s3.send(new GetObjectCommand(address))
        return await Body?.transformToString()
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined
        throw error
      }
    },
  }
}
