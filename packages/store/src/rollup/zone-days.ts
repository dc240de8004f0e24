/** Whole days of the zones in use: added up from the quarter hours of closed days, and kept beside them. */
import { addDays, createZoneCalendar, QUARTER_HOUR_MILLIS, type ZoneCalendar } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { decodeBlock, encodeBlock } from "./block.ts";
import { type BlockFiles, createBlockFiles } from "./block-files.ts";
import { marginsOf } from "./margins.ts";
import {
  dayOfQuarterHour,
  LEVEL_QUARTER_HOURS,
  levelOfZone,
  marginLevelOfZone,
  QUARTER_HOURS_A_DAY,
  UTC_ZONE_ID,
} from "./places.ts";
import { addSummary, createSummaryTable, type SummaryTable, summaryAt } from "./summary.ts";

/** A day of a zone, as quarter hours. */
export interface ZoneDay {
  readonly first: number;
  /** Exclusive. */
  readonly behind: number;
}

export interface Zone {
  readonly id: number;
  readonly calendar: ZoneCalendar;
}

const calendars = new Map<string, ZoneCalendar>();

/** Calendars remember what `Intl` told them, which takes it long to tell. */
function calendarOf(timeZone: string): ZoneCalendar {
  let calendar = calendars.get(timeZone);
  if (calendar === undefined) {
    calendar = createZoneCalendar(timeZone);
    calendars.set(timeZone, calendar);
  }
  return calendar;
}

export function readZones(database: Database): Zone[] {
  const rows = database.prepare<[], { id: number; name: string }>("SELECT id, name FROM rollup_zone ORDER BY id").all();
  return rows.map(({ id, name }) => ({ id, calendar: calendarOf(name) }));
}

/** The days of a zone that share quarter hours with a UTC day. Pure. */
export function zoneDaysOf(calendar: ZoneCalendar, day: number): ZoneDay[] {
  const firstMillis = day * QUARTER_HOURS_A_DAY * QUARTER_HOUR_MILLIS;
  const behindMillis = firstMillis + QUARTER_HOURS_A_DAY * QUARTER_HOUR_MILLIS;
  const days: ZoneDay[] = [];
  let date = calendar.dateOf(firstMillis);
  let start = calendar.startOf(date);
  while (start < behindMillis) {
    date = addDays(date, 1);
    // A zone that crossed the date line has skipped a day: it is not on its calendar.
    const next = calendar.dateOf(calendar.startOf(date)) === date ? calendar.startOf(date) : start;
    if (next > start) days.push({ first: start / QUARTER_HOUR_MILLIS, behind: next / QUARTER_HOUR_MILLIS });
    start = Math.max(start, next);
  }
  // Before standard time, days began at odd seconds: those are answered from quarter hours alone.
  return days.filter(({ first, behind }) => Number.isInteger(first) && Number.isInteger(behind));
}

/** Writes days of zones. Must be used inside one write transaction, and not after it. */
export interface ZoneDayWriter {
  /** Adds up a day of a zone anew from the closed quarter hours in it. */
  write(zone: Zone, day: ZoneDay): void;
}

/** @param tables closed days that are in memory, by UTC day; those that are read are added. */
export function createZoneDayWriter(database: Database, tables: Map<number, SummaryTable | undefined>): ZoneDayWriter {
  const files = createBlockFiles(database);
  const addDay = database.prepare<[number, number, number]>(
    "INSERT INTO rollup_day (zone_id, first_quarter_hour, quarter_hours) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const removeDay = database.prepare<[number, number]>(
    "DELETE FROM rollup_day WHERE zone_id = ? AND first_quarter_hour = ?",
  );

  const tableOf = (day: number): SummaryTable | undefined => {
    if (!tables.has(day)) tables.set(day, readTable(files, day));
    return tables.get(day);
  };

  return {
    write(zone, { first, behind }) {
      const sum = createSummaryTable(1);
      for (let day = dayOfQuarterHour(first); day <= dayOfQuarterHour(behind - 1); day++) {
        const table = tableOf(day);
        if (table !== undefined)
          addSlots(sum, table, first - day * QUARTER_HOURS_A_DAY, behind - day * QUARTER_HOURS_A_DAY);
      }
      if (sum.cells.size === 0) {
        files.remove(levelOfZone(zone.id), first);
        files.remove(marginLevelOfZone(zone.id), first);
        removeDay.run(zone.id, first);
        return;
      }
      files.write(levelOfZone(zone.id), first, encodeBlock(sum));
      files.write(marginLevelOfZone(zone.id), first, encodeBlock(marginsOf(sum)));
      addDay.run(zone.id, first, behind - first);
    },
  };
}

/** The quarter hours of a closed day; undefined when it is not closed. */
export function readTable(files: BlockFiles, day: number): SummaryTable | undefined {
  const block = files.readAll(LEVEL_QUARTER_HOURS, day * QUARTER_HOURS_A_DAY);
  return block === undefined ? undefined : decodeBlock(block);
}

/** Adds the slots from `from` to `behind` to slot 0 of each cell. */
export function addSlots(into: SummaryTable, table: SummaryTable, from: number, behind: number): void {
  const last = Math.min(behind, table.slotCount);
  for (const { cell, slots } of table.cells.values()) {
    for (let slot = Math.max(0, from); slot < last; slot++) {
      const summary = slots[slot];
      if (summary !== undefined) addSummary(summaryAt(into, cell, 0), summary);
    }
  }
}

/**
 * Keeps whole days of a zone from now on, so that questions in its days are answered at once. Days that are closed
 * already are added up in one short transaction each; when this is interrupted, the next call goes on.
 * @throws RangeError when the zone is not known.
 */
export function keepZone(database: Database, timeZone: string): void {
  const calendar = calendarOf(timeZone);
  const known = database.prepare<[string], number>("SELECT id FROM rollup_zone WHERE name = ?").pluck();
  if (known.get(timeZone) === undefined) {
    database.prepare("INSERT INTO rollup_zone (name) VALUES (?) ON CONFLICT DO NOTHING").run(timeZone);
  }
  const zone: Zone = { id: known.get(timeZone) ?? 0, calendar };
  const hasDay = database
    .prepare<[number, number], number>(
      "SELECT EXISTS (SELECT 1 FROM rollup_day WHERE zone_id = ? AND first_quarter_hour = ?)",
    )
    .pluck();
  // Neighbouring days share closed days; another process may change those between our transactions.
  const tables = new Map<number, SummaryTable | undefined>();
  let seenVersion: unknown;
  const writeDays = database.transaction((days: readonly ZoneDay[]) => {
    const version = database.pragma("data_version", { simple: true });
    if (version !== seenVersion) tables.clear();
    seenVersion = version;
    const writer = createZoneDayWriter(database, tables);
    for (const day of days) writer.write(zone, day);
  });
  for (const closed of readClosedDays(database)) {
    const missing = zoneDaysOf(calendar, closed).filter(({ first }) => hasDay.get(zone.id, first) !== 1);
    if (missing.length > 0) writeDays.immediate(missing);
    for (const day of tables.keys()) if (day > closed) tables.delete(day);
  }
}

/** UTC days that are closed, newest first. */
export function readClosedDays(database: Database): number[] {
  const rows = database
    .prepare<[number], number>("SELECT first_quarter_hour FROM rollup_day WHERE zone_id = ? ORDER BY 1 DESC")
    .pluck();
  return rows.all(UTC_ZONE_ID).map(dayOfQuarterHour);
}
