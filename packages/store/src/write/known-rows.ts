/** Knows which places of a table are taken, so that rows that are already stored can be found by key and time. */
import type { Database } from "better-sqlite3";
import {
  firstRowOf,
  firstSlotOf,
  placeOfKey,
  placeOfRow,
  quarterHourOfRow,
  quarterHourRange,
  SLOTS,
} from "./locator.ts";

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

/** From this many questions about one quarter hour on, going through its rows once for a filter is cheaper. */
const POINT_LOOKUPS = 6;
/** The same where they are forgotten with the transaction. */
const POINT_LOOKUPS_OF_ONE_TRANSACTION = 200;
/** So many in one transaction, and the next ones are about it, too: what stands where is kept beside the filter. */
const BUSY_QUESTIONS = 64;
const MAX_REMEMBERED_ROWS = 200_000;
/** A filter has a kilobyte. So many quarter hours are more than three months. */
const MAX_QUARTER_HOURS = 10_000;
const NONE: readonly number[] = [];

/** What is known of a quarter hour. */
interface TakenPlaces {
  /**
   * Each taken place with what stands there, counted from the quarter hour's first row: V8 keeps such small numbers
   * without an object for each. Undefined where only the filter is kept.
   */
  values: Map<number, number> | undefined;
  /** A bit for each few places: tells of nearly all keys that nothing stands where they belong. */
  readonly filter: Uint8Array;
}

/** What is known of a quarter hour, the one before and the one behind it. */
interface RecentPlaces {
  readonly quarterHour: number;
  readonly places: readonly TakenPlaces[];
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
  const byOneSlot = database.prepare<[number, number], number>(bySlots).pluck();
  const byThreeSlots = database.prepare<number[], number>([bySlots, bySlots, bySlots].join(" UNION ALL ")).pluck();
  const byRange = database
    .prepare<[number, number], [id: number, value: number]>(
      `SELECT id, ${value} FROM ${table} WHERE id BETWEEN ? AND ?`,
    )
    .raw();
  const idsByRange = database
    .prepare<[number, number], number>(`SELECT id FROM ${table} WHERE id BETWEEN ? AND ?`)
    .pluck();
  /** How many questions there were about a quarter hour of which not all is kept: in this transaction, and before. */
  let questions = new Map<number, number>();
  const earlierQuestions = new Map<number, number>();
  const quarterHours = new Map<number, TakenPlaces>();
  let rememberedRows = 0;
  /** The busy quarter hour that was asked about last, with its neighbours: the next question is mostly about it, too. */
  let recent: RecentPlaces | undefined;

  const forget = (): void => {
    questions = new Map();
    earlierQuestions.clear();
    quarterHours.clear();
    rememberedRows = 0;
    recent = undefined;
  };

  const placesOf = (quarterHour: number): TakenPlaces => {
    const known = quarterHours.get(quarterHour);
    if (known !== undefined) return known;
    const { firstId, lastId } = quarterHourRange(quarterHour, quarterHour);
    const filter = new Uint8Array(FILTER_BYTES);
    for (const id of idsByRange.all(firstId, lastId)) note(filter, placeOfRow(id));
    const places = { values: undefined, filter };
    quarterHours.set(quarterHour, places);
    return places;
  };

  const readValues = (quarterHour: number): void => {
    const places = placesOf(quarterHour);
    if (places.values !== undefined) return;
    if (rememberedRows > MAX_REMEMBERED_ROWS) {
      for (const each of quarterHours.values()) each.values = undefined;
      rememberedRows = 0;
      recent = undefined;
    }
    const { firstId, lastId } = quarterHourRange(quarterHour, quarterHour);
    const values = new Map<number, number>();
    for (const [id, standing] of byRange.all(firstId, lastId)) values.set(placeOfRow(id), standing - firstId);
    places.values = values;
    rememberedRows += values.size;
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

  const standingNear = (places: readonly TakenPlaces[], quarterHour: number, key: number): readonly number[] => {
    const first = placeOfKey(key);
    let found = NONE;
    for (let i = 0; i < places.length; i++) {
      const each = places[i] as TakenPlaces;
      if (!mayHold(each.filter, first)) continue;
      const standing = standingIn(each, quarterHour - 1 + i, key);
      if (standing.length > 0) found = found.length === 0 ? standing : [...found, ...standing];
    }
    return found;
  };

  const standingIn = ({ values }: TakenPlaces, quarterHour: number, key: number): readonly number[] => {
    const firstSlot = firstSlotOf(quarterHour, key);
    if (values === undefined) return byOneSlot.all(firstSlot, firstSlot + SLOTS - 1);
    const first = placeOfKey(key);
    let found: number[] | undefined;
    for (let place = first; place < first + SLOTS; place++) {
      const distance = values.get(place);
      if (distance !== undefined) found = [...(found ?? []), firstRowOf(quarterHour) + distance];
    }
    return found ?? NONE;
  };

  return {
    near(quarterHour, key) {
      if (recent?.quarterHour === quarterHour) return standingNear(recent.places, quarterHour, key);
      if (quarterHours.size >= MAX_QUARTER_HOURS) forget();
      const known = quarterHours.get(quarterHour);
      if (known?.values === undefined) {
        const asked = questions.get(quarterHour) ?? 0;
        questions.set(quarterHour, asked + 1);
        if (known === undefined && asked + (earlierQuestions.get(quarterHour) ?? 0) < pointLookups) {
          return asked === 0 && isEmptyNear(quarterHour) ? NONE : readNear(quarterHour, key);
        }
        if (asked >= BUSY_QUESTIONS) {
          for (let near = quarterHour - 1; near <= quarterHour + 1; near++) readValues(near);
        }
      }
      const places = [placesOf(quarterHour - 1), placesOf(quarterHour), placesOf(quarterHour + 1)];
      if (places[1]?.values !== undefined) recent = { quarterHour, places };
      return standingNear(places, quarterHour, key);
    },
    isFree(id) {
      const places = quarterHours.get(quarterHourOfRow(id));
      if (places === undefined) return false;
      const place = placeOfRow(id);
      return !isNoted(places.filter, bitOf(place)) || places.values?.has(place) === false;
    },
    add(id, added) {
      const quarterHour = quarterHourOfRow(id);
      const places = quarterHours.get(quarterHour);
      if (places === undefined) return;
      const place = placeOfRow(id);
      note(places.filter, place);
      if (places.values === undefined) return;
      places.values.set(place, added - firstRowOf(quarterHour));
      rememberedRows += 1;
    },
    remove(id) {
      quarterHours.get(quarterHourOfRow(id))?.values?.delete(placeOfRow(id));
    },
    settle() {
      for (const [quarterHour, asked] of questions) {
        if (quarterHours.has(quarterHour)) continue;
        earlierQuestions.set(quarterHour, asked + (earlierQuestions.get(quarterHour) ?? 0));
      }
      if (earlierQuestions.size > MAX_QUARTER_HOURS) earlierQuestions.clear();
      questions = new Map();
    },
    forget,
  };
}

const FILTER_BYTES = 1_024;
const FILTER_BITS: number = FILTER_BYTES * 8;

/** The bit of a place: there is one for each {@link SLOTS} places, so two of their number's bits are left out. */
function bitOf(place: number): number {
  return (place >> 2) & (FILTER_BITS - 1);
}

function note(filter: Uint8Array, place: number): void {
  const bit = bitOf(place);
  filter[bit >> 3] = (filter[bit >> 3] ?? 0) | (1 << (bit & 7));
}

function isNoted(filter: Uint8Array, bit: number): boolean {
  return (((filter[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
}

/** Whether one of the places from `first` on may be taken. They touch two groups of so many. */
function mayHold(filter: Uint8Array, first: number): boolean {
  const bit = bitOf(first);
  return isNoted(filter, bit) || ((first & (SLOTS - 1)) !== 0 && isNoted(filter, (bit + 1) & (FILTER_BITS - 1)));
}
