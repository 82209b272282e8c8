import type { GrafanaDashboard } from './grafana-model.ts'
import { findQueryFaults } from './query-rules.ts'

const SOURCE = '$datasource'
const COLUMNS = 24
/** Those that Grafana itself fills in, or CloudWatch. */
const BUILT_IN = ['__rate_interval', '__all', 'PROP']

type AnyPanel = Exclude<GrafanaDashboard['panels'][number], { type: 'row' }>

/** All that a dashboard is held to besides its schema, panel by panel. */
export function findPanelFaults(dashboard: GrafanaDashboard): string[] {
  const panels = dashboard.panels.filter((panel): panel is AnyPanel => panel.type !== 'row')
  const variables = [...BUILT_IN, ...(dashboard.templating?.list ?? []).map(({ name }) => name)]
  return [
    ...judgeDashboard(dashboard),
    ...panels.flatMap((panel) => judgePanel(panel, variables).map((fault) => `${panel.title}: ${fault}`)),
    ...(dashboard.annotations.list ?? []).flatMap(({ target }) => judgeQuery(target)),
    ...judgePlaces(dashboard),
    ...repeated(panels.map(({ title }) => title ?? '')).map((title) => `two panels are named ${title}`),
    ...repeated(dashboard.panels.map(({ id }) => `${id}`)).map((id) => `two panels have the id ${id}`),
  ]
}

function judgeDashboard({ id, uid, editable, tags, refresh, time, links, templating }: GrafanaDashboard) {
  const source = templating?.list?.find(({ name }) => name === 'datasource')
  const sourceType = typeof source?.query === 'string' ? source.query : ''
  const leadsTo = (tag: string) =>
    links?.some(({ type, tags }) => type === 'dashboards' && tags.includes(tag))
  return [
    ...when(id !== null, 'its id is the number that another Grafana gave it'),
    ...when(!/^roadpulse-[a-z-]+$/.test(uid ?? ''), `its address is ${uid}`),
    ...when(editable !== false, 'it can be edited, and the change would be lost'),
    ...when(!tags?.includes('roadpulse'), 'it lacks the tag by which the others find it'),
    ...when(
      refresh !== '30s' || time?.from !== 'now-1h',
      'it does not show the last hour, twice a minute anew',
    ),
    ...when(source?.type !== 'datasource', 'its data source cannot be chosen'),
    ...when(
      !['prometheus', 'cloudwatch'].every((tag) => leadsTo(tag)),
      'it does not lead to the other dashboards',
    ),
    ...when(
      links?.some(({ tags, includeVars }) => includeVars && !tags.includes(sourceType)) ?? false,
      'its data source would be chosen in dashboards of another kind',
    ),
    ...when(!links?.some(({ url }) => url === '${runbook}'), 'it does not lead to the runbook'),
  ]
}

function judgePanel(panel: AnyPanel, variables: readonly string[]): string[] {
  const { description = '', fieldConfig, targets, datasource } = panel
  const text = JSON.stringify([targets, description])
  const used = [...text.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name)
  return [
    ...when(
      !/\*\*Normal:\*\* .+\n\n\*\*Otherwise:\*\* .+/s.test(description),
      'it does not say what is normal and what to do',
    ),
    ...when(!fieldConfig.defaults.unit, 'it has no unit'),
    ...when(datasource?.uid !== SOURCE, 'its data source is not the one that was chosen'),
    ...when(targets.length === 0, 'it asks nothing'),
    ...used.filter((name) => !variables.includes(name)).map((name) => `there is no variable ${name}`),
    ...targets.flatMap((target) => [
      ...when(target.datasource?.uid !== SOURCE, `${target.refId} asks another data source`),
      ...judgeQuery(target),
    ]),
  ]
}

function judgeQuery(target: AnyPanel['targets'][number]): string[] {
  return 'expr' in target ? findQueryFaults(target.expr) : []
}

function judgePlaces({ panels }: GrafanaDashboard): string[] {
  const taken = new Map<string, string>()
  return panels.flatMap(({ title = '', gridPos }) => {
    if (gridPos === undefined) return [`${title} has no place`]
    const { x, y, w, h } = gridPos
    const cells = Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`)
    const other = cells.map((cell) => taken.get(cell)).find((title) => title !== undefined)
    for (const cell of cells) taken.set(cell, title)
    return [
      ...when(x + w > COLUMNS, `${title} reaches beyond the last column`),
      ...when(other !== undefined, `${title} lies upon ${other}`),
    ]
  })
}

function repeated(values: readonly string[]): string[] {
  return values.filter((value, index) => values.indexOf(value) !== index)
}

function when(isWrong: boolean, fault: string): string[] {
  return isWrong ? [fault] : []
}
