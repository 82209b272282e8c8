import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { rawObjectBytes, rawObjectKey } from '../../../deploy/local/firehose/raw-object.ts'
import type { KinesisRecord } from '../../../lib/kinesis/kinesis-record.ts'

const DELIVERED_TWICE = 0.001

const compress = promisify(gzip)

export type RawObject = { key: string; body: Buffer }

/** Objects as Firehose makes them, of so many records each, some records twice. */
export async function rawObjects(
  records: readonly KinesisRecord[],
  recordsEach: number,
): Promise<RawObject[]> {
  const objects: RawObject[] = []
  for (let at = 0; at < records.length; at += recordsEach) {
    const part = records.slice(at, at + recordsEach)
    objects.push({ key: rawObjectKey(part), body: await compress(rawObjectBytes(part, DELIVERED_TWICE)) })
  }
  return objects
}

export async function putObjects(s3: S3Client, bucket: string, objects: readonly RawObject[]): Promise<void> {
  for (const { key, body } of objects)
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
}
