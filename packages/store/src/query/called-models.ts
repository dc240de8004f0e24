/** Which of some tasks or sessions called one of some models. */
import type { TimeRange } from "@moai-metrics/model";
import { planNameFilter } from "../read/filters.ts";
import { rowRange } from "../write/locator.ts";
import type { QueryContext } from "./context.ts";

/** A task or session and the time in which all of its calls lie. */
export interface Caller extends TimeRange {
  readonly id: number;
}

/** Keeps those that called one of the models; all of them when no models are given. */
export function keepCallers<Row extends Caller>(
  context: QueryContext,
  owner: "task_id" | "session_id",
  rows: readonly Row[],
  models: readonly string[] | undefined,
): readonly Row[] {
  if (models === undefined || rows.length === 0) return rows;
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (const { startMillis, endMillis } of rows) {
    first = Math.min(first, startMillis);
    last = Math.max(last, endMillis);
  }
  const { firstId, lastId } = rowRange(first, last);
  const ofModels = planNameFilter("fact.model_id", models);
  const sql = `SELECT DISTINCT fact.${owner} FROM model_call_fact AS fact
    WHERE fact.id BETWEEN ? AND ? AND ${ofModels.condition}`;
  const callers = new Set(
    context
      .statement(sql)
      .pluck()
      .all(firstId, lastId, ...ofModels.parameters),
  );
  return rows.filter(({ id }) => callers.has(id));
}
