import { DescribeAlarmsCommand, GetDashboardCommand } from '@aws-sdk/client-cloudwatch'
import { paginateListWorkspaces } from '@aws-sdk/client-grafana'
import { LAYERS, readLayer } from '../../templates/layers.ts'
import { type Probe, type Remain, unlessMissing } from './probe.ts'

/** So many names does one question take. */
const NAMES_A_QUESTION = 100

export const observabilityProbes: readonly Probe[] = [
  {
    type: 'AWS::CloudWatch::Alarm',
    what: 'alarms',
    async find({ cloudWatch }, { project }) {
      const names = alarmNames(project)
      const found: Remain[] = []
      for (let from = 0; from < names.length; from += NAMES_A_QUESTION) {
        const { MetricAlarms = [], CompositeAlarms = [] } = await cloudWatch.send(
          new DescribeAlarmsCommand({
            AlarmNames: names.slice(from, from + NAMES_A_QUESTION),
            AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
          }),
        )
        for (const { AlarmName: id = '' } of [...MetricAlarms, ...CompositeAlarms]) found.push({ id })
      }
      return found
    },
  },
  {
    type: 'AWS::CloudWatch::Dashboard',
    what: 'dashboard',
    find({ cloudWatch }, { project }) {
      const answer = cloudWatch.send(new GetDashboardCommand({ DashboardName: project }))
      return unlessMissing(
        answer.then(() => [{ id: project }]),
        'ResourceNotFound',
        'DashboardNotFoundError',
      )
    },
  },
  {
    type: 'AWS::Grafana::Workspace',
    what: 'Grafana',
    async find({ grafana: client }, { project }) {
      const found: Remain[] = []
      for await (const { workspaces = [] } of paginateListWorkspaces({ client }, {})) {
        for (const { id = '', name } of workspaces) if (name === project) found.push({ id })
      }
      return found
    },
  },
]

/** The names of all alarms of all templates. */
function alarmNames(project: string): string[] {
  return LAYERS.flatMap((layer) =>
    Object.values(readLayer(layer).Resources).flatMap(({ Properties = {} }) => {
      const name = Properties.AlarmName as { 'Fn::Sub': string } | undefined
      return name === undefined ? [] : name['Fn::Sub'].replace('${Project}', project)
    }),
  )
}
