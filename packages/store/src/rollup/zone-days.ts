/** Days of the zones in use, and the closed days that they are added up from. */
import { addDays, createZoneCalendar, QUARTER_HOUR_MILLIS, type ZoneCalendar } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { decodeBlock } from "./block.ts";
import type { BlockFiles } from "./block-files.ts";
import {
  dayOfQuarterHour,
  LEVEL_QUARTER_HOUR_MARGINS,
  LEVEL_QUARTER_HOURS,
  partId,
  QUARTER_HOURS_A_DAY,
  UTC_ZONE_ID,
} from "./places.ts";
import { addSummary, type SummaryTable, summaryAt } from "./summary.ts";

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

/**
 * Calendars remember what `Intl` told them, which takes it long to tell.
 * @throws RangeError when the zone is not known.
 */
export function calendarOf(timeZone: string): ZoneCalendar {
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

/** UTC days that are closed, newest first. */
export function readClosedDays(database: Database): number[] {
  const rows = database
    .prepare<[number], number>("SELECT first_quarter_hour FROM rollup_day WHERE zone_id = ? ORDER BY 1 DESC")
    .pluck();
  return rows.all(UTC_ZONE_ID).map(dayOfQuarterHour);
}

/** Closed days whose quarter hours were not added up along each dimension: an earlier version folded them. */
export function readDaysWithoutMargins(database: Database): number[] {
  const find = database.prepare<[number], 1>("SELECT 1 FROM rollup_column WHERE id = ?").pluck();
  return readClosedDays(database).filter(
    (day) => find.get(partId(LEVEL_QUARTER_HOUR_MARGINS, day * QUARTER_HOURS_A_DAY, 0)) === undefined,
  );
}

/** The days of a zone that are kept, by their first quarter hour. */
export function readKeptDays(database: Database, zoneId: number): ReadonlySet<number> {
  const rows = database
    .prepare<[number], number>("SELECT first_quarter_hour FROM rollup_day WHERE zone_id = ?")
    .pluck();
  return new Set(rows.all(zoneId));
}
