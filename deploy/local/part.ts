export type Command = {
  program: string
  args: readonly string[]
  environment?: Readonly<Record<string, string>>
}

/** One process of the local stack: how it is started, how one knows that it works, how it is stopped. */
export type Part = {
  name: string
  /** Made anew for each start. */
  command(): Promise<Command> | Command
  /** Whether it does its work. May reject while it does not answer. */
  isReady(): Promise<boolean>
  readyDeadlineMs: number
  /** Asked by SIGTERM, it has so long before it is killed. */
  stopDeadlineMs: number
  /**
   * What has to be done each time it has become ready: a stand-in that forgot what was deployed gets it again. With
   * `restart` it is ended cleanly and started once more, because only then it keeps what it was just given.
   */
  prepare?(): Promise<'ready' | 'restart'>
  /** Where it can be reached, for `stack.json`. */
  address?: string
  /** Where Prometheus can scrape it, for `stack.json`. */
  metrics?: string
}
