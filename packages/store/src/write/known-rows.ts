/** Knows which places of a table are taken, so that rows that are already stored can be found by key and time. */
import type { Database } from "better-sqlite3";
import { firstSlotOf, placeOfKey, placeOfRow, quarterHourOfRow, quarterHourRange, SLOTS } from "./locator.ts";

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
/** The same where they are forgotten with the transaction. */
const POINT_LOOKUPS_OF_ONE_TRANSACTION = 200;
const MAX_REMEMBERED_ROWS = 200_000;
const NONE: readonly number[] = [];

/** What is known of a quarter hour: each taken place with what stands there. */
interface TakenPlaces {
  readonly values: Map<number, number>;
  /** A bit for each few places: tells of nearly all keys that nothing stands where they belong. */
  readonly filter: Uint8Array;
}

/** What is read of a table, and for how long. */
interface KnownRowsOptions {
  /** SQL expression over a row: what stands in a place. Default: the row's own number. */
  readonly value?: string;
  /** Whether later transactions find what was read. Default true. */
  readonly isRemembered?: boolean;
}

export function createKnownRows(
  database: Database,
  table: string,
  { value = "id", isRemembered = true }: KnownRowsOptions = {},
): KnownRows {
  const pointLookups = isRemembered ? POINT_LOOKUPS : POINT_LOOKUPS_OF_ONE_TRANSACTION;
  const hasRowsIn = database
    .prepare<[number, number], number>(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE id BETWEEN ? AND ?)`)
    .pluck();
  const bySlots = `SELECT ${value} FROM ${table} WHERE id BETWEEN ? AND ?`;
  const byThreeSlots = database.prepare<number[], number>([bySlots, bySlots, bySlots].join(" UNION ALL ")).pluck();
  const byRange = database
    .prepare<[number, number], [id: number, value: number]>(
      `SELECT id, ${value} FROM ${table} WHERE id BETWEEN ? AND ?`,
    )
    .raw();
  const questions = new Map<number, number>();
  const quarterHours = new Map<number, TakenPlaces>();
  let rememberedRows = 0;

  const forget = (): void => {
    questions.clear();
    quarterHours.clear();
    rememberedRows = 0;
  };

  const placesOf = (quarterHour: number): TakenPlaces => {
    const known = quarterHours.get(quarterHour);
    if (known !== undefined) return known;
    if (rememberedRows > MAX_REMEMBERED_ROWS) forget();
    const { firstId, lastId } = quarterHourRange(quarterHour, quarterHour);
    const places: TakenPlaces = { values: new Map(), filter: new Uint8Array(FILTER_BYTES) };
    for (const [id, standing] of byRange.all(firstId, lastId)) take(places, placeOfRow(id), standing);
    rememberedRows += places.values.size;
    quarterHours.set(quarterHour, places);
    return places;
  };

  const isEmptyNear = (quarterHour: number): boolean => {
    const { firstId, lastId } = quarterHourRange(quarterHour - 1, quarterHour + 1);
    return hasRowsIn.get(firstId, lastId) === 0;
  };

  const readNear = (quarterHour: number, key: number): readonly number[] => {
    const before = firstSlotOf(quarterHour - 1, key);
    const at = firstSlotOf(quarterHour, key);
    const behind = firstSlotOf(quarterHour + 1, key);
    const others = SLOTS - 1;
    return byThreeSlots.all(before, before + others, at, at + others, behind, behind + others);
  };

  return {
    near(quarterHour, key) {
      if (!quarterHours.has(quarterHour)) {
        const asked = questions.get(quarterHour) ?? 0;
        questions.set(quarterHour, asked + 1);
        if (asked === 0 && isEmptyNear(quarterHour)) return NONE;
        if (asked < pointLookups) return readNear(quarterHour, key);
      }
      const first = placeOfKey(key);
      let found: number[] | undefined;
      for (let near = quarterHour - 1; near <= quarterHour + 1; near++) {
        const places = placesOf(near);
        if (!mayHold(places, first)) continue;
        for (let place = first; place < first + SLOTS; place++) {
          const standing = places.values.get(place);
          if (standing !== undefined) found = [...(found ?? []), standing];
        }
      }
      return found ?? NONE;
    },
    isFree(id) {
      return quarterHours.get(quarterHourOfRow(id))?.values.has(placeOfRow(id)) === false;
    },
    add(id, added) {
      const places = quarterHours.get(quarterHourOfRow(id));
      if (places === undefined) return;
      take(places, placeOfRow(id), added);
      rememberedRows += 1;
    },
    remove(id) {
      quarterHours.get(quarterHourOfRow(id))?.values.delete(placeOfRow(id));
    },
    settle() {
      questions.clear();
    },
    forget,
  };
}

const FILTER_BYTES = 1_024;
const FILTER_BITS: number = FILTER_BYTES * 8;

function take({ values, filter }: TakenPlaces, place: number, standing: number): void {
  values.set(place, standing);
  const bit = Math.floor(place / SLOTS) % FILTER_BITS;
  filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
}

/** Whether one of the places from `first` on may be taken. They touch two groups of so many. */
function mayHold({ filter }: TakenPlaces, first: number): boolean {
  const one = Math.floor(first / SLOTS) % FILTER_BITS;
  const next = (one + 1) % FILTER_BITS;
  return (((filter[one >> 3] ?? 0) >> (one & 7)) | ((filter[next >> 3] ?? 0) >> (next & 7))) % 2 === 1;
}
