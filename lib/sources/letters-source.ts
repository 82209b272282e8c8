import { gunzipSync, gzipSync } from 'node:zlib'
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { DeadLetter } from '../dead-letters/dead-letter-store.ts'
import type { LetterPlace } from '../dead-letters/letter-id.ts'
import { headObject, type S3Object, sourceError } from './s3-object.ts'
import type { SourceRow } from './source-row.ts'

const BLOCK_ROWS = 500

/** A dead letter that is to be fed in again, with the fix that somebody made to it. A record of stream 2 is no row. */
export type RecoveredLetter = Pick<DeadLetter, 'feed' | 'seq' | 'attempt' | 'file' | 'line' | 'offset'> & {
  place: LetterPlace
  bytes: Buffer
}

type LetterList = {
  /** Headers of the CSVs that the rows are of, by file. */
  headers: Record<string, (string | null)[]>
  letters: (Omit<RecoveredLetter, 'bytes'> & { base64: string })[]
}

/** Keeps what a recovery sends as an object of its own. */
export async function writeLetters(
  s3: S3Client,
  at: { bucket: string; key: string },
  letters: readonly RecoveredLetter[],
  headers: LetterList['headers'],
): Promise<S3Object & { bytes: number }> {
  const list: LetterList = {
    headers,
    letters: letters.map(({ bytes, ...rest }) => ({ ...rest, base64: bytes.toString('base64') })),
  }
  const body = gzipSync(JSON.stringify(list))
  await s3.send(
    new PutObjectCommand({ Bucket: at.bucket, Key: at.key, Body: body, ContentType: 'application/gzip' }),
  )
  return { ...at, ...(await headObject(s3, at)) }
}

export type OpenLetters = {
  headers: LetterList['headers']
  letters: RecoveredLetter[]
  blocks: AsyncGenerator<SourceRow[]>
}

/** Opens what `writeLetters` kept. There are as many as one person chose, so it is read whole. */
export async function openLetters(s3: S3Client, list: S3Object): Promise<OpenLetters> {
  const command = new GetObjectCommand({ Bucket: list.bucket, Key: list.key, IfMatch: list.etag })
  const reply = await s3.send(command).catch((error: unknown) => {
    throw sourceError(list, error)
  })
  const json = gunzipSync((await reply.Body?.transformToByteArray()) ?? new Uint8Array()).toString('utf8')
  const { headers, letters: stored } = JSON.parse(json) as LetterList
  const letters = stored.map(({ base64, ...rest }) => ({ ...rest, bytes: Buffer.from(base64, 'base64') }))
  return { headers, letters, blocks: blocksOf(letters.map(toRow)) }
}

function toRow(letter: RecoveredLetter, index: number): SourceRow {
  const { bytes, file, line = 0, offset = 0 } = letter
  return {
    ...(file === undefined ? {} : { file }),
    line,
    offset,
    nextOffset: index + 1,
    nextLine: index + 1,
    bytes,
    quoted: bytes.includes('"'),
    letter,
  }
}

async function* blocksOf(rows: readonly SourceRow[]): AsyncGenerator<SourceRow[]> {
  for (let at = 0; at < rows.length; at += BLOCK_ROWS) yield rows.slice(at, at + BLOCK_ROWS)
}
