/** What tells later that sums of the past have changed. */
import { DAY_MILLIS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { readWatermarkMillis } from "../maintenance/watermark.ts";
import { readGeneration } from "../rollup/generation.ts";
import { readOpenDays } from "../rollup/open-sheets.ts";
import type { RollupState } from "./types.ts";

/** To be called in a transaction: all of it is one state of the file. */
export function readRollupState(database: Database): RollupState {
  return {
    generation: readGeneration(database),
    openDays: readOpenDays(database).map((day) => day * DAY_MILLIS),
    watermarkMillis: readWatermarkMillis(database),
    measurements: readMeasurements(database),
  };
}

/** A measurement is added, or a better witness changes its score or its counts. */
function readMeasurements(database: Database): string {
  return database
    .prepare<[], string>(
      `SELECT count(*) || ' ' || total(rank) || ' ' || total(score) || ' ' || total(good) || ' ' || total(total)
       FROM quality`,
    )
    .pluck()
    .get() as string;
}

/** Folders of all sessions. */
export function readProjects(database: Database): string[] {
  return database
    .prepare<[], string>(
      `SELECT coalesce(text, '') FROM (SELECT DISTINCT project_id FROM session)
       LEFT JOIN string ON string.id = project_id ORDER BY 1`,
    )
    .pluck()
    .all();
}
