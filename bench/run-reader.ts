import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { memorySettings } from './memory-settings.ts'
import type { ReadingFigures } from './reader-process.ts'

const READER = fileURLToPath(new URL('reader-process.ts', import.meta.url))

/** Reads a stream in a process of its own, with the memory settings of the image. */
export async function runReader(
  mode: 'bare' | 'library',
  environment: NodeJS.ProcessEnv,
): Promise<ReadingFigures> {
  const env = { ...process.env, ...memorySettings(), ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, [READER, mode], { env })
  return JSON.parse(stdout) as ReadingFigures
}
