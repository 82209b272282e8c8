import { readFileSync } from 'node:fs'

const DOCKERFILE = new URL('../Dockerfile', import.meta.url)

/** The environment variables by which the image bounds the memory of a process. */
export function memorySettings(): { NODE_OPTIONS: string; MALLOC_ARENA_MAX: string } {
  const line = /^ENV NODE_OPTIONS="(.+)" MALLOC_ARENA_MAX=(\d+)$/m.exec(readFileSync(DOCKERFILE, 'utf8'))
  if (line === null) throw new Error('the image has other memory settings than expected')
  return { NODE_OPTIONS: line[1] ?? '', MALLOC_ARENA_MAX: line[2] ?? '' }
}
