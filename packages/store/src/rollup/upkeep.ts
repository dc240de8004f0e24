/** What rollups need from time to time: days that are over are folded, days of new zones are added up. */
import type { Database } from "better-sqlite3";
import { createClosedDayWriter } from "./closed-day.ts";
import { foldDay, planFolding } from "./folding.ts";
import { addMissingZoneDays, isZoneWanted } from "./keep-zones.ts";
import { readOpenDays } from "./open-sheets.ts";
import { readDaysWithoutMargins } from "./zone-days.ts";

/** So many days to fold are more than come together from one upkeep to the next: history was imported. */
const MANY_DAYS = 3;

/** Whether so much has come together that it should not wait for the daily maintenance. Quick to tell. */
export function areRollupsBehind(database: Database, nowMillis: number): boolean {
  return isZoneWanted(database) || planFolding(readOpenDays(database), nowMillis).length >= MANY_DAYS;
}

/** Every step in order: a day folded, or a day added up for zones. Each is at most one short transaction. */
export function* rollupSteps(database: Database, nowMillis: number): Generator<undefined, void> {
  const writer = createClosedDayWriter(database);
  for (const day of planFolding(readOpenDays(database), nowMillis)) {
    foldDay(database, day, writer);
    yield;
  }
  for (const _ of addMissingZoneDays(database)) yield;
  for (const day of readDaysWithoutMargins(database)) {
    writer.addMargins(day);
    yield;
  }
}
