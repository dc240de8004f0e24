/** The kinds of panels that the boards are made of. */
import { PanelBuilder as BarChartBuilder } from "@grafana/grafana-foundation-sdk/barchart";
import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  BarGaugeDisplayMode,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
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
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  type DynamicConfigValue,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { LABELS, type Label } from "./metric-names.ts";
import { PROMETHEUS } from "./variables.ts";

/** A panel of a board. */
export type BoardPanel = Builder<Panel>;

/** What every panel says. */
export interface About {
  readonly title: string;
  /** The question that it answers, and what a reader must know about the answer. */
  readonly question: string;
  /** A unit of Grafana's. */
  readonly unit: string;
  /** From which value on which colour; the first holds below all others. */
  readonly thresholds?: readonly Threshold[] | undefined;
  readonly max?: number | undefined;
}

/** A change beside a value, as a share. */
export interface Change {
  readonly expression: string;
  /** What is good news: `either` has no colour. */
  readonly good: "rise" | "fall" | "either";
}

/** Lines or bars over time. */
export interface Line {
  readonly expression: string;
  /** Text, or labels in double braces. */
  readonly legend: string;
}

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly expression: string;
  readonly unit: string;
  /** Drawn as a bar up to 1. */
  readonly isBar?: boolean | undefined;
}

const GOOD = "green";
const BAD = "red";
const PLAIN = "text";

/** Shares from 0 to 1 of which more is better. */
export const MORE_IS_BETTER: readonly Threshold[] = steps([BAD], [0.7, "orange"], [0.9, GOOD]);
/** Shares from 0 to 1 of which less is better. */
export const LESS_IS_BETTER: readonly Threshold[] = steps([GOOD], [0.05, "orange"], [0.2, BAD]);
/** Something that is there, or counted as lost: any of it is wrong. */
export const NONE_IS_GOOD: readonly Threshold[] = steps([GOOD], [1, BAD]);

/** Threshold steps: a colour, then colours from a value on. */
export function steps([first]: readonly [string], ...others: readonly (readonly [number, string])[]): Threshold[] {
  return [{ value: null, color: first }, ...others.map(([value, color]) => ({ value, color }))];
}

/** One number, with its change against the period before. */
export function statPanel(about: About, expression: string, change?: Change): BoardPanel {
  const panel = describePanel(new StatBuilder(), about)
    .span(6)
    .height(5)
    .graphMode(BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .textMode(change === undefined ? BigValueTextMode.Value : BigValueTextMode.ValueAndName)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .withTarget(now("A", expression, about.title));
  if (change === undefined) return panel;
  const colors = { rise: [BAD, GOOD], fall: [GOOD, BAD], either: [PLAIN, PLAIN] }[change.good];
  const thresholds = {
    mode: ThresholdsMode.Absolute,
    steps: steps([colors[0] ?? PLAIN], [-0.0005, PLAIN], [0.0005, colors[1] ?? PLAIN]),
  };
  return panel.withTarget(now("B", change.expression, "against the period before")).overrideByQuery("B", [
    { id: "unit", value: "percentunit" },
    { id: "decimals", value: 1 },
    { id: "thresholds", value: thresholds },
    { id: "max", value: null },
    { id: "mappings", value: CHANGE_MAPPINGS },
  ]);
}

/** One bar for each group. */
export function barsPanel(about: About, expression: string, by: Label): BoardPanel {
  return describePanel(new BarGaugeBuilder(), about)
    .span(12)
    .height(8)
    .min(0)
    .displayMode(BarGaugeDisplayMode.Gradient)
    .valueMode(BarGaugeValueMode.Color)
    .orientation(VizOrientation.Horizontal)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(["lastNotNull"]))
    .text(new VizTextDisplayOptionsBuilder().titleSize(14).valueSize(14))
    .withTarget(now("A", `sort_desc(${expression})`, legendOf(by)));
}

/** Lines over time. */
export function linesPanel(about: About, lines: readonly Line[], style: "lines" | "stack" = "lines"): BoardPanel {
  const panel = describePanel(new TimeseriesBuilder(), about)
    .span(12)
    .height(8)
    .min(0)
    .drawStyle(GraphDrawStyle.Line)
    .fillOpacity(style === "stack" ? 60 : 10)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .stacking(new StackingConfigBuilder().mode(style === "stack" ? StackingMode.Normal : StackingMode.None))
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  for (const [i, { expression, legend }] of lines.entries()) panel.withTarget(over(refOf(i), expression, legend));
  return panel;
}

/** One bar for each of the last seven days, stacked by group; the axis has names of weekdays. */
export function daysPanel(about: About, lines: readonly Line[]): BoardPanel {
  const panel = describePanel(new BarChartBuilder(), about)
    .span(12)
    .height(8)
    .min(0)
    .timeFrom("now-6d/d")
    .xField("Time")
    .stacking(StackingMode.Normal)
    .showValue(VisibilityMode.Never)
    .fillOpacity(80)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .withTransformation({ id: "joinByField", options: { byField: "Time", mode: "outer" } })
    .overrideByName("Time", [{ id: "unit", value: "time:ddd" }]);
  for (const [i, { expression, legend }] of lines.entries()) {
    panel.withTarget(over(refOf(i), expression, legend).interval("1d").intervalFactor(1));
  }
  return panel;
}

/** One row for each group. */
export function tablePanel(
  about: Pick<About, "title" | "question">,
  by: Label,
  columns: readonly Column[],
  links: readonly { readonly title: string; readonly url: string }[] = [],
): BoardPanel {
  const panel = describePanel(new TableBuilder(), { ...about, unit: "short" })
    .span(24)
    .height(9)
    .withTransformation({ id: "joinByField", options: { byField: LABELS[by], mode: "outer" } })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: Object.fromEntries(
          ["Time", ...columns.map((_, i) => `Time ${i + 1}`)].map((name) => [name, true]),
        ),
        renameByName: {
          [LABELS[by]]: titleOf(by),
          ...Object.fromEntries(columns.map(({ title }, i) => [`Value #${refOf(i)}`, title])),
        },
      },
    })
    .overrideByName(titleOf(by), [{ id: "links", value: links }]);
  for (const [i, { title, expression, unit, isBar }] of columns.entries()) {
    panel.withTarget(now(refOf(i), expression, title).format(PromQueryFormat.Table));
    panel.overrideByName(title, [{ id: "unit", value: unit }, ...(isBar === true ? BAR_CELL : [])]);
  }
  return panel;
}

/** What all kinds of panels say about themselves. */
export function describePanel<Kind extends Describable>(panel: Kind, about: About): Kind {
  panel.title(about.title).description(about.question).unit(about.unit).datasource(PROMETHEUS);
  if (about.max !== undefined) panel.max(about.max);
  const thresholds = new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute);
  panel.thresholds(thresholds.steps([...(about.thresholds ?? steps(["blue"]))]));
  return panel;
}

interface Describable {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  max(max: number): this;
  datasource(datasource: { readonly type?: string; readonly uid?: string }): this;
  thresholds(thresholds: Builder<{ mode: ThresholdsMode; steps: Threshold[] }>): this;
}

/** The legend of a group. */
export function legendOf(by: Label): string {
  return `{{${LABELS[by]}}}`;
}

const CHANGE_MAPPINGS = [
  { type: "special", options: { match: "nan", result: { text: "nothing before" } } },
  { type: "special", options: { match: "null", result: { text: "nothing before" } } },
];

const BAR_CELL: DynamicConfigValue[] = [
  { id: "custom.cellOptions", value: { type: "gauge", mode: "gradient", valueDisplayMode: "text" } },
  { id: "min", value: 0 },
  { id: "max", value: 1 },
  { id: "color", value: { mode: "thresholds" } },
  { id: "thresholds", value: { mode: ThresholdsMode.Absolute, steps: MORE_IS_BETTER } },
];

function titleOf(by: Label): string {
  return `${by.charAt(0).toUpperCase()}${by.slice(1)}`;
}

function refOf(place: number): string {
  return String.fromCharCode("A".charCodeAt(0) + place);
}

function now(refId: string, expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId).expr(expression).legendFormat(legend).instant();
}

function over(refId: string, expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId(refId).expr(expression).legendFormat(legend).range();
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true);
}
