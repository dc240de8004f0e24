/** Carries out steps. */
import type { Database } from "better-sqlite3";
import { forgetPoints, forgetSummaries } from "./forget.ts";
import { packDay } from "./pack.ts";
import type { SeriesStep } from "./plan.ts";
import type { SeriesSettings } from "./settings.ts";
import { summarizeDay } from "./summarize-day.ts";

/**
 * Carries out one step: at most one transaction of a few to some tens of milliseconds. Killed at any moment it has
 * either happened or not; both are fine, because planning begins with what is in the file.
 * @returns whether the file changed. False: another process was faster, or points came meanwhile; plan again later.
 */
export function applySeriesStep(database: Database, step: SeriesStep, settings: SeriesSettings): boolean {
  switch (step.kind) {
    case "pack":
      return packDay(database, step.day, settings);
    case "summarize":
      return summarizeDay(database, step.day, settings);
    case "forget_points":
      return forgetPoints(database, step.beforeDay);
    case "forget_summaries":
      return forgetSummaries(database, step.resolution, step.beforeDay);
  }
}
