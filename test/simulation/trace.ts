import type { Log } from '../../lib/process/log.ts'

type Entry = { at: number; who: string; what: string; fields: unknown }

/** What happened in a run, in order. It is put into words only when somebody wants to read it. */
export class Trace {
  readonly #entries: Entry[] = []
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  add(who: string, what: string, fields?: unknown): void {
    this.#entries.push({ at: this.#now(), who, what, fields })
  }

  /** A log whose lines become events of the trace. */
  logOf(who: string): Log {
    const add = (fields: unknown, what?: string) =>
      typeof fields === 'string' ? this.add(who, fields) : this.add(who, what ?? '', fields)
    const log = { trace: add, debug: add, info: add, warn: add, error: add, fatal: add, child: () => log }
    return log as unknown as Log
  }

  /** The last `count` events, or all of them. */
  lines(count = this.#entries.length): string[] {
    return this.#entries.slice(-count).map(({ at, who, what, fields }) => {
      const said = fields === undefined ? '' : ` ${JSON.stringify(fields)}`
      return `${at.toFixed(1).padStart(11)}  ${who.padEnd(9)} ${what}${said}`
    })
  }
}
