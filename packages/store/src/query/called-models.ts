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
  for (let quarterHours = FIRST_QUARTER_HOURS; firstId <= lastId; quarterHours *= 2) {
    const from = Math.max(firstId, firstRowOf(quarterHourOfRow(lastId) - quarterHours + 1));
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

/** Sessions are long, and most of them call each of their models at once: the newest calls are looked at first. */
const FIRST_QUARTER_HOURS = 8;

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
