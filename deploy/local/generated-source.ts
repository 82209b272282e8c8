import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { generateCsv } from './generator/generate-csv.ts'

/** The demo's file: the same one in every run with the same options, made when it is not there. */
export async function generatedSource(options: {
  folder: string
  rows: number
  rate: number
  onProgress: (message: string) => void
}): Promise<string> {
  const { rows, rate } = options
  const file = `${options.folder}/accidents-${rows}-rows-at-${rate}.csv`
  if (existsSync(file)) return file
  options.onProgress(`generating ${rows.toLocaleString('en-US')} rows`)
  mkdirSync(options.folder, { recursive: true })
  await pipeline(Readable.from(generateCsv({ seed: SEED, rows, rate })), createWriteStream(`${file}.part`))
  renameSync(`${file}.part`, file)
  return file
}

const SEED = 1
