import { ListStreamsCommand } from '@aws-sdk/client-kinesis'
import { createKinesisClient } from '../../../lib/aws/kinesis-client.ts'
import type { Part } from '../part.ts'

const MAIN = new URL('../kinesalite-main.ts', import.meta.url).pathname

export function kinesisPart(options: { port: number; folder: string; region: string }): Part {
  const endpoint = `http://127.0.0.1:${options.port}`
  return {
    name: 'kinesis',
    address: endpoint,
    readyDeadlineMs: 20_000,
    stopDeadlineMs: 2_000,
    command: () => ({
      program: process.execPath,
      args: [MAIN],
      environment: { KINESALITE_PORT: `${options.port}`, KINESALITE_PATH: options.folder },
    }),
    async isReady() {
      const kinesis = createKinesisClient({ AWS_REGION: options.region, AWS_ENDPOINT_URL_KINESIS: endpoint })
      try {
        await kinesis.send(new ListStreamsCommand({}))
        return true
      } finally {
        kinesis.destroy()
      }
    },
  }
}
