/** Which of some tasks or sessions called one of some models. */
import type { TimeRange } from "@moai-metrics/model";
import { planNameFilter } from "../read/filters.ts";
import { CALL_FLAGS } from "../write/call-shapes.ts";
import { firstRowOf, quarterHourOfRow, rowRange } from "../write/locator.ts";
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
  const ofModels = planNameFilter("shape.model_id", models);
  // Thousands of calls have some dozens of shapes, and one text is handed over sooner than a row for each of them.
  const calls = context
    .statement(
      `SELECT json_group_array(call.${owner}) FROM model_call AS call
       WHERE call.id BETWEEN ? AND ?
         AND call.shape_id IN (SELECT id FROM call_shape AS shape WHERE ${IS_COUNTED} AND ${ofModels.condition})`,
    )
    .pluck();
  const callers = new Set<number>();
  let missing = rows;
  let { firstId, lastId } = rowsOf(missing);
  while (firstId <= lastId) {
    const from = Math.max(firstId, FIRST_OF_NEWEST[owner](context, lastId));
    const found = JSON.parse(calls.get(from, lastId, ...ofModels.parameters) as string) as readonly number[];
    for (const caller of found) callers.add(caller);
    missing = missing.filter(({ id }) => !callers.has(id));
    if (missing.length === 0) break;
    const left = rowsOf(missing);
    firstId = left.firstId;
    lastId = Math.min(from - 1, left.lastId);
  }
  return rows.filter(({ id }) => callers.has(id));
}

const IS_COUNTED = `shape.flags & ${CALL_FLAGS.isSum} = 0`;

/** Most sessions call each of their models among so many of the newest calls. */
const CALLS_AT_ONCE = 2_048;
/** A task that did not call a model shows only when all of its calls were looked at. */
const QUARTER_HOURS_AT_ONCE = 32;

/** The first of the calls, up to a last one, that are looked at together. */
const FIRST_OF_NEWEST = {
  session_id: (context: QueryContext, lastId: number): number =>
    (context
      .statement("SELECT id FROM model_call WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET ?")
      .pluck()
      .get(lastId, CALLS_AT_ONCE - 1) as number | undefined) ?? 0,
  task_id: (_: QueryContext, lastId: number): number =>
    firstRowOf(quarterHourOfRow(lastId) - QUARTER_HOURS_AT_ONCE + 1),
} as const;

/** The rows of calls that those may have made. */
function rowsOf(callers: readonly Caller[]): { firstId: number; lastId: number } {
  let first = Number.MAX_SAFE_INTEGER;
  let last = 0;
  for (const { startMillis, endMillis } of callers) {
    first = Math.min(first, startMillis);
    last = Math.max(last, endMillis);
  }
  return rowRange(first, last);
}
