import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type ChainableCommander, type Cluster, type Redis, ReplyError } from 'ioredis'

type Argument = string | number | Buffer

/** A Lua script in a file of its own. Its header states its invariant, its keys and its arguments. */
export type Script = {
  run(redis: Redis | Cluster, keys: readonly string[], args: readonly Argument[]): Promise<unknown>
  /** Adds the call to a pipeline. The script must have been `load`ed on that server. */
  queue(pipeline: ChainableCommander, keys: readonly string[], args: readonly Argument[]): ChainableCommander
  load(redis: Redis): Promise<void>
}

export function loadScript(file: URL): Script {
  const source = readFileSync(file, 'utf8')
  const sha = createHash('sha1').update(source).digest('hex')
  return {
    async run(redis, keys, args) {
      try {
        return await redis.evalsha(sha, keys.length, ...keys, ...args)
      } catch (error) {
        if (!isNoScript(error)) throw error
        return redis.eval(source, keys.length, ...keys, ...args)
      }
    },
    queue: (pipeline, keys, args) => pipeline.evalsha(sha, keys.length, ...keys, ...args),
    async load(redis) {
      await redis.script('LOAD', source)
    },
  }
}

/** NOSCRIPT is an error code of the protocol (the first word of a reply), not wording that may change. */
export function isNoScript(error: unknown): boolean {
  return error instanceof ReplyError && (error as Error).message.startsWith('NOSCRIPT ')
}
