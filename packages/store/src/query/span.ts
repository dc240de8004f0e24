/** The first and last moment that there are facts of, for questions without a range. */
import { DAY_MILLIS, QUARTER_HOUR_MILLIS, type TimeRange } from "@moai-metrics/model";
import { UTC_ZONE_ID } from "../rollup/places.ts";
import { MAX_STRAY, quarterHourOfRow } from "../write/locator.ts";
import type { QueryContext } from "./context.ts";

const TABLES = ["model_call", "tool_call"] as const;

/** Whole quarter hours around all facts that the store knows; undefined when it is empty. */
export function readSpan(context: QueryContext): TimeRange | undefined {
  const found: TimeRange[] = [];
  for (const table of TABLES) {
    const first = edgeOf(context, `SELECT min(id) FROM ${table}`);
    const last = edgeOf(context, `SELECT max(id) FROM ${table}`);
    if (first === undefined || last === undefined) continue;
    found.push({
      startMillis: (quarterHourOfRow(first) - MAX_STRAY) * QUARTER_HOUR_MILLIS,
      endMillis: (quarterHourOfRow(last) + MAX_STRAY + 1) * QUARTER_HOUR_MILLIS,
    });
  }
  const firstTask = edgeOf(context, "SELECT min(last_seen_at) FROM task");
  const lastTask = edgeOf(context, "SELECT max(last_seen_at) FROM task");
  if (firstTask !== undefined && lastTask !== undefined) {
    found.push({
      startMillis: Math.floor(firstTask / QUARTER_HOUR_MILLIS) * QUARTER_HOUR_MILLIS,
      endMillis: (Math.floor(lastTask / QUARTER_HOUR_MILLIS) + 1) * QUARTER_HOUR_MILLIS,
    });
  }
  const firstDay = edgeOf(context, `SELECT min(first_quarter_hour) FROM rollup_day WHERE zone_id = ${UTC_ZONE_ID}`);
  const lastDay = edgeOf(context, `SELECT max(first_quarter_hour) FROM rollup_day WHERE zone_id = ${UTC_ZONE_ID}`);
  if (firstDay !== undefined && lastDay !== undefined) {
    // Days that the ledger no longer holds are known by their sums.
    found.push({
      startMillis: firstDay * QUARTER_HOUR_MILLIS,
      endMillis: lastDay * QUARTER_HOUR_MILLIS + DAY_MILLIS,
    });
  }
  if (found.length === 0) return undefined;
  return {
    startMillis: Math.max(0, Math.min(...found.map(({ startMillis }) => startMillis))),
    endMillis: Math.max(...found.map(({ endMillis }) => endMillis)),
  };
}

function edgeOf(context: QueryContext, sql: string): number | undefined {
  const value = context.statement(sql).pluck().get() as number | null | undefined;
  return value ?? undefined;
}
