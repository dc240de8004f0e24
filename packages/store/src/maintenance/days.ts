/** The oldest and newest days that the file holds. */
import type { Database } from "better-sqlite3";
import { utcDayOf } from "./plan-retention.ts";

const NANOS_PER_MILLI = 1_000_000n;

/** Moments of the ledger, in milliseconds; undefined when it is empty. */
export interface LedgerSpan {
  readonly oldestMillis: number | undefined;
  readonly newestMillis: number | undefined;
}

/** The ends of the ledger, by indexes and row numbers, without reading it. */
export function readLedgerSpan(database: Database): LedgerSpan {
  const pick = (sql: string): number | undefined => (database.prepare(sql).pluck().get() as number | null) ?? undefined;
  const times = (order: "ASC" | "DESC"): number[] =>
    [
      pick(`SELECT ended_at FROM model_call_fact ORDER BY id ${order} LIMIT 1`),
      pick(`SELECT started_at FROM tool_call ORDER BY id ${order} LIMIT 1`),
      pick(`SELECT last_seen_at FROM task WHERE last_seen_at IS NOT NULL ORDER BY last_seen_at ${order} LIMIT 1`),
    ].filter((time) => time !== undefined);
  const [oldest, newest] = [times("ASC"), times("DESC")];
  return {
    oldestMillis: oldest.length === 0 ? undefined : Math.min(...oldest),
    newestMillis: newest.length === 0 ? undefined : Math.max(...newest),
  };
}

/** The newest moment that anything was recorded for. */
export function readNewestMillis(database: Database): number | undefined {
  const point = database.prepare<[], bigint | null>("SELECT max(time_nano) FROM point").pluck().safeIntegers().get();
  const pointMillis = point === undefined || point === null ? undefined : Number(point / NANOS_PER_MILLI);
  const { newestMillis } = readLedgerSpan(database);
  if (pointMillis === undefined || newestMillis === undefined) return pointMillis ?? newestMillis;
  return Math.max(pointMillis, newestMillis);
}

/** The oldest day of the ledger, in days since 1970-01-01. */
export function readOldestLedgerDay(database: Database): number | undefined {
  const { oldestMillis } = readLedgerSpan(database);
  return oldestMillis === undefined ? undefined : utcDayOf(oldestMillis);
}
