import type { Redis } from 'ioredis'

/** `maxBytes` is 0 where there is no limit. */
export type RedisMemory = { usedBytes: number; maxBytes: number }

export async function readMemory(redis: Redis): Promise<RedisMemory> {
  const text = await redis.info('memory')
  const valueOf = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0)
  return { usedBytes: valueOf('used_memory'), maxBytes: valueOf('maxmemory') }
}
