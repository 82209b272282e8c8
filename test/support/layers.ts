import { readLayers, resolveLayers } from '../../deploy/templates/resolve-layers.ts'

export const SIZES = ['frugal', 'small', 'production'] as const

/** Values for the parameters that have no default. */
export const UPLOADED = {
  JarKey: 'flink/job-0.jar',
  ImageTag: 'tag',
  ScriptKey: 'glue/curate-0.py',
  LibraryKey: 'glue/roadpulse_glue-0.zip',
  ApiTokens: `read:${'0'.repeat(64)}`,
}
const CERTIFICATE = 'arn:aws:acm:us-east-1:000000000000:certificate/0'

/** Sets of parameters that between them make each condition of the templates true and false. */
export const VARIANTS: Record<string, Record<string, string>> = {
  frugal: { Size: 'frugal' },
  small: { Size: 'small' },
  production: { Size: 'production' },
  'frugal with all there is': {
    Size: 'frugal',
    Outbound: 'nat',
    ApiAccess: 'public',
    CertificateArn: CERTIFICATE,
    Prometheus: 'on',
    Grafana: 'on',
    AlertEmail: 'a@example.com',
    IsAlwaysLive: 'true',
    LiveSource: 'csv/a.csv',
    RestoreRedisFrom: 'yesterday',
  },
  'production by endpoints, sized by hand': {
    Size: 'production',
    Outbound: 'endpoints',
    ApiAccess: 'none',
    Prometheus: 'off',
    Grafana: 'on',
    RawShardCount: '10',
    ProcessedShardCount: '8',
    RawRetentionHours: '24',
    ProcessedRetentionHours: '24',
    Parallelism: '10',
    ProducerCount: '3',
    ApiCount: '3',
    ConsumerMinimum: '4',
    RedisNodeType: 'cache.r7g.large',
    MonthlyBudgetUsd: '900',
    IsJobRunning: 'false',
    ScriptKey: '',
    Schedule: 'daily',
  },
}

const templates = readLayers()
export const allLayers = (parameters: Record<string, string>) =>
  resolveLayers(templates, { ...UPLOADED, ...parameters })
