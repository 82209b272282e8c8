import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'

const LF = 10
/** What is sorted in memory at once. Half a gigabyte of rows makes some twenty files of it. */
const RUN_BYTES = 24 * 1_048_576
const MERGE_BUFFER_BYTES = 65_536
const OUTPUT_BYTES = 262_144

/** A line, ended by a line feed, and what it is sorted by. */
export type SortLine = { key: number; line: Buffer }

export type ExternalSort = {
  add(line: SortLine): Promise<void> | undefined
  /** All lines by their keys, those with equal keys in the order in which they were added. Once, after the last `add`. */
  sorted(): AsyncGenerator<Buffer>
  /** Removes the files. */
  close(): Promise<void>
}

/**
 * Sorts more lines than memory holds: runs of them are sorted and kept in files of `folder`, then merged.
 * Source: Knuth, The Art of Computer Programming 3, section 5.4.1.
 */
export function createExternalSort(folder: string, runBytes = RUN_BYTES): ExternalSort {
  const files: string[] = []
  let run: SortLine[] = []
  let bytes = 0

  async function writeRun(): Promise<void> {
    const lines = run.toSorted((a, b) => a.key - b.key)
    run = []
    bytes = 0
    const path = join(folder, `run-${files.length}`)
    files.push(path)
    const file = await open(path, 'w')
    try {
      // The key goes in front of its line, so that the merge need not know how it was made.
      for (let at = 0; at < lines.length; at += 1_000) {
        const parts = lines.slice(at, at + 1_000).flatMap(({ key, line }) => [Buffer.from(`${key} `), line])
        await file.write(Buffer.concat(parts))
      }
    } finally {
      await file.close()
    }
  }

  return {
    add(line) {
      run.push(line)
      bytes += line.line.length
      return bytes < runBytes ? undefined : writeRun()
    },

    async *sorted() {
      if (run.length > 0) await writeRun()
      const readers = await Promise.all(files.map((path) => RunReader.open(path)))
      let output: Buffer[] = []
      let length = 0
      for (;;) {
        let least: RunReader | undefined
        // The earliest run of those with the least key: its lines were added first.
        for (const reader of readers) {
          if (reader.current !== undefined && (least === undefined || reader.key < least.key)) least = reader
        }
        if (least?.current === undefined) break
        output.push(least.current)
        length += least.current.length
        const waits = least.next()
        if (waits !== undefined) await waits
        if (length >= OUTPUT_BYTES) {
          yield Buffer.concat(output)
          output = []
          length = 0
        }
      }
      if (length > 0) yield Buffer.concat(output)
    },

    async close() {
      await Promise.all(files.map((path) => rm(path, { force: true })))
    },
  }
}

/** Reads a run line by line; waits only where its buffer ends. */
class RunReader {
  /** The line that is to be taken next; undefined at the end. */
  current: Buffer | undefined
  key = 0
  readonly #chunks: AsyncIterator<Buffer>
  #buffer: Buffer = Buffer.alloc(0)

  private constructor(path: string) {
    this.#chunks = createReadStream(path, { highWaterMark: MERGE_BUFFER_BYTES })[Symbol.asyncIterator]()
  }

  static async open(path: string): Promise<RunReader> {
    const reader = new RunReader(path)
    await reader.next()
    return reader
  }

  /** Goes to the next line. */
  next(): Promise<void> | undefined {
    const end = this.#buffer.indexOf(LF)
    if (end === -1) return this.#fill()
    const space = this.#buffer.indexOf(32)
    this.key = Number(this.#buffer.toString('latin1', 0, space))
    this.current = this.#buffer.subarray(space + 1, end + 1)
    this.#buffer = this.#buffer.subarray(end + 1)
    return undefined
  }

  async #fill(): Promise<void> {
    const { value, done } = await this.#chunks.next()
    if (done === true) {
      this.current = undefined
      return
    }
    this.#buffer = Buffer.concat([this.#buffer, value])
    await this.next()
  }
}
