import { gunzipSync, gzipSync } from 'node:zlib'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { RoadpulseError } from '../errors.ts'
import { headObject, type S3Object, sourceError } from './s3-object.ts'

export type ListedObject = { key: string; etag: string; bytes: number }

/** All objects whose keys begin with `prefix`, in the order of their keys. */
export async function listObjects(s3: S3Client, bucket: string, prefix: string): Promise<ListedObject[]> {
  const listed: ListedObject[] = []
  let token: string | undefined
  do {
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token })
    const page = await s3.send(command).catch((error: unknown) => {
      throw sourceError({ bucket, key: prefix }, error)
    })
    for (const { Key: key = '', ETag: etag = '', Size: bytes = 0 } of page.Contents ?? []) {
      listed.push({ key, etag, bytes })
    }
    token = page.NextContinuationToken
  } while (token !== undefined)
  return listed
}

/** What follows `prefix` in keys, up to and including the next slash: the folders, so to speak. */
export async function listFolders(s3: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const folders: string[] = []
  let token: string | undefined
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: '/',
        ContinuationToken: token,
      }),
    )
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) folders.push(Prefix.slice(prefix.length))
    token = page.NextContinuationToken
  } while (token !== undefined)
  return folders
}

/** Keeps a list as an object of its own, so that what is read later is what was there now. */
export async function writeObjectList(
  s3: S3Client,
  at: { bucket: string; key: string },
  objects: readonly ListedObject[],
): Promise<S3Object> {
  const lines = objects.map((object) => JSON.stringify(object))
  const body = gzipSync(`${lines.join('\n')}\n`)
  await s3.send(
    new PutObjectCommand({ Bucket: at.bucket, Key: at.key, Body: body, ContentType: 'application/gzip' }),
  )
  const { etag } = await headObject(s3, at)
  return { ...at, etag }
}

export async function readObjectList(s3: S3Client, list: S3Object): Promise<ListedObject[]> {
  const command = new GetObjectCommand({ Bucket: list.bucket, Key: list.key, IfMatch: list.etag })
  const reply = await s3.send(command).catch((error: unknown) => {
    throw sourceError(list, error)
  })
  const bytes = (await reply.Body?.transformToByteArray()) ?? new Uint8Array()
  try {
    const lines = gunzipSync(bytes).toString('utf8').trimEnd().split('\n')
    return lines.map((line) => JSON.parse(line) as ListedObject)
  } catch (error) {
    const name = `s3://${list.bucket}/${list.key}`
    throw new RoadpulseError('SOURCE_UNREADABLE', `${name} is no list of objects`, error)
  }
}
