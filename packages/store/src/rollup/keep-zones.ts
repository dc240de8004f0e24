/** Keeps whole days of zones: noted at once, added up in small steps; questions meanwhile read quarter hours instead. */
import type { Database } from "better-sqlite3";
import { createClosedDayWriter } from "./closed-day.ts";
import { readOpenDays } from "./open-sheets.ts";
import { dayOfQuarterHour } from "./places.ts";
import {
  calendarOf,
  readClosedDays,
  readKeptDays,
  readZones,
  type Zone,
  type ZoneDay,
  zoneDaysOf,
} from "./zone-days.ts";

/** `meta`: there when a zone was noted whose days are not all added up yet. */
const WANTED = "rollup_zones_wanted";

/** Each zone makes folding a day longer and the file larger. */
const MAX_ZONES = 16;

/**
 * Notes that days of a zone are asked for. Beyond {@link MAX_ZONES} none is noted: its days are read by quarter hours,
 * as are those of every other zone.
 * @throws RangeError when the zone is not known.
 */
function noteZone(database: Database, timeZone: string): void {
  calendarOf(timeZone);
  const isKnown = database.prepare<[string], number>("SELECT id FROM rollup_zone WHERE name = ?").pluck();
  if (isKnown.get(timeZone) !== undefined) return;
  database
    .transaction(() => {
      const { changes } = database
        .prepare<[string, number]>(
          `INSERT INTO rollup_zone (name) SELECT ? WHERE (SELECT count(*) FROM rollup_zone) < ?
           ON CONFLICT DO NOTHING`,
        )
        .run(timeZone, MAX_ZONES);
      if (changes === 0) return;
      database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").run(WANTED, 1n);
    })
    .immediate();
}

/** Whether a zone was noted whose days are not all added up yet. */
export function isZoneWanted(database: Database): boolean {
  return database.prepare<[string], number>("SELECT 1 FROM meta WHERE key = ?").pluck().get(WANTED) !== undefined;
}

/**
 * Adds up the days of zones that are not kept yet, newest first, in one short transaction per UTC day. May be stopped
 * after any step; starting over goes on.
 * @returns yields how many UTC days are left.
 */
export function* addMissingZoneDays(database: Database): Generator<number, void> {
  const writer = createClosedDayWriter(database);
  const days = readMissingDays(database);
  for (const [i, day] of days.entries()) {
    const isChanged = writer.addZoneDays((zones) => missingIn(database, zones, day));
    if (isChanged) yield days.length - i - 1;
  }
  if (isZoneWanted(database)) forgetWish(database);
}

/** Unless another process noted a zone just now. */
function forgetWish(database: Database): void {
  const countZones = database.prepare<[], number>("SELECT count(*) FROM rollup_zone").pluck();
  const zones = countZones.get();
  if (readMissingDays(database).length > 0) return;
  const forget = database.prepare<[string]>("DELETE FROM meta WHERE key = ?");
  database.transaction(() => zones === countZones.get() && forget.run(WANTED)).immediate();
}

/**
 * Keeps whole days of a zone from now on, so that questions in its days are answered at once.
 * @param maxMillis stops after this long; what is left is added up by the next call, or by maintenance.
 * @returns how many UTC days are left.
 * @throws RangeError when the zone is not known.
 */
export function keepZone(database: Database, timeZone: string, maxMillis = Infinity): number {
  noteZone(database, timeZone);
  if (!isZoneWanted(database)) return 0;
  const startedAt = performance.now();
  if (maxMillis <= 0) return readMissingDays(database).length;
  for (const left of addMissingZoneDays(database)) {
    if (left > 0 && performance.now() - startedAt >= maxMillis) return left;
  }
  return 0;
}

/** UTC days in which days of zones end that could be kept and are not, newest first. */
function readMissingDays(database: Database): number[] {
  const openDays = new Set(readOpenDays(database));
  const closedDays = readClosedDays(database);
  const days = new Set<number>();
  for (const { id, calendar } of readZones(database)) {
    const kept = readKeptDays(database, id);
    for (const closed of closedDays) {
      for (const { first, behind } of zoneDaysOf(calendar, closed)) {
        const last = dayOfQuarterHour(behind - 1);
        // A day that is open is going to be folded, and its part in days of zones with it.
        if (!kept.has(first) && !openDays.has(last)) days.add(last);
      }
    }
  }
  return [...days].sort((a, b) => b - a);
}

function missingIn(database: Database, zones: readonly Zone[], day: number): { zone: Zone; zoneDay: ZoneDay }[] {
  return zones.flatMap((zone) => {
    const kept = readKeptDays(database, zone.id);
    return zoneDaysOf(zone.calendar, day)
      .filter(({ first, behind }) => dayOfQuarterHour(behind - 1) === day && !kept.has(first))
      .map((zoneDay) => ({ zone, zoneDay }));
  });
}
