import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { constants, gunzipSync } from 'node:zlib'
import { RoadpulseError } from '../../lib/errors.ts'
import { NEEDED_HEADERS } from '../../lib/events/columns.ts'

const HEAD_BYTES = 65_536
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])
const BYTE_ORDER_MARK = '\uFEFF'

/**
 * Looks at the head of a CSV before anything is started for it. Throws `SOURCE_MISSING`, `SOURCE_UNREADABLE`, or
 * `SOURCE_COLUMNS_MISSING` that names all needed columns that are not there.
 */
export function checkCsv(path: string): void {
  const head = unpack(path, readHead(path))
  if (head.length === 0)
    throw new RoadpulseError('SOURCE_UNREADABLE', `${path} is empty: expected a CSV with a header`)
  if (head.includes(0))
    throw new RoadpulseError('SOURCE_UNREADABLE', `${path} is binary: expected a CSV, plain or .gz`)
  const header = head.toString('utf8').replace(BYTE_ORDER_MARK, '').split(/\r?\n/, 1)[0] ?? ''
  const columns = new Set(header.split(',').map((name) => name.trim().replace(/^"(.*)"$/, '$1')))
  const missing = NEEDED_HEADERS.filter((name) => !columns.has(name))
  if (missing.length > 0) {
    const shown = header.length > 120 ? `${header.slice(0, 120)}...` : header
    throw new RoadpulseError(
      'SOURCE_COLUMNS_MISSING',
      `${path} lacks the columns ${missing.join(', ')}: its first line is "${shown}"`,
    )
  }
}

function readHead(path: string): Buffer {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new RoadpulseError('SOURCE_MISSING', `${path} does not exist`)
  if (stat.isDirectory())
    throw new RoadpulseError('SOURCE_UNREADABLE', `${path} is a directory: expected a CSV file`)
  try {
    const file = openSync(path, 'r')
    const head = Buffer.alloc(HEAD_BYTES)
    const length = readSync(file, head)
    closeSync(file)
    return head.subarray(0, length)
  } catch (error) {
    throw new RoadpulseError('SOURCE_UNREADABLE', `${path} cannot be read`, error)
  }
}

/** Decompresses as much of a .gz as its head holds. */
function unpack(path: string, head: Buffer): Buffer {
  if (!head.subarray(0, 2).equals(GZIP_MAGIC)) return head
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH })
  } catch (error) {
    throw new RoadpulseError(
      'SOURCE_UNREADABLE',
      `${path} is damaged: it begins as a .gz and cannot be unpacked`,
      error,
    )
  }
}
