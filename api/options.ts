import { type Static, Type } from 'typebox'
import { RoadpulseError } from '../lib/errors.ts'
import { awsOptions, processOptions, redisOptions } from '../lib/process/common-options.ts'
import { isLoopback } from './loopback.ts'

const SNS_TOPIC_ARN = '^arn:[\\w-]+:sns:[\\w-]+:\\d{12}:[\\w-]{1,256}$'

/** What the watchdog is told: whom it tells, and how many workers there are to be. */
const watchOptions = {
  ALERT_TOPIC_ARN: Type.Optional(
    Type.String({
      pattern: SNS_TOPIC_ARN,
      description: 'SNS topic that incidents are told to; without it nobody is told',
    }),
  ),
  AWS_ENDPOINT_URL_SNS: Type.Optional(Type.String({ description: 'endpoint of a stand-in for SNS' })),
  RUNBOOK_URL: Type.String({
    default: '/docs/runbook',
    description: 'where the runbook is; messages link to it with the kind of incident as fragment',
  }),
  WANTED: Type.Optional(
    Type.String({
      description: 'how many workers of each kind there are to be, as JSON: {"producer":1,"consumer":2}',
    }),
  ),
  STACK_FILE: Type.Optional(
    Type.String({ description: 'or the stack.json of a supervisor on this machine, which says so' }),
  ),
  ECS_CLUSTER: Type.Optional(
    Type.String({ description: 'or the ECS cluster whose services say so; with ECS_SERVICES' }),
  ),
  ECS_SERVICES: Type.Optional(
    Type.String({
      description: 'name of the ECS service of each kind, as JSON: {"producer":"roadpulse-producer"}',
    }),
  ),
  DATA_ALERT_TOPIC_ARN: Type.Optional(
    Type.String({
      pattern: SNS_TOPIC_ARN,
      description:
        'SNS topic for severe accidents and surges of the live feed; without it these are not told',
    }),
  ),
  DATA_ALERT_MIN_SEVERITY: Type.Integer({
    default: 4,
    minimum: 1,
    maximum: 4,
    description: 'accidents from this severity on are told',
  }),
  DATA_ALERT_INTERVAL_SECONDS: Type.Integer({
    default: 300,
    minimum: 1,
    maximum: 3_600,
    description: 'of each state at most one digest in so long',
  }),
  CLOUDWATCH_INTERVAL_SECONDS: Type.Integer({
    default: 60,
    minimum: 10,
    maximum: 60,
    description: 'how often metrics are published to CloudWatch, from 10 to 60',
  }),
  CLOUDWATCH_ACCIDENTS: Type.Enum(['none', 'severity', 'state'], {
    default: 'state',
    description:
      'accidents a minute in CloudWatch: none, by severity (4 metrics), or also by state (53), at $0.30 a month each',
  }),
  CLOUDWATCH_TOP_PLACES: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 10,
    description: 'the first so many cities, and counties, of the last hour in CloudWatch',
  }),
  RAW_LAYER_MAX_AGE_SECONDS: Type.Integer({
    default: 600,
    minimum: 1,
    description: 'a row that is emitted must be in the raw layer by then; above the buffer time of Firehose',
  }),
}

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
  API_TOKENS: Type.Optional(
    Type.String({
      writeOnly: true,
      description:
        'who may ask: role:sha256 or role:name:sha256, separated by commas; roles are read and operate; npm run token makes one',
    }),
  ),
  TRUSTED_PROXIES: Type.Optional(
    Type.String({
      description:
        'load balancers whose X-Forwarded-For is believed: addresses and networks such as 10.0.0.0/16, separated by commas',
    }),
  ),
  RATE_LIMIT_PER_MINUTE: Type.Integer({
    default: 6_000,
    minimum: 1,
    description: 'requests that one address may make a minute; health is not counted',
  }),
  MAX_EVENT_STREAMS: Type.Integer({
    default: 500,
    minimum: 1,
    description: 'pages and programs that may listen to /events at a time',
  }),
  SNAPSHOT_INTERVAL_MS: Type.Integer({
    default: 1_000,
    minimum: 100,
    maximum: 4_000,
    description: 'how often what the page shows is read from Redis and sent to all that listen',
  }),
  PROCESSED_STREAM: Type.String({
    minLength: 1,
    description: 'name of stream 2, which Flink writes and the consumer reads',
  }),
  RAW_BUCKET: Type.String({ minLength: 1, description: 'bucket of the raw layer' }),
  DEAD_LETTER_BUCKET: Type.String({ minLength: 1, description: 'bucket for what cannot be emitted' }),
  SOURCE_BUCKET: Type.String({
    minLength: 1,
    description: 'bucket of the sources; what replays of the raw layer read is listed in it',
  }),
  CONSUMER_APPLICATION: Type.String({
    default: 'roadpulse-consumer',
    minLength: 1,
    description: 'name under which the consumers share leases and checkpoints',
  }),
  ...watchOptions,
})
export type ApiOptions = Static<typeof apiOptions>

/** Where everybody on the network can ask, everybody has to say who asks. */
export function assertLoopback(host: string, areTokensRequired: boolean): void {
  if (areTokensRequired || isLoopback(host)) return
  throw new RoadpulseError(
    'CONFIGURATION',
    `HTTP_HOST is ${host}: without API_TOKENS the api only listens on this machine; set them, or 127.0.0.1 or ::1`,
  )
}
