/**
 * From now on whatever asks for chance, for time or for a timer otherwise than through its ports fails: a run would not
 * be the same twice. The scheduler's own turns of the event loop (setImmediate) know no time.
 */
export function forbidRealTime(): void {
  const forbid = (what: string) => () => {
    throw new Error(`${what} in the simulation: take it from the ports`)
  }
  Math.random = forbid('Math.random')
  Date.now = forbid('Date.now')
  performance.now = forbid('performance.now')
  Object.assign(globalThis, { setTimeout: forbid('setTimeout'), setInterval: forbid('setInterval') })
}
