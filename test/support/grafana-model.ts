import type { Dataquery } from '@grafana/grafana-foundation-sdk/prometheus'
import type {
  AnnotationQuery,
  Dashboard,
  FieldConfigSource,
  Panel,
  RowPanel,
  VizLegendOptions,
} from '@grafana/schema'
import type { Options as BarGauge } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen'
import type { CloudWatchMetricsQuery } from '@grafana/schema/dist/esm/raw/composable/cloudwatch/dataquery/x/CloudWatchDataQuery_types.gen'
import type { Options as Geomap } from '@grafana/schema/dist/esm/raw/composable/geomap/panelcfg/x/GeomapPanelCfg_types.gen'
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen'
import type {
  Options as StateTimeline,
  FieldConfig as StateTimelineField,
} from '@grafana/schema/dist/esm/raw/composable/statetimeline/panelcfg/x/StateTimelinePanelCfg_types.gen'
import type {
  Options as TimeSeries,
  FieldConfig as TimeSeriesField,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen'

/** An enum is written as its value in JSON. */
type Json<T> = 0 extends T & 1
  ? T
  : T extends string
    ? `${T}`
    : T extends readonly (infer Item)[]
      ? Json<Item>[]
      : T extends object
        ? { [Key in keyof T]: Json<T[Key]> }
        : T

type Query = (Omit<Dataquery, '_implementsDataqueryVariant'> | CloudWatchMetricsQuery) & { refId: string }

type PanelOf<Type extends string, Options, Field = Record<string, never>> = Omit<
  Panel,
  'type' | 'options' | 'fieldConfig' | 'targets'
> & {
  type: Type
  options: Options
  fieldConfig: Omit<FieldConfigSource, 'defaults'> & {
    defaults: Omit<FieldConfigSource['defaults'], 'custom'> & { custom?: Field }
  }
  targets: Query[]
}

type AnyPanel =
  | PanelOf<'stat', Stat>
  | PanelOf<'timeseries', TimeSeries, TimeSeriesField>
  | PanelOf<'bargauge', Omit<BarGauge, 'legend'> & { legend: VizLegendOptions }>
  | PanelOf<'state-timeline', StateTimeline, StateTimelineField>
  | PanelOf<'geomap', Geomap>

/** What the plugin for Prometheus adds. */
type PrometheusAnnotation = Omit<AnnotationQuery, 'target'> & {
  target: Query
  titleFormat?: string
  tagKeys?: string
  useValueForTime?: boolean
}

/** The classic model as the Grafana that we deploy publishes it (`@grafana/schema`), for the panels that we use. */
export type GrafanaDashboard = Json<
  Omit<Dashboard, 'panels' | 'annotations'> & {
    panels: (RowPanel | AnyPanel)[]
    annotations: { list?: PrometheusAnnotation[] }
  }
>
