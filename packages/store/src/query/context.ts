/** What every query method works with: statements that are prepared once, names by number, one state of the file. */
import { createZoneCalendar, DAY_MILLIS, type ZoneCalendar } from "@moai-metrics/model";
import type { Database, Statement } from "better-sqlite3";
import { readWatermarkDay } from "../maintenance/watermark.ts";

/** Shared by the methods of one {@link MetricsQuery}. */
export interface QueryContext {
  readonly database: Database;
  /** The statement of an SQL text, prepared on first use. */
  statement(sql: string): Statement<unknown[]>;
  /** The text of a string number; "" for 0. */
  nameOf(id: number): string;
  /** The calendar of a zone. @throws RangeError when the zone is not known. */
  calendarOf(timeZone: string): ZoneCalendar;
  /** The first moment that the ledger still holds; undefined while nothing was ever deleted. */
  ledgerStartMillis(): number | undefined;
  /** Several statements make one answer, so they must see one state of the file. */
  inOneState<T>(read: () => T): T;
}

const MAX_STATEMENTS = 256;

export function createQueryContext(database: Database): QueryContext {
  const statements = new Map<string, Statement<unknown[]>>();
  const names = new Map<number, string>([[0, ""]]);
  const calendars = new Map<string, ZoneCalendar>();

  const statement = (sql: string): Statement<unknown[]> => {
    let known = statements.get(sql);
    if (known === undefined) {
      if (statements.size >= MAX_STATEMENTS) statements.clear();
      known = database.prepare<unknown[]>(sql);
      statements.set(sql, known);
    }
    return known;
  };

  return {
    database,
    statement,
    nameOf(id) {
      let name = names.get(id);
      if (name === undefined) {
        const row = statement("SELECT text FROM string WHERE id = ?").get(id) as { text: string } | undefined;
        name = row?.text ?? "";
        names.set(id, name);
      }
      return name;
    },
    calendarOf(timeZone) {
      let calendar = calendars.get(timeZone);
      if (calendar === undefined) {
        calendar = createZoneCalendar(timeZone);
        calendars.set(timeZone, calendar);
      }
      return calendar;
    },
    ledgerStartMillis() {
      const day = readWatermarkDay(database);
      return day === undefined ? undefined : day * DAY_MILLIS;
    },
    inOneState: (read) => (database.inTransaction ? read() : database.transaction(read).deferred()),
  };
}
