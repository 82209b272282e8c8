/** The local Kinesis as a process of its own: kinesalite, which keeps its streams under `KINESALITE_PATH`. */
import kinesalite from 'kinesalite'
import { Type } from 'typebox'
import { processOptions } from '../../lib/process/common-options.ts'
import { runProcess } from '../../lib/process/lifecycle.ts'

/** A shard of the stand-in has no throughput to protect, so a stream may have many. */
const SHARD_LIMIT = 1_000
const STREAM_CHANGE_MS = 50

await runProcess({
  name: 'kinesalite',
  summary: 'a Kinesis on this machine',
  options: Type.Object({
    LOG_LEVEL: processOptions.LOG_LEVEL,
    WORKER_ID: processOptions.WORKER_ID,
    KINESALITE_PORT: Type.Integer({
      default: 4567,
      minimum: 0,
      maximum: 65_535,
      description: 'port on loopback',
    }),
    KINESALITE_PATH: Type.Optional(
      Type.String({ description: 'folder that keeps the streams; without it: memory' }),
    ),
  }),
  async start({ options }) {
    const server = kinesalite({
      ...(options.KINESALITE_PATH === undefined ? {} : { path: options.KINESALITE_PATH }),
      createStreamMs: STREAM_CHANGE_MS,
      deleteStreamMs: STREAM_CHANGE_MS,
      updateStreamMs: STREAM_CHANGE_MS,
      shardLimit: SHARD_LIMIT,
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(options.KINESALITE_PORT, '127.0.0.1', resolve)
    })
    const failed = Promise.withResolvers<void>()
    server.on('error', failed.reject)
    return {
      done: failed.promise,
      async stop() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  },
})
