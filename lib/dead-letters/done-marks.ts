import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { listObjects } from '../sources/object-list.ts'
import type { LetterPlace } from './letter-id.ts'

/** By what, and when (epoch ms), a letter was fed in again. */
export type DoneMark = { recovery: string; at: number }

type MarkedLines = DoneMark & { lines: number[] }

/** Marks letters as done: one small object for each of theirs, so that they are never rewritten. The same call again changes nothing. */
export async function markDone(
  s3: S3Client,
  bucket: string,
  places: readonly LetterPlace[],
  mark: DoneMark,
): Promise<void> {
  for (const [key, group] of Map.groupBy(places, (place) => place.key)) {
    const marked: MarkedLines = { ...mark, lines: group.map(({ index }) => index) }
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: `${prefixOf(key)}${mark.recovery}.json`,
        Body: JSON.stringify(marked),
        ContentType: 'application/json',
      }),
    )
  }
}

/** The marks of the letters of one object, by their lines. */
export async function readDoneMarks(
  s3: S3Client,
  bucket: string,
  key: string,
): Promise<Map<number, DoneMark>> {
  const marks = new Map<number, DoneMark>()
  for (const object of await listObjects(s3, bucket, prefixOf(key))) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: object.key }))
    const { lines, ...mark } = JSON.parse((await Body?.transformToString()) ?? '') as MarkedLines
    for (const line of lines) marks.set(line, mark)
  }
  return marks
}

const prefixOf = (key: string) => `done/${key}/`
