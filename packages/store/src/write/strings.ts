/** Interned strings: names are stored once and referred to by number. */
import type { Database } from "better-sqlite3";

/** The number of the empty string, which stands for "not known". */
export const NO_STRING = 0;

/** Numbers for strings. Numbers never change, so they may be remembered between transactions. */
export interface Strings {
  /** The number of a text; adds it when new. Must be called inside a write transaction. */
  idOf(text: string | undefined): number;
  /** The text of a number. */
  textOf(id: number): string;
  /** Forgets what a rolled-back transaction may have added. */
  forget(): void;
}

const MAX_REMEMBERED = 50_000;

export function createStrings(database: Database): Strings {
  const find = database.prepare<[string], number>("SELECT id FROM string WHERE text = ?").pluck();
  const insert = database.prepare<[string]>("INSERT INTO string (text) VALUES (?)");
  const read = database.prepare<[number], string>("SELECT text FROM string WHERE id = ?").pluck();
  const ids = new Map<string, number>();
  const texts = new Map<number, string>();

  const remember = (id: number, text: string): void => {
    if (ids.size >= MAX_REMEMBERED) forget();
    ids.set(text, id);
    texts.set(id, text);
  };
  const forget = (): void => {
    ids.clear();
    texts.clear();
  };

  return {
    idOf(text) {
      if (text === undefined || text === "") return NO_STRING;
      const known = ids.get(text);
      if (known !== undefined) return known;
      const id = find.get(text) ?? Number(insert.run(text).lastInsertRowid);
      remember(id, text);
      return id;
    },
    textOf(id) {
      if (id === NO_STRING) return "";
      const known = texts.get(id);
      if (known !== undefined) return known;
      const text = read.get(id) ?? "";
      remember(id, text);
      return text;
    },
    forget,
  };
}
