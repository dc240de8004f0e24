/** Finds the calls of a task or a session: they have no index of their own, their rows lie by time. */

import { quarterHourOf } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { quarterHourRange, rowRange } from "./locator.ts";

export interface OwnedRows<Row> {
  /**
   * Hands each row of the owner to `take`, perhaps twice.
   * @param take returns how much the row adds to the owner's total.
   * @param total what the rows in the file add up to. When those of the nearest time add up to it, there are no others.
   */
  each(owner: RowOwner, total: number, take: (row: Row) => number): void;
}

/** Whose rows, and the time in which they happened. */
export interface RowOwner {
  readonly id: number;
  readonly startMillis: number;
  readonly endMillis: number;
  /** How far the time of a row may lie outside of that. */
  readonly strayMillis: number;
}

export function createOwnedRows<Row>(
  database: Database,
  table: "model_call" | "tool_call",
  owner: "session_id" | "task_id",
): OwnedRows<Row> {
  const select = database.prepare<[number, number, number], Row>(
    `SELECT * FROM ${table} WHERE id BETWEEN ? AND ? AND ${owner} = ?`,
  );
  return {
    each({ id, startMillis, endMillis, strayMillis }, total, take) {
      if (total === 0) return;
      let taken = 0;
      const near = quarterHourRange(quarterHourOf(startMillis), quarterHourOf(endMillis));
      for (const row of select.all(near.firstId, near.lastId, id)) taken += take(row);
      if (taken === total) return;
      const all = rowRange(startMillis - strayMillis, endMillis + strayMillis);
      for (const row of select.all(all.firstId, all.lastId, id)) take(row);
    },
  };
}
