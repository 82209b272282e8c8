import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { describeError, RoadpulseError } from '../../lib/errors.ts'
import type { Part } from './part.ts'

const READY_POLL_MS = 100
const FIRST_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 30_000
/** A part that has worked for so long is started again at once when it dies. */
const HEALTHY_AFTER_MS = 60_000
const LOG_TAIL_LINES = 5

export type PartState = 'idle' | 'starting' | 'running' | 'backing off' | 'stopping' | 'stopped'

export type PartEvents = {
  onState(part: SupervisedPart, state: PartState): void
  /** It ended although nobody asked it to, and will be started again after the delay. */
  onDeath(part: SupervisedPart, how: string, restartInMs: number): void
  onSpawn(pid: number): void
  onExit(pid: number): void
}

/**
 * Runs one part: starts it, waits until it is ready, starts it again with backoff whenever it dies, and stops it.
 * The child has a process group of its own, so that Ctrl-C in a terminal reaches the supervisor alone, and the parts
 * can be stopped in order.
 */
export class SupervisedPart {
  readonly part: Part
  readonly logFile: string
  restarts = 0
  #events: PartEvents
  #environment: NodeJS.ProcessEnv
  #state: PartState = 'idle'
  #child: ChildProcess | undefined
  #exit: Promise<string> = Promise.resolve('never started')
  #stopping = new AbortController()
  #running: Promise<void> = Promise.resolve()

  constructor(
    part: Part,
    options: { logFolder: string; environment: NodeJS.ProcessEnv; events: PartEvents },
  ) {
    this.part = part
    this.logFile = `${options.logFolder}/${part.name}.log`
    this.#events = options.events
    this.#environment = options.environment
  }

  get state(): PartState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Resolves when the part is ready for the first time. Rejects with `PART_FAILED` when it does not come up. */
  async start(): Promise<void> {
    if (existsSync(this.logFile)) renameSync(this.logFile, `${this.logFile}.1`)
    await this.#bringUp()
    this.#running = this.#keepRunning()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#setState('stopping')
    await this.#end()
    await this.#running
    this.#setState('stopped')
  }

  /** For tests of faults: as if the machine had ended it. */
  kill(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  async #bringUp(): Promise<void> {
    this.#setState('starting')
    await this.#spawnAndAwaitReady()
    if ((await this.part.prepare?.()) === 'restart') {
      await this.#end()
      await this.#spawnAndAwaitReady()
    }
    if (!this.#stopping.signal.aborted) this.#setState('running')
  }

  async #spawnAndAwaitReady(): Promise<void> {
    await this.#spawn()
    const giveUpAt = performance.now() + this.part.readyDeadlineMs
    let ended: string | undefined
    void this.#exit.then((how) => (ended = how))
    while (!(await this.#answers())) {
      if (this.#stopping.signal.aborted) return
      if (ended !== undefined) throw this.#failure(`ended while it started (${ended})`)
      if (performance.now() > giveUpAt) {
        throw this.#failure(`was not ready within ${this.part.readyDeadlineMs / 1_000} s`)
      }
      await delay(READY_POLL_MS)
    }
  }

  async #keepRunning(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS
    let readyAt = performance.now()
    while (true) {
      let how = await this.#exit
      if (this.#stopping.signal.aborted) return
      if (performance.now() - readyAt > HEALTHY_AFTER_MS) backoffMs = FIRST_BACKOFF_MS
      while (true) {
        this.restarts++
        this.#setState('backing off')
        this.#events.onDeath(this, how, backoffMs)
        await delay(backoffMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
        if (this.#stopping.signal.aborted) return
        backoffMs = Math.min(backoffMs * 2, MAX_BACKOFF_MS)
        try {
          await this.#bringUp()
          readyAt = performance.now()
          break
        } catch (error) {
          if (this.#stopping.signal.aborted) return
          await this.#end()
          how = describeError(error)
        }
      }
    }
  }

  async #answers(): Promise<boolean> {
    try {
      return await this.part.isReady()
    } catch {
      // Not there yet: it is asked again until its deadline.
      return false
    }
  }

  async #spawn(): Promise<void> {
    const { program, args, environment } = await this.part.command()
    const log = openSync(this.logFile, 'a')
    const child = spawn(program, args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...this.#environment, ...environment },
    })
    closeSync(log)
    this.#child = child
    this.#exit = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('exit', (code, signal) => {
        if (child.pid !== undefined) this.#events.onExit(child.pid)
        resolve(signal ?? `exit code ${code}`)
      })
    })
    if (child.pid !== undefined) this.#events.onSpawn(child.pid)
  }

  /** Ends the process: politely, and after the deadline not. */
  async #end(): Promise<void> {
    const child = this.#child
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), this.part.stopDeadlineMs)
    await this.#exit
    clearTimeout(timer)
  }

  #failure(what: string): RoadpulseError {
    const tail = existsSync(this.logFile)
      ? readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n  ')
      : ''
    return new RoadpulseError(
      'PART_FAILED',
      `${this.part.name} ${what}; the end of ${this.logFile}:\n  ${tail}`,
    )
  }

  #setState(state: PartState): void {
    this.#state = state
    this.#events.onState(this, state)
  }
}
