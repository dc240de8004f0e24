/** Gauges: what is now. They may fall, so nothing about them is kept. */
import { canonicalName, type MetricKey, QUALITY_MEASURES, type QualityMeasure } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { readActiveTasks } from "../cumulative/read-state.ts";
import { ATTRIBUTE_OF_DIMENSION, describe } from "../cumulative/sources.ts";
import type { CumulativeAttributes } from "../cumulative/types.ts";
import { valueNames } from "../cumulative/value-names.ts";
import { createQueryContext } from "../query/context.ts";
import type { ExposedCounter, ExposedMetricState, ValueRules } from "./exposure-types.ts";
import { nameLabels } from "./label-values.ts";

const METRIC_OF_MEASURE: Readonly<Record<QualityMeasure, MetricKey>> = {
  test_coverage: "testCoverage",
  lint_score: "lintScore",
  benchmark_score: "benchmarkScore",
};

/** What tells ended tasks apart and is not known of running ones. */
const OF_ENDS: ReadonlySet<string> = new Set((["taskKind", "taskResult"] as const).map(canonicalName));

/** @param tasks series of ended tasks: who once ran a task runs none now, and does not vanish. */
export function readGauges(
  database: Database,
  rules: ValueRules,
  tasks: readonly { readonly attributes: CumulativeAttributes }[],
): ExposedMetricState[] {
  return [activeTasks(database, rules, tasks), ...quality(database, rules)];
}

function activeTasks(
  database: Database,
  rules: ValueRules,
  tasks: readonly { readonly attributes: CumulativeAttributes }[],
): ExposedMetricState {
  const { series, ...metric } = readActiveTasks(
    createQueryContext(database),
    rules,
    (texts) => nameLabels(database, texts, rules).labels,
  );
  const active = new Map<string, ExposedCounter>();
  for (const { attributes } of tasks) {
    const some = Object.fromEntries(Object.entries(attributes).filter(([name]) => !OF_ENDS.has(name)));
    active.set(keyOf(some), gaugeOf(some, 0));
  }
  for (const { attributes, sum } of series) active.set(keyOf(attributes), gaugeOf(attributes, sum));
  return { ...metric, series: [...active.values()] };
}

/** The newest measurement of each project and benchmark. */
function quality(database: Database, rules: ValueRules): ExposedMetricState[] {
  const rows = database
    .prepare<[], { measure: QualityMeasure; project: string; benchmark: string; score: number }>(
      `SELECT measure, coalesce(project.text, '') AS project, coalesce(benchmark.text, '') AS benchmark, score,
         max(measured_at)
       FROM quality
       LEFT JOIN string AS project ON project.id = project_id
       LEFT JOIN string AS benchmark ON benchmark.id = benchmark_id
       GROUP BY measure, project_id, benchmark_id`,
    )
    .all();
  const projectValues = valueNames(
    database,
    rows.map(({ project }) => project),
    rules,
  );
  const benchmarkValues = valueNames(
    database,
    rows.map(({ benchmark }) => benchmark),
    rules,
  );
  return QUALITY_MEASURES.map((measure) => {
    const series = new Map<string, ExposedCounter>();
    for (const row of rows.filter((each) => each.measure === measure)) {
      const attributes = withoutEmpty({
        [ATTRIBUTE_OF_DIMENSION.project]: projectValues.get(row.project) ?? "",
        [canonicalName("benchmarkName")]: benchmarkValues.get(row.benchmark) ?? "",
      });
      series.set(keyOf(attributes), gaugeOf(attributes, row.score));
    }
    return { ...describe(METRIC_OF_MEASURE[measure]), kind: "gauge", bounds: [], series: [...series.values()] };
  });
}

function gaugeOf(attributes: CumulativeAttributes, sum: number): ExposedCounter {
  const value = { sum, count: 0, bucketCounts: [] };
  return { attributes, startMillis: undefined, ...value, growth: value };
}

function withoutEmpty(attributes: CumulativeAttributes): CumulativeAttributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}

function keyOf(attributes: CumulativeAttributes): string {
  return JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}
