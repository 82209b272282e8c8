import { mkdirSync } from 'node:fs'
import { Redis } from 'ioredis'
import { findRedisServer } from '../find-redis-server.ts'
import type { Part } from '../part.ts'
import type { VirtualEnvironment } from '../virtual-environment.ts'

const CONNECT_TIMEOUT_MS = 500

export function redisPart(options: {
  port: number
  folder: string
  path: string
  environment: VirtualEnvironment
}): Part {
  const url = `redis://127.0.0.1:${options.port}`
  return {
    name: 'redis',
    address: url,
    readyDeadlineMs: 20_000,
    stopDeadlineMs: 2_000,
    async command() {
      const network = ['--port', `${options.port}`, '--bind', '127.0.0.1', '--dir', options.folder]
      // BullMQ loses jobs when keys are evicted; a kill -9 may lose the last second, and every part bears that.
      const durability = ['--maxmemory-policy', 'noeviction', '--appendonly', 'yes', '--save', '']
      mkdirSync(options.folder, { recursive: true })
      return {
        program: await findRedisServer(options.path, options.environment),
        args: [...network, ...durability],
      }
    },
    async isReady() {
      const redis = new Redis(url, {
        lazyConnect: true,
        connectTimeout: CONNECT_TIMEOUT_MS,
        retryStrategy: () => null,
      })
      // Refused connections are expected while it starts; `connect` rejects with them.
      redis.on('error', () => undefined)
      try {
        await redis.connect()
        return (await redis.ping()) === 'PONG'
      } finally {
        redis.disconnect()
      }
    },
  }
}
