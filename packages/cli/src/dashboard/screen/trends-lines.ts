/** Trends: tokens, cost and durations over time, as charts with axes. Pure. */
import { type Dashboard, formatCost, formatCount, formatDuration, type TrendBucket } from "@moai-metrics/report/screen";
import { type DashboardState, TREND_MEASURES, type TrendMeasure } from "../state.ts";
import { chart, sparkline } from "./graphics.ts";
import { fill, type Line, line } from "./lines.ts";
import { weekdayOf } from "./names.ts";

interface Measure {
  readonly title: string;
  readonly value: (bucket: TrendBucket) => number | null;
  readonly format: (value: number) => string;
}

const MEASURES: Readonly<Record<TrendMeasure, Measure>> = {
  tokens: { title: "Tokens", value: ({ totalTokens }) => totalTokens, format: formatCount },
  cost: { title: "Cost", value: ({ totalCost }) => totalCost, format: formatCost },
  duration: { title: "Average duration", value: ({ averageDurationMs }) => averageDurationMs, format: formatDuration },
};

/** A title, one row of columns, the axis and its labels. */
const LEAST_CHART_ROWS = 4;
const SMALL_TITLE_WIDTH = 17;
/** From this height on there is room for another chart below. */
const ROWS_OF_CHART = 8;
const COLUMNS_OF_CHART = 48;

/** As many of the three charts as there is room for; small charts in a line each where there is little. */
export function trendsLines({ measure }: DashboardState, { trends }: Dashboard, width: number, rows: number): Line[] {
  const first = TREND_MEASURES.indexOf(measure);
  const ordered = [...TREND_MEASURES.slice(first), ...TREND_MEASURES.slice(0, first)].map((each) => MEASURES[each]);
  if (rows < LEAST_CHART_ROWS) return ordered.slice(0, rows).map((each) => smallLine(each, trends.buckets, width));
  const beside = Math.min(ordered.length, Math.max(1, Math.floor(width / COLUMNS_OF_CHART)));
  const below = Math.min(Math.ceil(ordered.length / beside), Math.max(1, Math.floor(rows / ROWS_OF_CHART)));
  const chartWidth = Math.floor(width / beside);
  const chartRows = Math.floor(rows / below);
  return Array.from({ length: below }, (_, i) => ordered.slice(i * beside, (i + 1) * beside)).flatMap((measures) => {
    const drawn = measures.map((each) => chartOf(each, trends, chartWidth - 2, chartRows));
    return Array.from({ length: chartRows }, (_, row) => drawn.flatMap((lines) => fill(lines[row] ?? [], chartWidth)));
  });
}

function chartOf(
  { title, value, format }: Measure,
  { unit, buckets }: Dashboard["trends"],
  width: number,
  rows: number,
): Line[] {
  const { lines: drawn, shown } = chart({
    values: buckets.map(value),
    labels: buckets.map(({ label }) => labelOf(unit, label, buckets.length)),
    width,
    height: rows - 1,
    format,
  });
  const axis = drawn.length - 2;
  const note = shown < buckets.length ? `  newest ${shown} of ${buckets.length} ${unit}s` : "";
  const head: Line = [
    { text: title, style: "strong" },
    { text: note, style: "faint" },
  ];
  return [head, ...drawn.map((text, i) => line(text, i < axis ? "accent" : "faint"))];
}

function smallLine({ title, value, format }: Measure, buckets: readonly TrendBucket[], width: number): Line {
  const values = buckets.map(value);
  const greatest = Math.max(0, ...values.map((each) => each ?? 0));
  const last = values.at(-1) ?? null;
  const tail = `  now ${last === null ? "–" : format(last)}, most ${format(greatest)}`;
  const roomBeside = (text: string): number => Math.max(1, width - SMALL_TITLE_WIDTH - text.length);
  const isCut = values.length > roomBeside(tail);
  const shown = isCut ? roomBeside(`${tail} newest 00,`) : values.length;
  const text = isCut ? `  newest ${shown},${tail.slice(1)}` : tail;
  return [
    { text: title.padEnd(SMALL_TITLE_WIDTH) },
    { text: sparkline(values, shown), style: "accent" },
    { text, style: "faint" },
  ];
}

/** Days of a week by their names; of more days, the date; hours by the clock. */
function labelOf(unit: Dashboard["trends"]["unit"], label: string, count: number): string {
  if (unit === "hour") return label.slice(11, 13);
  if (unit === "week") return label.slice(-3);
  return count <= 7 ? weekdayOf(label) : label.slice(5);
}
