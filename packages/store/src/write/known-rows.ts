/** Finds rows of calls that are already stored, by a key and the quarter hour of a fact. */
import type { Database } from "better-sqlite3";
import { candidateSlots, quarterHourRange } from "./locator.ts";

/** What the file holds. Nothing written since the last `forget` is seen. */
export interface KnownRows {
  /** Row numbers of rows near the quarter hour that carry the key; a row may come twice. */
  idsOf(quarterHour: number, key: number): readonly number[];
  forget(): void;
}

/** The statements for one table. */
export interface KnownRowStatements {
  /** Tables whose row numbers say where a key lies. */
  readonly tables: readonly string[];
  /** Row numbers by six candidate places and a key; takes the places and the key, `lookups` times over. */
  readonly byPlaces: string;
  readonly lookups: number;
  /** Pairs of key and row number between two row numbers; takes the range `ranges` times over. */
  readonly byRange: string;
  readonly ranges: number;
}

/** From this many questions about one quarter hour on, reading all its keys at once is cheaper. */
const POINT_LOOKUPS = 6;

export function createKnownRows(database: Database, statements: KnownRowStatements): KnownRows {
  const hasRowsIn = statements.tables.map((table) =>
    database
      .prepare<[number, number], number>(`SELECT EXISTS (SELECT 1 FROM ${table} WHERE id BETWEEN ? AND ?)`)
      .pluck(),
  );
  const byPlaces = database.prepare<number[], number>(statements.byPlaces).pluck();
  const byRange = database.prepare<number[], [key: number, id: number]>(statements.byRange).raw();
  const questions = new Map<number, number>();
  const keysOfQuarterHour = new Map<number, Map<number, number[]>>();

  const readQuarterHour = (quarterHour: number): Map<number, number[]> => {
    const known = keysOfQuarterHour.get(quarterHour);
    if (known !== undefined) return known;
    const ids = new Map<number, number[]>();
    const { firstId, lastId } = quarterHourRange(quarterHour, quarterHour);
    for (const [key, id] of byRange.iterate(...repeat([firstId, lastId], statements.ranges))) {
      const others = ids.get(key);
      if (others === undefined) ids.set(key, [id]);
      else others.push(id);
    }
    keysOfQuarterHour.set(quarterHour, ids);
    return ids;
  };

  const isEmptyNear = (quarterHour: number): boolean => {
    const { firstId, lastId } = quarterHourRange(quarterHour - 1, quarterHour + 1);
    return hasRowsIn.every((statement) => statement.get(firstId, lastId) === 0);
  };

  return {
    idsOf(quarterHour, key) {
      const asked = questions.get(quarterHour) ?? (isEmptyNear(quarterHour) ? Number.NEGATIVE_INFINITY : 0);
      questions.set(quarterHour, asked + 1);
      if (asked < 0) return [];
      if (asked < POINT_LOOKUPS) {
        return byPlaces.all(...repeat([...candidateSlots(quarterHour, key), key], statements.lookups));
      }
      return [quarterHour - 1, quarterHour, quarterHour + 1].flatMap((near) => readQuarterHour(near).get(key) ?? []);
    },
    forget() {
      questions.clear();
      keysOfQuarterHour.clear();
    },
  };
}

function repeat(values: readonly number[], times: number): number[] {
  return Array.from({ length: times }, () => values).flat();
}
