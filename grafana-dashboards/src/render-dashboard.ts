import {
  AnnotationQueryBuilder,
  ConstantVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import type { CloudWatchTarget, Dashboard } from './dashboard.ts'
import { gauge, ofService } from './query.ts'
import { renderPanel } from './render-panel.ts'
import { renderVariable } from './render-variable.ts'

/** By this tag the dashboards find each other. */
const TAG = 'roadpulse'
/** The runbook as the api of the demo serves it. Deploying sets the address of the real one. */
const RUNBOOK_URL = 'http://127.0.0.1:8080/docs/runbook'

/** Of the data sources that are provisioned, and the one that a dashboard begins with. */
export type SourceType = 'prometheus' | 'cloudwatch'

/** The classic model of Grafana, which file provisioning and Managed Grafana take, as the text of its file. */
export function renderDashboard(
  dashboard: Dashboard | Dashboard<CloudWatchTarget>,
  sourceType: SourceType,
): string {
  const builder = new DashboardBuilder(dashboard.title)
    .id(null)
    .uid(`roadpulse-${dashboard.name}`)
    .description(dashboard.description)
    .tags([TAG, sourceType])
    .readonly()
    .timezone('browser')
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new DatasourceVariableBuilder('datasource')
        .label('Data source')
        .type(sourceType)
        .current({ text: sourceType, value: sourceType }),
    )
    .link(linkTo('prometheus', 'Dashboards', sourceType))
    .link(linkTo('cloudwatch', 'CloudWatch', sourceType))
    .link(
      new DashboardLinkBuilder('Runbook').type(DashboardLinkType.Link).url('${runbook}').targetBlank(true),
    )
  for (const variable of dashboard.variables) builder.withVariable(renderVariable(variable, sourceType))
  builder.withVariable(new ConstantVariableBuilder('runbook').value(RUNBOOK_URL))
  if (sourceType === 'prometheus') builder.annotation(deploys())

  let id = 0
  for (const { title, panels } of dashboard.sections) {
    builder.withRow(new RowBuilder(title).id(++id))
    for (const panel of panels) builder.withPanel(renderPanel(panel, sourceType).id(++id))
  }
  return `${JSON.stringify(builder.build(), unlessUnasked, 2)}\n`
}

/** What was chosen goes along; among dashboards of another kind of source it would be a wrong choice. */
function linkTo(target: SourceType, title: string, sourceType: SourceType): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title)
    .type(DashboardLinkType.Dashboards)
    .tags([TAG, target])
    .asDropdown(true)
    .keepTime(true)
    .includeVars(target === sourceType)
}

/**
 * The SDK puts links and annotations into a menu, and they are to be seen; and it writes into every variable what only
 * those of intervals have.
 */
function unlessUnasked(key: string, value: unknown): unknown {
  const isUnasked = (key === 'placement' && value === 'inControlsMenu') || key.startsWith('auto')
  return isUnasked ? undefined : value
}

/** A line wherever a process began to run, which is how a deploy shows; without a new version it was a restart. */
function deploys(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Deploys and restarts')
    .datasource({ type: 'prometheus', uid: '$datasource' })
    .enable(true)
    .iconColor('blue')
    .target(
      new DataqueryBuilder()
        .refId('deploys')
        .expr(`${ofService(gauge('process_start_time_seconds'))} * 1000`)
        .interval('60s'),
    )
    .useValueForTime(true)
    .titleFormat('{{service}} {{version}} begins')
    .tagKeys('service,version')
}
