import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ReadingFigures } from './reader-process.ts'

const READER = fileURLToPath(new URL('reader-process.ts', import.meta.url))
const DOCKERFILE = new URL('../Dockerfile', import.meta.url)

/** Reads a stream in a process of its own, with the memory settings of the image. */
export async function runReader(
  mode: 'bare' | 'library',
  environment: NodeJS.ProcessEnv,
): Promise<ReadingFigures> {
  const env = { ...process.env, ...memorySettings(), ...environment }
  const { stdout } = await promisify(execFile)(process.execPath, [READER, mode], { env })
  return JSON.parse(stdout) as ReadingFigures
}

function memorySettings(): NodeJS.ProcessEnv {
  const line = /^ENV NODE_OPTIONS="(.+)" MALLOC_ARENA_MAX=(\d+)$/m.exec(readFileSync(DOCKERFILE, 'utf8'))
  if (line === null) throw new Error('the image has other memory settings than expected')
  return { NODE_OPTIONS: line[1], MALLOC_ARENA_MAX: line[2] }
}
