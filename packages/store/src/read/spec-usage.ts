/**
 * Usage by the SPEC that sessions worked on: a tag, so rollups do not know it, and the facts themselves are added up.
 * What the ledger no longer holds for its age is in no sum.
 */
import { TASK_RESULTS, type TaskResult } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { DIMENSION_COLUMNS, FACT_TABLES, JOIN_SESSION } from "../query/ledger-sql.ts";
import type { Population } from "../query/measures.ts";
import { CALL_SUMS, type RollupSum, TASK_SUMS } from "../rollup/types.ts";
import { rowRange } from "../write/locator.ts";
import { callMeasures } from "./call-measures.ts";
import { joinConditions, planColumnFilter, planTextFilter } from "./filters.ts";
import { DIMENSIONS, type Dimension, type SpecUsageQuestion, type UsageGroup } from "./types.ts";

/** The tag of a session that names its SPEC. */
const SPEC_TAG = "moai.spec";

const SUMS = {
  calls: [...CALL_SUMS, "call_ms"],
  tools: ["tool_calls", "tool_errors"],
  tasks: [...TASK_SUMS, "task_ms", "undivided_tokens"],
} as const satisfies Record<Population, readonly RollupSum[]>;

type Sums = Record<(typeof SUMS)[Population][number], number>;

/** Groups by SPEC ("" for none) and dimensions. Tasks and tool calls have no model of their own. */
export function readSpecUsage(database: Database, question: SpecUsageQuestion): UsageGroup[] {
  const by = DIMENSIONS.filter((dimension) => question.by.includes(dimension));
  const groups = new Map<string, { readonly names: readonly string[]; readonly sums: Sums }>();
  for (const population of ["calls", "tools", "tasks"] as const) {
    if (population !== "calls" && question.models !== undefined) continue;
    for (const { names, values } of readPopulation(database, population, question, by)) {
      const key = JSON.stringify(names);
      const group = groups.get(key) ?? { names, sums: noSums() };
      groups.set(key, group);
      for (const [i, name] of SUMS[population].entries()) group.sums[name] += values[i] ?? 0;
    }
  }
  return [...groups.values()].map(({ names: [spec = "", ...names], sums }) => ({
    spec,
    ...Object.fromEntries(by.map((dimension, i) => [dimension, names[i] ?? ""])),
    ...callMeasures(sums),
    tasksByResult: Object.fromEntries(TASK_RESULTS.map((result) => [result, sums[`tasks_${result}`]])) as Record<
      TaskResult,
      number
    >,
    taskMillis: sums.task_ms,
    toolCalls: sums.tool_calls,
    toolErrors: sums.tool_errors,
  }));
}

interface GroupRow {
  readonly names: readonly string[];
  readonly values: readonly number[];
}

function readPopulation(
  database: Database,
  population: Population,
  question: SpecUsageQuestion,
  by: readonly Dimension[],
): GroupRow[] {
  const table = FACT_TABLES[population];
  const { startMillis, endMillis } = question.range ?? { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };
  const { firstId, lastId } = rowRange(startMillis, endMillis);
  const columns = {
    ...DIMENSION_COLUMNS,
    agent: table.agent,
    model: population === "calls" ? DIMENSION_COLUMNS.model : "0",
  };
  const where = joinConditions([
    ...(table.isInRowOrder ? [{ condition: "fact.id BETWEEN ? AND ?", parameters: [firstId, lastId] }] : []),
    { condition: `${table.time} >= ? AND ${table.time} < ?`, parameters: [startMillis, endMillis] },
    planColumnFilter(columns, question),
    planTextFilter("session.session_key", question.sessionIds),
  ]);
  const keys = ["coalesce(tag.value_id, 0)", ...by.map((dimension) => columns[dimension])];
  const sums = SUMS[population].map((name) => (table.sums as Partial<Record<RollupSum, string>>)[name] ?? "0");
  const rows = database
    .prepare<unknown[], number[]>(
      `SELECT ${[...keys, ...sums].join(", ")}
       FROM ${table.from}
       ${JOIN_SESSION}
       ${table.taskJoin}
       LEFT JOIN session_tag AS tag ON tag.session_id = session.id AND tag.key_id = (SELECT id FROM string WHERE text = ?)
       WHERE ${table.isCounted} AND ${where.condition}
       GROUP BY ${keys.map((_, i) => i + 1).join(", ")}`,
    )
    .raw()
    .all(SPEC_TAG, ...where.parameters);
  const nameOf = database.prepare<[number], string>("SELECT text FROM string WHERE id = ?").pluck();
  return rows.map((row) => ({
    names: row.slice(0, keys.length).map((id) => nameOf.get(id) ?? ""),
    values: row.slice(keys.length),
  }));
}

function noSums(): Sums {
  return Object.fromEntries(Object.values(SUMS).flatMap((names) => names.map((name) => [name, 0]))) as Sums;
}
