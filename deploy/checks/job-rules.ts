import { at, numberOf, type Rule, textOf, when } from './rule.ts'

const GLUE_JOB = ['AWS::Glue::Job']
const APPLICATION = ['AWS::KinesisAnalyticsV2::Application']
const GLUE_VERSIONS = new Set(['3.0', '4.0', '5.0', '5.1'])
/** From that of Glue 5 down; before that it is two days. */
const MAX_TIMEOUT_MINUTES = 480

export const jobRules: readonly Rule[] = [
  {
    name: 'glue-version-exists',
    types: GLUE_JOB,
    find: ({ properties: { GlueVersion = '' } }) =>
      when(!GLUE_VERSIONS.has(textOf(GlueVersion)), `there is no Glue ${textOf(GlueVersion)}`),
  },
  {
    name: 'glue-job-ends',
    types: GLUE_JOB,
    find: ({ properties }) =>
      when(
        properties.Timeout === undefined || numberOf(properties.Timeout) > MAX_TIMEOUT_MINUTES,
        `needs a Timeout of at most ${MAX_TIMEOUT_MINUTES} minutes: a run that hangs is paid for`,
      ),
  },
  {
    name: 'flink-settings-count',
    types: APPLICATION,
    find({ properties }) {
      const settings = at(properties.ApplicationConfiguration, 'FlinkApplicationConfiguration') ?? {}
      return Object.entries(settings)
        .filter(([, block]) => at(block, 'ConfigurationType') !== 'CUSTOM')
        .map(([name]) => `${name} is ignored unless its ConfigurationType is CUSTOM`)
    },
  },
  {
    name: 'flink-keeps-its-state',
    types: APPLICATION,
    find({ properties: { ApplicationConfiguration: configuration } }) {
      const snapshots = at(configuration, 'ApplicationSnapshotConfiguration', 'SnapshotsEnabled')
      const rollback = at(configuration, 'ApplicationSystemRollbackConfiguration', 'RollbackEnabled')
      return [
        ...when(snapshots !== true, 'an update without snapshots loses what the job knew'),
        ...when(rollback !== true, 'an update that fails is not rolled back'),
      ]
    },
  },
]
