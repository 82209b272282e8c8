import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { listFolders, listObjects } from '../sources/object-list.ts'
import { sourceError } from '../sources/s3-object.ts'
import type { DeadLetter, DeadLetterOrigin } from './dead-letter-store.ts'
import { type DoneMark, readDoneMarks } from './done-marks.ts'
import { type LetterPlace, letterIdOf } from './letter-id.ts'

const unzip = promisify(gunzip)

/** A dead letter as it is stored. */
export type StoredLetter = DeadLetter & {
  id: string
  place: LetterPlace
  /** Epoch ms. */
  storedAt: number
  /** It was fed in again. */
  done?: DoneMark
}

export type LetterQuery = {
  /** Absent: all. */
  origin?: DeadLetterOrigin
  /** Epoch ms of storing, both included. */
  from: number
  to: number
  feed?: string
}

export type DeadLetterReader = {
  /** Newest first, those older than `after`. Looks at no more than it needs, so it may be left at any time. */
  letters(query: LetterQuery, after?: LetterPlace): AsyncGenerator<StoredLetter>
  /** The letter there; undefined when there is none. */
  read(place: LetterPlace): Promise<StoredLetter | undefined>
}

export function createDeadLetterReader(options: { s3: S3Client; bucket: string }): DeadLetterReader {
  const { s3, bucket } = options

  async function readObject(key: string): Promise<StoredLetter[]> {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key })
    const [reply, marks] = await Promise.all([
      s3.send(command).catch((error: unknown) => {
        throw sourceError({ bucket, key }, error)
      }),
      readDoneMarks(s3, bucket, key),
    ])
    const text = (await unzip((await reply.Body?.transformToByteArray()) ?? new Uint8Array())).toString(
      'utf8',
    )
    return text
      .trimEnd()
      .split('\n')
      .map((line, index) => decodeLetter(line, { key, index }, marks.get(index)))
  }

  /** Days of which there are letters, YYYY-MM-DD, newest first. */
  async function daysOf(origin: DeadLetterOrigin | undefined): Promise<string[]> {
    const origins = origin === undefined ? ORIGINS : [origin]
    const folders = await Promise.all(origins.map((one) => listFolders(s3, bucket, `origin=${one}/`)))
    const days = folders.flat().map((folder) => folder.slice('dt='.length, -1))
    return [...new Set(days)].toSorted((a, b) => (a < b ? 1 : -1))
  }

  /** Keys of one day, newest first, whatever their origin. */
  async function keysOf(day: string, origin: DeadLetterOrigin | undefined): Promise<string[]> {
    const origins = origin === undefined ? ORIGINS : [origin]
    const lists = origins.map((one) => listObjects(s3, bucket, `origin=${one}/dt=${day}/`))
    const keys = (await Promise.all(lists)).flat().map(({ key }) => key)
    return keys.toSorted((a, b) => (nameOf(a) < nameOf(b) ? 1 : -1))
  }

  return {
    async *letters({ origin, from, to, feed }, after) {
      let isPast = after === undefined
      const days = (await daysOf(origin)).filter((day) => day >= dayOf(from) && day <= dayOf(to))
      for (const day of days) {
        for (const key of await keysOf(day, origin)) {
          if (!isPast && after !== undefined && nameOf(key) > nameOf(after.key)) continue
          for (const letter of (await readObject(key)).toReversed()) {
            if (!isPast && key === after?.key && letter.place.index >= after.index) continue
            isPast = true
            const isWanted = letter.storedAt >= from && letter.storedAt <= to
            if (isWanted && (feed === undefined || letter.feed === feed)) yield letter
          }
        }
      }
    },

    async read({ key, index }) {
      return (await readObject(key)).at(index)
    },
  }
}

const ORIGINS: readonly DeadLetterOrigin[] = ['row', 'rejected', 'handler', 'oversize']

const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10)

/** Names begin with the time of storing. */
const nameOf = (key: string) => key.slice(key.lastIndexOf('/') + 1)

function decodeLetter(line: string, place: LetterPlace, done: DoneMark | undefined): StoredLetter {
  const { bytesBase64, ...rest } = JSON.parse(line) as Omit<StoredLetter, 'bytes'> & { bytesBase64: string }
  const bytes = Buffer.from(bytesBase64, 'base64')
  return { ...rest, bytes, id: letterIdOf(place), place, ...(done === undefined ? {} : { done }) }
}
