import { zipSync } from 'fflate'

/** The first day that the format knows, in whatever zone: every file has the same, so the same files are the same bytes. */
const FIRST_DAY = new Date(1980, 0, 1)

/** A zip archive of files by their names, sorted and without a time: a function of the content alone. */
export function zip(files: Readonly<Record<string, Buffer>>): Buffer {
  const sorted = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return Buffer.from(zipSync(Object.fromEntries(sorted), { mtime: FIRST_DAY }))
}
