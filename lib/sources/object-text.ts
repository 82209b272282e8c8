import { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { RoadpulseError } from '../errors.ts'

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])

/** The text of an object, unzipped where its first bytes (not its name) say that it is gzipped. */
export async function openText(
  bytes: AsyncGenerator<Buffer>,
  name: string,
): Promise<{ chunks: AsyncGenerator<Buffer>; isPlain: boolean }> {
  const { head, all } = await takeHead(bytes, GZIP_MAGIC.length)
  const isPlain = !isGzip(head)
  return { chunks: isPlain ? all : gunzip(all, name), isPlain }
}

export const isGzip = (head: Buffer) => head.subarray(0, GZIP_MAGIC.length).equals(GZIP_MAGIC)

/** The first bytes, at least so many if there are so many, and all chunks with them. */
export async function takeHead(
  chunks: AsyncGenerator<Buffer>,
  atLeast: number,
): Promise<{ head: Buffer; all: AsyncGenerator<Buffer> }> {
  const taken: Buffer[] = []
  let length = 0
  while (length < atLeast) {
    const { value, done } = await chunks.next()
    if (done === true) break
    taken.push(value)
    length += value.length
  }
  const head = taken.length === 1 && taken[0] !== undefined ? taken[0] : Buffer.concat(taken)
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head
      yield* chunks
    } finally {
      await chunks.return(undefined)
    }
  }
  return { head, all: all() }
}

async function* gunzip(chunks: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const source = Readable.from(chunks)
  const unzip = createGunzip({ chunkSize: 262_144 })
  // `pipe` does not carry errors over: without this, a source that fails would leave the reader waiting.
  source.once('error', (error) => unzip.destroy(error))
  try {
    for await (const chunk of source.pipe(unzip)) yield chunk as Buffer
  } catch (error) {
    if (!isZlibError(error)) throw error
    throw new RoadpulseError('SOURCE_UNREADABLE', `${name} is damaged: it cannot be unzipped`, error)
  } finally {
    source.destroy()
  }
}

/** Errors of zlib have codes such as Z_DATA_ERROR and Z_BUF_ERROR (the end is missing). */
function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')
}
