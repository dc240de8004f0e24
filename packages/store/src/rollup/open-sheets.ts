/** The sheets of days that are not folded yet, as they lie in the file. */
import type { Database } from "better-sqlite3";
import { createByteWriter } from "./bytes.ts";
import { dayOfQuarterHour, QUARTER_HOURS_A_DAY, quarterHourOfSheet, sheetId } from "./places.ts";
import { addEncodedSheet, encodeSheet, type Sheet } from "./sheet.ts";

/** Encoded sheets, by the number of their row, ascending. */
export type EncodedSheets = ReadonlyMap<number, Buffer>;

/** UTC days that have sheets. One step through the table per day, not per sheet. */
export function readOpenDays(database: Database): number[] {
  const next = database.prepare<[number], number | null>("SELECT min(id) FROM rollup_sheet WHERE id >= ?").pluck();
  const days: number[] = [];
  for (let id = next.get(0) ?? null; id !== null; ) {
    const day = dayOfQuarterHour(quarterHourOfSheet(id));
    days.push(day);
    id = next.get(sheetId((day + 1) * QUARTER_HOURS_A_DAY, 0)) ?? null;
  }
  return days;
}

/** The sheets of a UTC day. */
export function readEncodedSheets(database: Database, day: number): EncodedSheets {
  const rows = database
    .prepare<[number, number], [number, Buffer]>(
      "SELECT id, data FROM rollup_sheet WHERE id >= ? AND id < ? ORDER BY id",
    )
    .raw()
    .all(...rangeOf(day));
  return new Map(rows);
}

/** How many bytes the sheets of a UTC day have. */
export function readOpenBytes(database: Database, day: number): number {
  const sum = database
    .prepare<[number, number], number>("SELECT total(length(data)) FROM rollup_sheet WHERE id >= ? AND id < ?")
    .pluck();
  return sum.get(...rangeOf(day)) ?? 0;
}

/** One after the other: all of a day at once would stay in memory while the day is added up. */
export function* decodeSheets(encoded: EncodedSheets): Generator<readonly [number, Sheet]> {
  for (const [id, data] of encoded) {
    const sheet: Sheet = new Map();
    addEncodedSheet(sheet, data);
    yield [id, sheet];
  }
}

/**
 * Takes sheets of a day away that were read before, and adds others; what facts changed in between stays open. Must be
 * called inside a write transaction.
 */
export function exchangeSheets(
  database: Database,
  day: number,
  taken: EncodedSheets,
  put: ReadonlyMap<number, Sheet>,
): void {
  const current = readEncodedSheets(database, day);
  if (put.size === 0 && isSame(current, taken)) {
    database.prepare<[number, number]>("DELETE FROM rollup_sheet WHERE id >= ? AND id < ?").run(...rangeOf(day));
    return;
  }
  const save = database.prepare<[number, Buffer]>(
    "INSERT INTO rollup_sheet (id, data) VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data",
  );
  const remove = database.prepare<[number]>("DELETE FROM rollup_sheet WHERE id = ?");
  const writer = createByteWriter();
  for (const id of [...new Set([...taken.keys(), ...put.keys()])].sort((a, b) => a - b)) {
    const [now, before, added] = [current.get(id), taken.get(id), put.get(id)];
    const sheet: Sheet = new Map();
    if (before !== undefined && (now === undefined || !now.equals(before))) {
      addEncodedSheet(sheet, before);
      takeBack(sheet);
      if (now !== undefined) addEncodedSheet(sheet, now);
    } else if (before === undefined && now !== undefined) {
      addEncodedSheet(sheet, now);
    }
    if (added !== undefined) addEncodedSheet(sheet, encodeSheet(added, writer));
    const data = encodeSheet(sheet, writer);
    if (data.length > 0) save.run(id, data);
    else remove.run(id);
  }
}

function rangeOf(day: number): [number, number] {
  return [sheetId(day * QUARTER_HOURS_A_DAY, 0), sheetId((day + 1) * QUARTER_HOURS_A_DAY, 0)];
}

function isSame(a: EncodedSheets, b: EncodedSheets): boolean {
  if (a.size !== b.size) return false;
  for (const [id, data] of a) if (b.get(id)?.equals(data) !== true) return false;
  return true;
}

/** Turns what was added into what is taken back. */
function takeBack(sheet: Sheet): void {
  for (const { sums, values } of sheet.values()) {
    for (let i = 0; i < sums.length; i++) sums[i] = 0 - (sums[i] ?? 0);
    for (const each of values) for (const [value, count] of each ?? []) each?.set(value, -count);
  }
}
