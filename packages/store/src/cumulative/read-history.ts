/** How every series grew. One metric at a time is in memory, and of the rollups one stretch of time. */
import { DAY_MILLIS, QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { QueryContext } from "../query/context.ts";
import type { Dimension } from "../read/types.ts";
import { readRollups, readRollupViews } from "../rollup/read-rollups.ts";
import { type Addition, additionsOf, viewOf } from "./additions.ts";
import { type AskedSpan, createLabelling } from "./asked-span.ts";
import { createGrowth, type Growth } from "./growth.ts";
import { CUMULATIVE_SOURCES, type CumulativeSource } from "./sources.ts";
import type {
  CumulativeHistoryQuestion,
  CumulativeMetricHistory,
  CumulativeSample,
  CumulativeSeriesHistory,
  CumulativeStep,
} from "./types.ts";
import { inUnits } from "./values.ts";

const QUARTER_HOURS_A_DAY = DAY_MILLIS / QUARTER_HOUR_MILLIS;
const QUARTER_HOURS_OF: Readonly<Record<CumulativeStep, number>> = {
  quarterHour: 1,
  hour: 4,
  day: QUARTER_HOURS_A_DAY,
};

/** Steps of at least a day are read together, as the file keeps them; histograms of each of them are in memory. */
const MIN_STEPS_AT_ONCE = 24;

const DIMENSIONS: readonly Dimension[] = ["product", "project", "agent", "model"];

/** One metric after the other, in the order of the catalogue; metrics without facts are left out. */
export function* readHistory(
  context: QueryContext,
  question: CumulativeHistoryQuestion,
  span: AskedSpan | undefined,
): Generator<CumulativeMetricHistory> {
  if (span === undefined) return;
  const { database } = context;
  const { first, behind, filter } = span;
  const all = viewOf(CUMULATIVE_SOURCES);
  const groups = readRollups(database, { ...all, edges: [first, behind], filter, groupBy: DIMENSIONS, histograms: [] });
  const names = groups.flatMap(({ key }) => DIMENSIONS.map((dimension, i) => [dimension, key[i] ?? ""] as const));
  const labelOf = createLabelling(database, question, names);
  const width = QUARTER_HOURS_OF[question.step];
  const edges = planEdges(span, width);
  const stepsAtOnce = Math.max(MIN_STEPS_AT_ONCE, QUARTER_HOURS_A_DAY / width);
  const moments = edges.map((edge, i) => momentOf(edge, edges[i - 1], question.nowMillis));
  for (const source of CUMULATIVE_SOURCES) {
    const series = new Map<string, { attributes: Addition["attributes"]; growth: Growth }>();
    const view = viewOf([source]);
    for (let from = 0; from < edges.length - 1; from += stepsAtOnce) {
      const some = edges.slice(from, from + stepsAtOnce + 1);
      const [rollups] = readRollupViews(database, { edges: some, filter, isReadOnce: true }, [view]);
      for (const addition of rollups === undefined ? [] : additionsOf(source, view, rollups, labelOf)) {
        let known = series.get(addition.series);
        if (known === undefined) {
          const growth = createGrowth(source.metric.bounds.length, from, stepsAtOnce);
          known = { attributes: addition.attributes, growth };
          series.set(addition.series, known);
        }
        known.growth.add(from + addition.bucket, addition.value);
      }
      for (const { growth } of series.values()) growth.close(from + stepsAtOnce);
    }
    if (series.size === 0) continue;
    yield {
      ...source.metric,
      series: [...series.values()].map(
        ({ attributes, growth }): CumulativeSeriesHistory => ({
          attributes,
          samples: { [Symbol.iterator]: () => samplesOf(source, growth, moments) },
        }),
      ),
    };
  }
}

/** Whole steps in UTC; the first and last are cut off where the time does. Pure. */
export function planEdges({ first, behind }: Pick<AskedSpan, "first" | "behind">, width: number): number[] {
  const edges = [first];
  for (let edge = (Math.floor(first / width) + 1) * width; edge < behind; edge += width) edges.push(edge);
  return [...edges, behind];
}

/** When a step ends; the one that is running ends now. Pure. */
export function momentOf(edge: number, before: number | undefined, nowMillis: number): number {
  const millis = edge * QUARTER_HOUR_MILLIS;
  const isRunning = before !== undefined && before * QUARTER_HOUR_MILLIS < nowMillis && nowMillis < millis;
  return isRunning ? nowMillis : millis;
}

function* samplesOf(source: CumulativeSource, growth: Growth, moments: readonly number[]): Generator<CumulativeSample> {
  let last = -1;
  let reached = growth.nothing;
  const at = (moment: number): CumulativeSample => ({ ...inUnits(reached, source), atMillis: moments[moment] ?? 0 });
  for (const { step, value } of growth.steps()) {
    if (last < step) yield at(step);
    reached = value;
    last = step + 1;
    yield at(last);
  }
  if (last < moments.length - 1) yield at(moments.length - 1);
}
