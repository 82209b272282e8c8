import type { Redis } from 'ioredis'

/** `live-4` follows `live-3`. */
export function nextLive(current: string): string {
  return `live-${Number(current.slice('live-'.length)) + 1}`
}

/**
 * The name of a live feed that follows none. Redis may have been emptied: a number that was used before would have
 * its rows taken for ones that were sent again, so it is the time, in Unix seconds.
 */
export async function firstLive(redis: Redis): Promise<string> {
  const [seconds] = await redis.time()
  return `live-${seconds}`
}
