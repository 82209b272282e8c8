import { hostname } from 'node:os'
import { Type } from 'typebox'

/** Options that every process has. */
export const processOptions = {
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], {
    default: 'info',
    description: 'how much is logged: trace, debug, info, warn, error or fatal',
  }),
  PROBE_HOST: Type.String({
    default: '127.0.0.1',
    description: 'address of the port for health and metrics',
  }),
  PROBE_PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65_535,
    description: 'port for /health/live, /health/ready and /metrics; 0 takes a free one',
  }),
  WORKER_ID: Type.String({
    default: `${hostname()}-${process.pid}`,
    minLength: 1,
    description: 'name of this worker in the fleet; unique',
  }),
}

export const redisOptions = {
  REDIS_URL: Type.String({ default: 'redis://127.0.0.1:6390', description: 'Redis or Valkey, 6.2 or newer' }),
}

/** Where AWS is. Without the two endpoint variables: the real one. */
export const awsOptions = {
  AWS_REGION: Type.String({ default: 'us-east-1', description: 'AWS region' }),
  AWS_ENDPOINT_URL: Type.Optional(
    Type.String({ description: 'endpoint of a stand-in for all AWS services' }),
  ),
  AWS_ENDPOINT_URL_KINESIS: Type.Optional(Type.String({ description: 'endpoint of a stand-in for Kinesis' })),
}
