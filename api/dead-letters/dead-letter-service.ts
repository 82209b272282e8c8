import { randomBytes } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import type {
  DeadLetterReader,
  LetterQuery,
  StoredLetter,
} from '../../lib/dead-letters/dead-letter-reader.ts'
import { letterIdOf, parseLetterId } from '../../lib/dead-letters/letter-id.ts'
import { RoadpulseError } from '../../lib/errors.ts'
import type { FeedPlan } from '../../lib/feeds/feed.ts'
import type { FeedQueue } from '../../lib/feeds/feed-queue.ts'
import type { FeedStore } from '../../lib/feeds/feed-store.ts'
import type { Recoveries } from '../../lib/feeds/recoveries.ts'
import { openCsv } from '../../lib/sources/csv-source.ts'
import { parseS3Uri } from '../../lib/sources/freeze-source.ts'
import { type RecoveredLetter, writeLetters } from '../../lib/sources/letters-source.ts'
import { headObject, modifiedAt } from '../../lib/sources/s3-object.ts'
import { Problem } from '../problems.ts'
import { describeReplay, type Replay } from '../replays/replay-resource.ts'
import { type DeadLetterItem, describeLetter } from './dead-letter-resource.ts'
import { MAX_LETTERS, type RecoveryRequest } from './recovery-request.ts'

const OPENING_BRACE = 123

export type DeadLetterPage = { items: DeadLetterItem[]; nextCursor: string | null }

/** What `/dead-letters` offers. */
export type DeadLetterService = {
  /** Newest first. A cursor is the id of the last letter of the page before. */
  list(query: LetterQuery, page: { limit: number; cursor?: string }): Promise<DeadLetterPage>
  get(id: string): Promise<DeadLetterItem>
  /** Feeds letters in again: those by their ids, or all that are not done and on no way back yet. */
  recover(request: RecoveryRequest): Promise<Replay>
}

export function createDeadLetterService(options: {
  s3: S3Client
  /** Where copies of the letters are kept while they are fed in. */
  sourceBucket: string
  letters: DeadLetterReader
  recoveries: Recoveries
  feeds: FeedStore
  queue: FeedQueue
}): DeadLetterService {
  const { s3, letters, recoveries, feeds, queue } = options

  async function describe(found: readonly StoredLetter[]): Promise<DeadLetterItem[]> {
    const holders = await recoveries.holders(found.map(({ id }) => id))
    return found.map((letter, i) => describeLetter(letter, holders[i] ?? null))
  }

  async function find(id: string): Promise<StoredLetter> {
    const place = parseLetterId(id)
    const letter = place && (await letters.read(place).catch(undefinedIfMissing))
    if (letter === undefined) throw new Problem('NOT_FOUND', `There is no dead letter ${id}.`)
    return letter
  }

  async function choose(request: RecoveryRequest): Promise<StoredLetter[]> {
    const { origin, ids, from = '', to = '', feed } = request
    if (ids !== undefined) return Promise.all([...new Set(ids)].map(find))
    const chosen: StoredLetter[] = []
    const query = {
      origin,
      from: Date.parse(from),
      to: Date.parse(to),
      ...(feed === undefined ? {} : { feed }),
    }
    for await (const letter of letters.letters(query)) {
      if (letter.done !== undefined) continue
      if (chosen.length === MAX_LETTERS) {
        throw refusal('/body/from', `there are more than ${MAX_LETTERS}: take a shorter time, or one feed`)
      }
      chosen.push(letter)
    }
    const holders = await recoveries.holders(chosen.map(({ id }) => id))
    return chosen.filter((_letter, i) => holders[i] === null)
  }

  /**
   * The headers of the CSVs that rows are of: without them nobody knows what their fields are. A file that was written
   * after one of its rows was put aside may have other columns.
   */
  async function readHeaders(
    recovered: readonly RecoveredLetter[],
    chosen: readonly StoredLetter[],
  ): Promise<Record<string, (string | null)[]>> {
    const rows = chosen.filter((_letter, i) => recovered[i]?.bytes[0] !== OPENING_BRACE)
    const headers: Record<string, (string | null)[]> = {}
    for (const [file, ofFile] of Map.groupBy(rows, (row) => row.file)) {
      if (file === undefined) continue
      const object = parseS3Uri(file)
      try {
        const { etag } = await headObject(s3, object)
        const source = { ...object, etag }
        const position = { offset: 0, line: 0, seq: 0 }
        const csv = await openCsv({ s3, source, position, signal: AbortSignal.timeout(HEADER_DEADLINE_MS) })
        await csv.blocks.return(undefined)
        headers[file] = csv.columns.map((column) => column?.header ?? null)
        const writtenAt = await modifiedAt(s3, object)
        const older = ofFile.find(({ storedAt }) => storedAt < writtenAt)
        if (older !== undefined) {
          throw refusal(
            '/body/ids',
            `${file} was written again after ${older.id} was put aside, and may have other columns: give the row as JSON in fixes`,
          )
        }
      } catch (error) {
        if (!(error instanceof RoadpulseError)) throw error
        throw refusal('/body/ids', `the header of ${file} cannot be read (${error.message})`)
      }
    }
    return headers
  }

  return {
    async list(query, { limit, cursor }) {
      const found: StoredLetter[] = []
      const after = cursor === undefined ? undefined : parseLetterId(cursor)
      for await (const letter of letters.letters(query, after)) {
        if (found.length === limit) {
          return { items: await describe(found), nextCursor: found.at(-1)?.id ?? null }
        }
        found.push(letter)
      }
      return { items: await describe(found), nextCursor: null }
    },

    async get(id) {
      const [item] = await describe([await find(id)])
      if (item === undefined) throw new Problem('NOT_FOUND', `There is no dead letter ${id}.`)
      return item
    },

    async recover(request) {
      const chosen = await choose(request)
      checkChosen(chosen, request)
      const fixes = new Map((request.fixes ?? []).map(({ id, text }) => [id, text]))
      const recovered = chosen.map((letter) => toRecovered(letter, fixes.get(letter.id)))
      const id = randomBytes(5).toString('hex')
      const headers = request.origin === 'handler' ? {} : await readHeaders(recovered, chosen)
      const at = { bucket: options.sourceBucket, key: `lists/${id}.json.gz` }
      const { bytes, ...list } = await writeLetters(s3, at, recovered, headers)
      const plan: FeedPlan = {
        source: { kind: 'dead-letters', origin: request.origin, list, letters: recovered.length, bytes },
        pace: { kind: 'max' },
        repeat: false,
        ...(request.name === undefined ? {} : { label: request.name }),
      }
      const name = `recovery-${id}`
      const ids = recovered.map(({ place }) => letterIdOf(place))
      await recoveries.create(name, plan, ids).catch((error: unknown) => {
        if (!(error instanceof RoadpulseError) || error.code !== 'LETTERS_CLAIMED') throw error
        throw new Problem('LETTERS_CLAIMED', `${error.message}.`, { cause: error })
      })
      await queue.ensureJob({ feed: name, range: 0 })
      const feed = await feeds.get(name)
      if (feed === undefined) throw new Error(`the recovery ${name} vanished`)
      return describeReplay(feeds, feed, Date.now())
    },
  }
}

const HEADER_DEADLINE_MS = 20_000

function toRecovered(letter: StoredLetter, fix: string | undefined): RecoveredLetter {
  const { place, feed, seq, attempt, file, line, offset, bytes } = letter
  return {
    place,
    ...(feed === undefined ? {} : { feed }),
    ...(seq === undefined ? {} : { seq }),
    ...(attempt === undefined ? {} : { attempt }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    ...(offset === undefined ? {} : { offset }),
    bytes: fix === undefined ? Buffer.from(bytes) : Buffer.from(fix),
  }
}

/** Each must have the way back that was asked for, and not have gone it before. */
function checkChosen(chosen: readonly StoredLetter[], { origin, ids }: RecoveryRequest): void {
  if (chosen.length === 0) throw refusal('/body/from', 'there is no such letter that is not done')
  const place = ids === undefined ? '/body/from' : '/body/ids'
  for (const letter of chosen) {
    const name = `${letter.id} (${letter.reason})`
    if (letter.origin !== origin) throw refusal(place, `${name} has the origin ${letter.origin}`)
    if (letter.done !== undefined) throw refusal(place, `${name} was fed in by ${letter.done.recovery}`)
    if (origin === 'handler') continue
    if (letter.feed === undefined || letter.seq === undefined) {
      throw refusal(place, `${name} is of no feed and row that are known`)
    }
  }
}

function refusal(pointer: string, message: string): Problem {
  return new Problem('UNPROCESSABLE_REQUEST', `${pointer} ${message}`, { errors: [{ pointer, message }] })
}

function undefinedIfMissing(error: unknown): undefined {
  if (error instanceof RoadpulseError && error.code === 'SOURCE_MISSING') return undefined
  throw error
}
