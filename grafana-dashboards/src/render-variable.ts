import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  type VariableModel,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { FEED_KIND } from '../../lib/process/metrics/labels.ts'
import type { VariableName } from './dashboard.ts'
import type { SourceType } from './render-dashboard.ts'

/** Also for series that have no such label. */
const ANY = '.*'
const ALL = { text: 'All', value: '$__all' }

export function renderVariable(name: VariableName, sourceType: SourceType): Builder<VariableModel> {
  return name === 'environment' && sourceType === 'cloudwatch' ? prefixOfNames() : VARIABLES[name]()
}

const VARIABLES: Record<VariableName, () => Builder<VariableModel>> = {
  environment: () => labelValues('environment', 'label_values(build_info, environment)').label('Environment'),
  feed_kind: () => oneOf('feed_kind', FEED_KIND).label('Feeds').current({ text: 'live', value: 'live' }),
  stream: () => oneOf('stream', ['raw', 'processed']).label('Stream').current(ALL),
  shard: () =>
    labelValues('shard', 'label_values(consumer_lag_seconds{environment=~"$environment"}, shard)').label(
      'Shard',
    ),
  region: () =>
    new QueryVariableBuilder('region')
      .label('Region')
      .datasource({ type: 'cloudwatch', uid: '$datasource' })
      .query('regions()')
      .refresh(VariableRefresh.OnDashboardLoad)
      .current({ text: 'default', value: 'default' }),
}

function prefixOfNames(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder('environment')
    .label('Environment')
    .description('What all names in the account begin with')
    .defaultValue('roadpulse')
}

function labelValues(name: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .datasource({ type: 'prometheus', uid: '$datasource' })
    .query({ query, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .includeAll(true)
    .allValue(ANY)
    .current(ALL)
}

function oneOf(name: string, values: readonly string[]): CustomVariableBuilder {
  return new CustomVariableBuilder(name).values(values.join(',')).includeAll(true).allValue(ANY)
}
