/** What rollups need from time to time: days that are over or heavy are folded, days of new zones are added up. */
import type { Database } from "better-sqlite3";
import { createClosedDayWriter } from "./closed-day.ts";
import { foldDay, readFolding } from "./folding.ts";
import { addMissingZoneDays, isZoneWanted } from "./keep-zones.ts";
import { readDaysWithoutMargins } from "./zone-days.ts";

/** So many days to fold are more than come together from one upkeep to the next: history was imported. */
const MANY_DAYS = 3;

/** Whether so much has come together that it should not wait for the daily maintenance. Quick to tell. */
export function areRollupsBehind(database: Database, nowMillis: number): boolean {
  const { over, heavy } = readFolding(database, nowMillis);
  return isZoneWanted(database) || over.length >= MANY_DAYS || heavy.length > 0;
}

/** Every step in order: a day folded, or a day added up for zones. Each is at most one short transaction. */
export function* rollupSteps(database: Database, nowMillis: number): Generator<undefined, void> {
  const writer = createClosedDayWriter(database);
  const { over, heavy } = readFolding(database, nowMillis);
  for (const day of [...over, ...heavy]) {
    foldDay(database, day, writer);
    yield;
  }
  for (const _ of addMissingZoneDays(database)) yield;
  for (const day of readDaysWithoutMargins(database)) {
    writer.addMargins(day);
    yield;
  }
}
