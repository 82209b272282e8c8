import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { identifyProcess } from './process-identity.ts'

/** `stack.json`: what runs, for other programs. */
export type StackFile = {
  supervisor: { pid: number; identity: string }
  startedAt: string
  /** Name under which the demo's feed can always be asked for. */
  feed: 'live'
  parts: Record<string, StackPart>
}

/** `metrics`: where Prometheus can scrape the part. */
export type StackPart = {
  address?: string
  metrics?: string
  pid?: number
  version: string
  wanted: number
  log: string
}

export function writeStackFile(path: string, stack: StackFile): void {
  // Readers see the old file or the new one, never half of one.
  writeFileSync(`${path}.new`, `${JSON.stringify(stack, null, 2)}\n`)
  renameSync(`${path}.new`, path)
}

/** The stack that the file tells of, if its supervisor is alive. */
export function readRunningStack(path: string): StackFile | undefined {
  if (!existsSync(path)) return undefined
  const stack = JSON.parse(readFileSync(path, 'utf8')) as StackFile
  return identifyProcess(stack.supervisor.pid) === stack.supervisor.identity ? stack : undefined
}
