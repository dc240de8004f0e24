/** Measurements of quality. */
import { QUALITY_MEASURES } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { joinConditions, planNameFilter } from "./filters.ts";
import type { QualityFilter, QualityRow } from "./types.ts";

type StoredRow = Omit<QualityRow, "counts"> & { readonly good: number | null; readonly total: number | null };

const NAME = (column: string): string => `coalesce((SELECT text FROM string WHERE id = ${column}), '')`;

/** What was measured, series by series, oldest first. */
export function readQuality(database: Database, { range, projects, measures }: QualityFilter): QualityRow[] {
  const where = joinConditions([
    {
      condition: "measured_at >= ? AND measured_at < ?",
      parameters: [range?.startMillis ?? 0, range?.endMillis ?? Number.MAX_SAFE_INTEGER],
    },
    planNameFilter("project_id", projects),
    {
      condition: "measure IN (SELECT value FROM json_each(?))",
      parameters: [JSON.stringify(measures ?? QUALITY_MEASURES)],
    },
  ]);
  return database
    .prepare<unknown[], StoredRow>(
      `SELECT ${NAME("project_id")} AS project, measure, ${NAME("benchmark_id")} AS benchmark, ${NAME("tool_id")} AS tool,
         measured_at AS atMillis, score, good, total
       FROM quality WHERE ${where.condition}
       ORDER BY project, measure, benchmark, tool, measured_at`,
    )
    .all(...where.parameters)
    .map(({ good, total, ...row }) => ({
      ...row,
      counts: good === null || total === null ? undefined : { good, total },
    }));
}

/** Projects of which something was measured. */
export function readMeasuredProjects(database: Database): string[] {
  return database
    .prepare<[], string>("SELECT text FROM string WHERE id IN (SELECT DISTINCT project_id FROM quality) ORDER BY 1")
    .pluck()
    .all();
}
