import {
  MetricEditorMode,
  MetricQueryType,
  MetricsQueryBuilder,
  QueryMode,
} from '@grafana/grafana-foundation-sdk/cloudwatch'
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  DataqueryBuilder,
  PromQueryFormat,
  QueryEditorMode,
} from '@grafana/grafana-foundation-sdk/prometheus'
import type { CloudWatchTarget, PrometheusTarget } from './dashboard.ts'

export function renderTarget(
  target: PrometheusTarget | CloudWatchTarget,
  /** `isOfNow`: only the last value is shown, so only that one is asked for. */
  { refId, isOfNow, isTable }: { refId: string; isOfNow: boolean; isTable: boolean },
): Builder<Dataquery> {
  if ('metric' in target) return metricQuery(target, refId)
  const query = new DataqueryBuilder()
    .datasource({ type: 'prometheus', uid: '$datasource' })
    .refId(refId)
    .editorMode(QueryEditorMode.Code)
    .expr(target.query)
    .legendFormat(target.legend)
    .format(isTable ? PromQueryFormat.Table : PromQueryFormat.TimeSeries)
  return isOfNow ? query.instant() : query.range()
}

function metricQuery(target: CloudWatchTarget, refId: string): MetricsQueryBuilder {
  const query = new MetricsQueryBuilder()
    .datasource({ type: 'cloudwatch', uid: '$datasource' })
    .refId(refId)
    .id('')
    .queryMode(QueryMode.Metrics)
    .metricQueryType(MetricQueryType.Search)
    .metricEditorMode(target.largest === undefined ? MetricEditorMode.Builder : MetricEditorMode.Code)
    .region(target.region ?? '$region')
    .namespace(target.namespace)
    .metricName(target.metric)
    .dimensions(target.dimensions)
    .matchExact(true)
    .statistic(target.statistic)
    .period(`${target.periodSeconds}`)
    .label(target.legend)
  return target.largest === undefined ? query : query.expression(searchFor(target))
}

/** Metric math: the largest of all metrics of that name, by one dimension. */
function searchFor({ namespace, metric, dimensions, statistic, periodSeconds, largest }: CloudWatchTarget) {
  const set = [namespace, ...Object.keys(dimensions)].join(',')
  const search = `SEARCH('{${set}} MetricName="${metric}"', '${statistic}', ${periodSeconds})`
  return `SORT(${search}, MAX, DESC, ${largest})`
}
