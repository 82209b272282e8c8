import { type ChildProcess, spawn } from 'node:child_process'
import { RoadpulseError } from '../../lib/errors.ts'
import type { PartEvents } from './supervised-part.ts'

const END_GRACE_MS = 2_000
const OUTPUT_TAIL_LENGTH = 4_000

export type ToolResult = {
  /** `null` when it was ended by a signal. */
  code: number | null
  /** The end of what it said on both streams; empty when that went into a file. */
  output: string
}

/** The programs that a start needs for a while (Maven, pip). They never outlive the start that called them. */
export class Tools {
  #events: Pick<PartEvents, 'onSpawn' | 'onExit'>
  #running = new Map<ChildProcess, Promise<unknown>>()
  #isStopped = false

  constructor(events?: Pick<PartEvents, 'onSpawn' | 'onExit'>) {
    this.#events = events ?? { onSpawn: () => undefined, onExit: () => undefined }
  }

  /** Resolves when the program has ended, whatever its exit code; rejects when it cannot be started. */
  async run(program: string, args: readonly string[], logDescriptor?: number): Promise<ToolResult> {
    if (this.#isStopped) throw new RoadpulseError('PART_FAILED', 'the stack is being stopped')
    const to = logDescriptor ?? 'pipe'
    const child = spawn(program, args, { stdio: ['ignore', to, to] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = `${output}${chunk.toString()}`.slice(-OUTPUT_TAIL_LENGTH)
      })
    }
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    const { pid } = child
    this.#running.set(
      child,
      ended.catch(() => undefined),
    )
    if (pid !== undefined) this.#events.onSpawn(pid)
    try {
      return { code: await ended, output: output.trimEnd() }
    } finally {
      this.#running.delete(child)
      if (pid !== undefined) this.#events.onExit(pid)
    }
  }

  /** Ends the programs that run, politely, and after a moment not. No other is started. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const running = [...this.#running]
    for (const [child] of running) child.kill('SIGTERM')
    const timer = setTimeout(() => {
      for (const [child] of running) child.kill('SIGKILL')
    }, END_GRACE_MS)
    await Promise.all(running.map(([, ended]) => ended))
    clearTimeout(timer)
  }
}
