/** Which days the ledger holds. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { firstRowOf, quarterHourOfRow } from "../write/locator.ts";
import { dayOfQuarterHour, QUARTER_HOURS_A_DAY } from "./places.ts";

/** UTC days that may hold facts, ascending. */
export function readLedgerDays(database: Database): number[] {
  const days = new Set<number>();
  for (const table of ["model_call", "tool_call"] as const) {
    const next = database.prepare<[number], number | null>(`SELECT min(id) FROM ${table} WHERE id >= ?`).pluck();
    for (let id = next.get(firstRowOf(0)) ?? null; id !== null; ) {
      const day = dayOfQuarterHour(quarterHourOfRow(id));
      // The time of a call may lie a little away from where its row lies.
      for (const near of [day - 1, day, day + 1]) days.add(near);
      id = next.get(firstRowOf((day + 1) * QUARTER_HOURS_A_DAY)) ?? null;
    }
  }
  const next = database
    .prepare<[number], number | null>("SELECT min(last_seen_at) FROM task WHERE last_seen_at >= ?")
    .pluck();
  for (let millis = next.get(0) ?? null; millis !== null; ) {
    const day = Math.floor(millis / DAY_MILLIS);
    days.add(day);
    millis = next.get((day + 1) * DAY_MILLIS) ?? null;
  }
  return [...days].filter((day) => day >= 0).sort((a, b) => a - b);
}
