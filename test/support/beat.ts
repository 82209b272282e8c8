import type { Redis } from 'ioredis'
import { workerIndexKey, workerKey } from '../../lib/redis/keys.ts'

/** One heartbeat of a worker that does not exist. */
export async function beat(redis: Redis, id: string, kind: string, since: number): Promise<void> {
  const at = Date.now()
  const heartbeat = {
    id,
    kind,
    state: 'running',
    since,
    at,
    version: '0',
    host: 'test',
    pid: 1,
    holds: [],
    progress: {},
    eventLoopUtilization: 0,
    rssMb: 1,
  }
  await redis.set(workerKey(id), JSON.stringify(heartbeat), 'EX', 3_600)
  await redis.zadd(workerIndexKey(), at, id)
}
