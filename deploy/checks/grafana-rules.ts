import { type Rule, textOf, when } from './rule.ts'

const VERSIONS = new Set(['8.4', '9.4', '10.4', '12.4', '13.0'])

export const grafanaRules: readonly Rule[] = [
  {
    name: 'grafana-version-exists',
    types: ['AWS::Grafana::Workspace'],
    find: ({ properties: { GrafanaVersion = '' } }) =>
      when(!VERSIONS.has(textOf(GrafanaVersion)), `there is no Grafana ${textOf(GrafanaVersion)}`),
  },
  {
    name: 'grafana-has-its-role',
    types: ['AWS::Grafana::Workspace'],
    find: ({ properties }) =>
      when(
        properties.PermissionType !== 'CUSTOMER_MANAGED' || properties.RoleArn === undefined,
        'CloudFormation cannot make a workspace that makes its own role',
      ),
  },
]
