/** Gives up what has been kept long enough. */
import type { Database } from "better-sqlite3";
import { nanoOfDay } from "../chunk/types.ts";
import { hasPlainPoints } from "../plain-rows.ts";
import { firstGap, RESOLUTION_NUMBERS, summaryHeads } from "../summary/rows.ts";
import type { Resolution } from "../summary/types.ts";
import { readStateRow } from "./state.ts";

/** Chunks and rows of summaries that one step removes: about 2,000 pages. */
const MAX_ROWS = 128;
const EARLIEST_NANO = -(2n ** 63n);

/**
 * Moves the border of single points to `beforeDay` and removes some of the chunks behind it. Nothing happens while
 * anything behind the border is not in the summaries, because a late point came after planning.
 * @returns whether the file changed.
 */
export function forgetPoints(database: Database, beforeDay: number): boolean {
  return database
    .transaction(() => {
      const { detailedFromDay } = readStateRow(database);
      if (beforeDay > detailedFromDay) {
        if (hasPlainPoints(database, EARLIEST_NANO, nanoOfDay(beforeDay))) return false;
        const days = database
          .prepare<[number, number], number>("SELECT DISTINCT day FROM series_chunk WHERE day >= ? AND day < ?")
          .pluck()
          .all(detailedFromDay, beforeDay);
        if (days.some((day) => firstGap(summaryHeads(database, "day", day, day)) !== undefined)) return false;
      }
      database
        .prepare("UPDATE series_state SET generation = generation + 1, detailed_from_day = max(detailed_from_day, ?)")
        .run(beforeDay);
      database
        .prepare(
          `DELETE FROM series_chunk WHERE id IN
           (SELECT id FROM series_chunk WHERE day < ? ORDER BY day LIMIT ${MAX_ROWS})`,
        )
        .run(beforeDay);
      return true;
    })
    .immediate();
}

/** Removes some rows of summaries before `beforeDay`. @returns whether the file changed. */
export function forgetSummaries(database: Database, resolution: Resolution, beforeDay: number): boolean {
  return database
    .transaction(() => {
      const { changes } = database
        .prepare(
          `DELETE FROM series_summary WHERE id IN
           (SELECT id FROM series_summary WHERE resolution = ? AND day < ? ORDER BY day LIMIT ${MAX_ROWS})`,
        )
        .run(RESOLUTION_NUMBERS[resolution], beforeDay);
      if (changes === 0) return false;
      database.prepare("UPDATE series_state SET generation = generation + 1").run();
      return true;
    })
    .immediate();
}
