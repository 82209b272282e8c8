import { PanelBuilder as BarGaugeBuilder } from '@grafana/grafana-foundation-sdk/bargauge'
import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import {
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DataSourceRef,
  type Panel as GrafanaPanel,
  MappingType,
  type Threshold,
  type ThresholdsConfig,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import type { CloudWatchTarget, Panel } from './dashboard.ts'
import { mapBuilder } from './map-builder.ts'
import type { SourceType } from './render-dashboard.ts'
import { renderTarget } from './render-target.ts'

const HEIGHT = { stat: 4, lines: 8, bars: 8, ranking: 8, owners: 8, map: 12 } as const

/** What the builders of all looks have in common. */
export type AnyPanelBuilder = Builder<GrafanaPanel> & {
  id(id: number): AnyPanelBuilder
  title(title: string): AnyPanelBuilder
  description(description: string): AnyPanelBuilder
  datasource(source: DataSourceRef): AnyPanelBuilder
  unit(unit: string): AnyPanelBuilder
  height(height: number): AnyPanelBuilder
  span(columns: number): AnyPanelBuilder
  min(min: number): AnyPanelBuilder
  max(max: number): AnyPanelBuilder
  thresholds(thresholds: Builder<ThresholdsConfig>): AnyPanelBuilder
  withTarget(target: Builder<Dataquery>): AnyPanelBuilder
}

export function renderPanel(panel: Panel | Panel<CloudWatchTarget>, sourceType: SourceType): AnyPanelBuilder {
  const builder: AnyPanelBuilder = LOOKS[panel.look]()
  builder
    .title(panel.title)
    .description(describe(panel))
    .datasource({ type: sourceType, uid: '$datasource' })
    .unit(panel.unit)
    .height(HEIGHT[panel.look])
    .span(panel.width)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(panel)))
  if (panel.max !== undefined) builder.min(0).max(panel.max)
  for (const [index, target] of panel.targets.entries()) {
    const isTable = panel.look === 'map'
    const isOfNow = panel.look === 'ranking' || isTable
    builder.withTarget(renderTarget(target, { refId: letter(index), isOfNow, isTable }))
  }
  return builder
}

const LOOKS: Record<Panel['look'], () => AnyPanelBuilder> = {
  stat: () => new StatBuilder().graphMode(BigValueGraphMode.Area).reduceOptions(lastValue()),
  lines: () => timeSeries().lineWidth(1).fillOpacity(8).showPoints(VisibilityMode.Auto),
  bars: () =>
    timeSeries()
      .drawStyle(GraphDrawStyle.Bars)
      .fillOpacity(80)
      .lineWidth(0)
      .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A')),
  ranking: () =>
    new BarGaugeBuilder().orientation(VizOrientation.Horizontal).reduceOptions(lastValue()).min(0),
  owners: () =>
    new StateTimelineBuilder()
      .showValue(VisibilityMode.Never)
      .rowHeight(0.8)
      .mappings([
        { type: MappingType.ValueToText, options: { 1: { text: 'owns it', color: 'green', index: 0 } } },
      ]),
  map: mapBuilder,
}

function timeSeries(): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false)
}

function describe({ shows, normal, otherwise, runbook }: Panel<unknown>): string {
  const link = runbook === undefined ? '' : ` [Runbook: ${runbook}](\${runbook}#${runbook})`
  return `${shows}\n\n**Normal:** ${normal}\n\n**Otherwise:** ${otherwise}${link}`
}

function stepsOf({ limits = {} }: Panel<unknown>): Threshold[] {
  const steps: Threshold[] = [{ value: null, color: 'green' }]
  if (limits.warning !== undefined) steps.push({ value: limits.warning, color: 'orange' })
  if (limits.critical !== undefined) steps.push({ value: limits.critical, color: 'red' })
  return steps
}

function letter(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}
