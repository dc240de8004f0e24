/** How large everything is, and how old. */
import { dirname } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { readOpenDays } from "../rollup/open-sheets.ts";
import { readClosedDays } from "../rollup/zone-days.ts";
import { readSeriesState } from "../series/maintenance/state.ts";
import { readLedgerSpan } from "./days.ts";
import { readDiskSpace, reserveBytesOf } from "./disk-space.ts";
import { readPages } from "./pages.ts";
import { readLastRunMillis } from "./state.ts";
import type { StoreStats, TableStats, TierStats } from "./types.ts";
import { readWatermarkDay } from "./watermark.ts";

const LEDGER_TABLES = new Set([
  "session",
  "session_tag",
  "task",
  "model_call",
  "model_call_alias",
  "model_call_dissent",
  "tool_call",
  "file_change",
  "quality",
  "call_shape",
  "price",
]);

function tierOf(table: string): TierStats["tier"] {
  if (LEDGER_TABLES.has(table)) return "ledger";
  if (table.startsWith("rollup")) return "rollups";
  return table.startsWith("point") || table.startsWith("series") ? "series" : "other";
}

const TIERS: readonly TierStats["tier"][] = ["ledger", "rollups", "series", "other"];

/** Measures the file. Reads every page once (`dbstat`): about a second per gigabyte in memory. */
export function readStats(database: Database, path: string): StoreStats {
  return database.transaction(() => {
    const { pageBytes, pages, freePages, walBytes } = readPages(database);
    const tables = readTables(database);
    const tableOf = (name: string): TableStats | undefined => tables.find(({ table }) => table === name);
    const tiers = TIERS.map((tier) => {
      const members = tables.filter(({ table }) => tierOf(table) === tier).toSorted((a, b) => b.bytes - a.bytes);
      return { tier, tables: members, rows: sum(members, "rows"), bytes: sum(members, "bytes") };
    });
    const callBytes = (tableOf("model_call")?.bytes ?? 0) + (tableOf("model_call_alias")?.bytes ?? 0);
    const packed = database.prepare<[], number>("SELECT coalesce(sum(points), 0) FROM series_chunk").pluck().get() ?? 0;
    const points = (tableOf("point")?.rows ?? 0) + packed;
    return {
      path,
      schemaVersion: database.pragma("user_version", { simple: true }) as number,
      fileBytes: pageBytes * pages,
      walBytes,
      freeBytes: pageBytes * freePages,
      reserveBytes: reserveBytesOf(path),
      diskFreeBytes: readDiskSpace(dirname(path))?.freeBytes,
      tiers,
      bytesPerModelCall: perRow(callBytes, tableOf("model_call")?.rows),
      points,
      bytesPerPoint: perRow((tableOf("point")?.bytes ?? 0) + (tableOf("series_chunk")?.bytes ?? 0), points),
      oldestDays: readOldestDays(database),
      watermarkDay: dayText(inMillis(readWatermarkDay(database))),
      lastMaintenanceMillis: readLastRunMillis(database),
    };
  })();
}

function readTables(database: Database): TableStats[] {
  const sizes = database
    .prepare<[], { table: string; bytes: number }>(
      `SELECT coalesce(schema.tbl_name, stat.name) AS "table", sum(stat.pgsize) AS bytes
       FROM dbstat AS stat LEFT JOIN sqlite_schema AS schema ON schema.name = stat.name
       WHERE stat.aggregate = TRUE GROUP BY 1`,
    )
    .all();
  return sizes.map(({ table, bytes }) => ({ table, bytes, rows: countRows(database, table) }));
}

/** The name comes from the schema of this very file; doubled quotes keep it a name. */
function countRows(database: Database, table: string): number {
  const name = `"${table.replaceAll('"', '""')}"`;
  return database.prepare<[], number>(`SELECT count(*) FROM ${name}`).pluck().get() ?? 0;
}

function readOldestDays(database: Database): StoreStats["oldestDays"] {
  const { plainDays, chunkDays, summaryDays } = readSeriesState(database, 0);
  const rollupDays = [...readClosedDays(database).slice(-1), ...readOpenDays(database).slice(0, 1)];
  return {
    ledger: dayText(readLedgerSpan(database).oldestMillis),
    rollups: rollupDays.length === 0 ? undefined : dayText(inMillis(Math.min(...rollupDays))),
    plainPoints: dayText(inMillis(plainDays[0])),
    compressedPoints: dayText(inMillis(chunkDays[0])),
    hourlyPoints: dayText(inMillis(summaryDays.hour[0])),
    dailyPoints: dayText(inMillis(summaryDays.day[0])),
  };
}

function inMillis(day: number | undefined): number | undefined {
  return day === undefined ? undefined : day * DAY_MILLIS;
}

function dayText(millis: number | undefined): string | undefined {
  return millis === undefined ? undefined : new Date(millis).toISOString().slice(0, 10);
}

function perRow(bytes: number, rows: number | undefined): number | undefined {
  return rows === undefined || rows === 0 ? undefined : bytes / rows;
}

function sum(tables: readonly TableStats[], field: "rows" | "bytes"): number {
  return tables.reduce((total, table) => total + table[field], 0);
}
