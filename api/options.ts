import { isIP } from 'node:net'
import { type Static, Type } from 'typebox'
import { RoadpulseError } from '../lib/errors.ts'
import { awsOptions, processOptions, redisOptions } from '../lib/process/common-options.ts'

export const apiOptions = Type.Object({
  ...processOptions,
  ...redisOptions,
  ...awsOptions,
  HTTP_HOST: Type.String({ default: '127.0.0.1', description: 'address of the api and the page' }),
  HTTP_PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65_535,
    description: 'port of the api and the page; 0 takes a free one',
  }),
  PROCESSED_STREAM: Type.String({
    minLength: 1,
    description: 'name of stream 2, which Flink writes and the consumer reads',
  }),
  RAW_BUCKET: Type.String({ minLength: 1, description: 'bucket of the raw layer' }),
  CONSUMER_APPLICATION: Type.String({
    default: 'roadpulse-consumer',
    minLength: 1,
    description: 'name under which the consumers share leases and checkpoints',
  }),
})
export type ApiOptions = Static<typeof apiOptions>

/** Nobody asks for a token yet, so nobody but this machine may ask for anything. */
export function assertLoopback(host: string): void {
  if (isLoopback(host)) return
  throw new RoadpulseError(
    'CONFIGURATION',
    `HTTP_HOST is ${host}: without access tokens the api only listens on this machine; set it to 127.0.0.1 or ::1`,
  )
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === '::1' || host === 'localhost'
}
