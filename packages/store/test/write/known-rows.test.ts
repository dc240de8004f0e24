import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createKnownRows } from "../../src/write/known-rows.ts";
import { slotsOf } from "../../src/write/locator.ts";

const AT = 1_970_000;
/** Keys whose places collide, lie side by side, or share a bit of what is remembered of a quarter hour. */
const key = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 12 }).map((n) => n + 8 * 1_024 * 4),
  fc.integer({ min: 0, max: 12 }).map((n) => 2 ** 22 - 3 - n),
  fc.integer({ min: 0, max: 2 ** 48 - 1 }),
);
const row = fc.record({ key, quarterHour: fc.integer({ min: AT - 2, max: AT + 2 }), slot: fc.nat({ max: 3 }) });

const asking = fc.record({ stored: fc.array(row), added: fc.array(row), asked: fc.array(key, { minLength: 1 }) });

const idOf = ({ key, quarterHour, slot }: { key: number; quarterHour: number; slot: number }): number =>
  slotsOf(quarterHour, key)[slot] as number;

function emptyTable(): Database.Database & Disposable {
  const database = new Database(":memory:");
  database.exec("CREATE TABLE model_call (id INTEGER PRIMARY KEY)");
  return Object.assign(database, { [Symbol.dispose]: () => void database.close() });
}

describe("known rows", () => {
  it("are found near the quarter hour of a report, in the file or in memory, also when they were added later", () => {
    fc.assert(
      fc.property(asking, fc.boolean(), fc.boolean(), ({ stored, added, asked }, isRemembered, isOften) => {
        using database = emptyTable();
        const insert = database.prepare<[number]>("INSERT OR IGNORE INTO model_call (id) VALUES (?)");
        const known = createKnownRows(database, "model_call", { isRemembered });
        const taken = new Set<number>();
        const expectFound = (): void => {
          for (const each of Array.from({ length: isOften ? 12 : 2 }, () => asked).flat()) {
            const places = [AT - 1, AT, AT + 1].flatMap((near) => slotsOf(near, each));
            const found = [...known.near(AT, each)].sort((a, b) => a - b);
            expect(found).toEqual(places.filter((id) => taken.has(id)).sort((a, b) => a - b));
            // Transactions that ask once each, or one that asks very often.
            if (!isOften) known.settle();
          }
        };
        for (const id of stored.map(idOf)) {
          insert.run(id);
          taken.add(id);
        }
        expectFound();
        for (const id of added.map(idOf)) {
          if (insert.run(id).changes === 0) continue;
          known.add(id, id);
          taken.add(id);
        }
        known.settle();
        expectFound();
        for (const id of stored.map(idOf)) {
          database.prepare<[number]>("DELETE FROM model_call WHERE id = ?").run(id);
          known.remove(id);
          taken.delete(id);
        }
        expectFound();
        for (const id of [...stored, ...added].map(idOf)) if (known.isFree(id)) expect(taken.has(id)).toBe(false);
      }),
    );
  });

  it("of a quarter hour are read at once only for many questions, where they are forgotten with the transaction", () => {
    using database = emptyTable();
    const insert = database.prepare<[number]>("INSERT INTO model_call (id) VALUES (?)");
    const placeOf = (key: number): number => slotsOf(AT, key)[0] as number;
    const keys = Array.from({ length: 300 }, (_, i) => i * 16);
    for (const each of keys) insert.run(placeOf(each));
    const known = createKnownRows(database, "model_call", { isRemembered: false });
    const ask = (some: readonly number[]): number[] => some.flatMap((each) => known.near(AT, each));
    expect(ask(keys.slice(0, 100))).toEqual(keys.slice(0, 100).map(placeOf));
    expect(known.isFree(placeOf(8))).toBe(false);
    known.settle();
    expect(ask(keys)).toEqual(keys.map(placeOf));
    expect(known.isFree(placeOf(8))).toBe(true);
  });
});
