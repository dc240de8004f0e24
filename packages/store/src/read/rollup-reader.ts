/** Usage from the rollups. */
import { QUARTER_HOUR_MILLIS, quarterHourOf, TASK_RESULTS, type TaskResult } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { ROLLUP_COLUMNS, type RollupColumn } from "../write/rollup-columns.ts";
import { type CallSums, callMeasures } from "./call-measures.ts";
import { planDimensionFilter } from "./filters.ts";
import { DIMENSIONS, type Dimension, type UsageGroup, type UsageQuestion } from "./types.ts";

type RollupSums = Record<RollupColumn, number> & CallSums;
type UsageRow = RollupSums & { period: number } & Partial<Record<Dimension, string>>;

/** @throws RangeError when the question cannot be answered exactly from quarter hours. */
export function readUsage(database: Database, question: UsageQuestion): UsageGroup[] {
  if (question.sessionIds !== undefined) {
    throw new RangeError(
      "usage cannot be filtered by session: rollups do not know sessions. Ask for sessions instead.",
    );
  }
  const by = question.by ?? [];
  const { sql, parameters } = planUsage(question, by);
  const rows = database.prepare<unknown[], UsageRow>(sql).all(...parameters);
  return rows.map((row) => toGroup(row, question, by));
}

/** The SQL that answers a question. Pure. */
function planUsage(
  question: UsageQuestion,
  by: readonly Dimension[],
): { sql: string; parameters: (string | number)[] } {
  const ranges = question.periods ?? [question.range ?? { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER }];
  const buckets = ranges.map(({ startMillis, endMillis }) => [wholeQuarter(startMillis), wholeQuarter(endMillis)]);
  const filters = [planDimensionFilter("rollup", question), rangeFilter(question)];
  const dimensions = DIMENSIONS.filter((dimension) => by.includes(dimension));
  // A model's rows hold calls only; tasks and tool calls are kept under the model that is not known.
  const names = dimensions.map((name) => `coalesce(${name}_name.text, '') AS ${name}`);
  const joins = dimensions.map((name) => `LEFT JOIN string AS ${name}_name ON ${name}_name.id = rollup.${name}_id`);
  const groups = ["period.number", ...dimensions.map((name) => `rollup.${name}_id`)];
  const sql = `
    WITH period AS (SELECT key AS number, value ->> 0 AS first, value ->> 1 AS behind FROM json_each(?))
    SELECT ${["period.number AS period", ...names, ...ROLLUP_COLUMNS.map((name) => `sum(rollup.${name}) AS ${name}`)].join(", ")}
    FROM period
    CROSS JOIN rollup ON rollup.quarter_hour >= period.first AND rollup.quarter_hour < period.behind
    ${joins.join("\n")}
    WHERE ${filters.map(({ condition }) => condition).join(" AND ")}
    GROUP BY ${groups.join(", ")}
    ORDER BY ${groups.join(", ")}`;
  return { sql, parameters: [JSON.stringify(buckets), ...filters.flatMap(({ parameters }) => parameters)] };
}

/** With periods, a range cuts off what lies outside of it. */
function rangeFilter({ periods, range }: UsageQuestion): { condition: string; parameters: number[] } {
  if (periods === undefined || range === undefined) return { condition: "true", parameters: [] };
  return {
    condition: "rollup.quarter_hour >= ? AND rollup.quarter_hour < ?",
    parameters: [wholeQuarter(range.startMillis), wholeQuarter(range.endMillis)],
  };
}

function wholeQuarter(millis: number): number {
  if (millis === Number.MAX_SAFE_INTEGER) return quarterHourOf(millis);
  if (millis % QUARTER_HOUR_MILLIS !== 0) {
    throw new RangeError(
      `usage is kept by the quarter hour; ${new Date(millis).toISOString()} is not the start of one. ` +
        "Round the range to quarter hours.",
    );
  }
  return quarterHourOf(millis);
}

function toGroup(row: UsageRow, question: UsageQuestion, by: readonly Dimension[]): UsageGroup {
  const period = question.periods?.[row.period];
  const tasksByResult = Object.fromEntries(TASK_RESULTS.map((result) => [result, row[`tasks_${result}`]])) as Record<
    TaskResult,
    number
  >;
  return {
    ...(period === undefined ? {} : { period }),
    ...Object.fromEntries(by.map((dimension) => [dimension, row[dimension] ?? ""])),
    ...callMeasures(row),
    tasksByResult,
    taskMillis: row.task_ms,
    toolCalls: row.tool_calls,
    toolErrors: row.tool_errors,
  };
}
