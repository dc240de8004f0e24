/** Knows which places of a table are taken, so that rows that are already stored can be found by key and time. */
import type { Database } from "better-sqlite3";
import { CANDIDATE_SLOTS, candidateSlots, firstSlotOf, quarterHourOfRow, quarterHourRange, SLOTS } from "./locator.ts";

/** The taken places of one table. Holds what this connection adds; must forget when another connection writes. */
export interface KnownRows {
  /** Values of the taken places near the quarter hour that the key may have: its own row among those of others. */
  near(quarterHour: number, key: number): readonly number[];
  /** Whether a place is known to be free; false also when that is not known. */
  isFree(id: number): boolean;
  /** Notes a row that was added or changed. */
  add(id: number, value: number): void;
  /** Notes a row that was removed. */
  remove(id: number): void;
  /** Ends a transaction: what was read of whole quarter hours is kept. */
  settle(): void;
  forget(): void;
}

/** From this many questions about one quarter hour on, reading all its rows at once is cheaper. */
const POINT_LOOKUPS = 6;
const MAX_REMEMBERED_ROWS = 200_000;
const NONE: readonly number[] = [];

/** @param value SQL expression over a row: what stands in a place; the row's own number by default. */
export function createKnownRows(database: Database, table: string, value = "id"): KnownRows {
  const hasRowsIn = database
    .prepare<[number, number], number>(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE id BETWEEN ? AND ?)`)
    .pluck();
  const places = Array.from({ length: CANDIDATE_SLOTS }, () => "?").join(", ");
  const byPlaces = database.prepare<number[], number>(`SELECT ${value} FROM ${table} WHERE id IN (${places})`).pluck();
  const byRange = database
    .prepare<[number, number], [id: number, value: number]>(
      `SELECT id, ${value} FROM ${table} WHERE id BETWEEN ? AND ?`,
    )
    .raw();
  const questions = new Map<number, number>();
  const quarterHours = new Map<number, Map<number, number>>();
  let rememberedRows = 0;

  const forget = (): void => {
    questions.clear();
    quarterHours.clear();
    rememberedRows = 0;
  };

  const rowsOf = (quarterHour: number): Map<number, number> => {
    const known = quarterHours.get(quarterHour);
    if (known !== undefined) return known;
    if (rememberedRows > MAX_REMEMBERED_ROWS) forget();
    const { firstId, lastId } = quarterHourRange(quarterHour, quarterHour);
    const rows = new Map(byRange.all(firstId, lastId));
    rememberedRows += rows.size;
    quarterHours.set(quarterHour, rows);
    return rows;
  };

  const isEmptyNear = (quarterHour: number): boolean => {
    const { firstId, lastId } = quarterHourRange(quarterHour - 1, quarterHour + 1);
    return hasRowsIn.get(firstId, lastId) === 0;
  };

  return {
    near(quarterHour, key) {
      const asked = questions.get(quarterHour) ?? 0;
      questions.set(quarterHour, asked + 1);
      if (asked < POINT_LOOKUPS && !quarterHours.has(quarterHour)) {
        if (asked === 0 && isEmptyNear(quarterHour)) return NONE;
        return byPlaces.all(...candidateSlots(quarterHour, key));
      }
      let found: number[] | undefined;
      for (let near = quarterHour - 1; near <= quarterHour + 1; near++) {
        const rows = rowsOf(near);
        if (rows.size === 0) continue;
        const first = firstSlotOf(near, key);
        for (let slot = first; slot < first + SLOTS; slot++) {
          const taken = rows.get(slot);
          if (taken !== undefined) found = [...(found ?? []), taken];
        }
      }
      return found ?? NONE;
    },
    isFree(id) {
      return quarterHours.get(quarterHourOfRow(id))?.has(id) === false;
    },
    add(id, added) {
      const rows = quarterHours.get(quarterHourOfRow(id));
      if (rows === undefined) return;
      rows.set(id, added);
      rememberedRows += 1;
    },
    remove(id) {
      quarterHours.get(quarterHourOfRow(id))?.delete(id);
    },
    settle() {
      questions.clear();
    },
    forget,
  };
}
