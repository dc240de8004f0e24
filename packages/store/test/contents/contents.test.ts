/** Every column is described: what is not, must not be stored. */
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { DESCRIBED_TABLES } from "../../src/contents/described-tables.ts";
import { call, NOON, session, task, temporaryStore } from "../helpers.ts";

it("describes every table and column of the schema, and none that is not there", async () => {
  const store = temporaryStore();
  store.write({ facts: [session(), task(), call()] });
  // A clean-up leaves the planner's statistics, which are tables too.
  await store.maintain({ nowMillis: NOON, isThorough: true });
  const contents = store.contents();
  const undescribed = contents.flatMap(({ name, holds, fields }) => [
    ...(holds === undefined ? [name] : []),
    ...fields.filter((field) => field.holds === undefined).map((field) => `${name}.${field.name}`),
  ]);
  expect(undescribed, "describe them in src/contents/described-tables.ts").toEqual([]);
  const described = Object.fromEntries(
    Object.entries(DESCRIBED_TABLES).map(([name, { fields }]) => [name, Object.keys(fields).sort()]),
  );
  expect(
    Object.fromEntries(contents.map(({ name, fields }) => [name, fields.map((field) => field.name).sort()])),
  ).toEqual(described);
});

it("shows what it cannot describe", () => {
  const store = temporaryStore();
  const database = new Database(store.path);
  database.exec("CREATE TABLE later (id INTEGER PRIMARY KEY, prompt TEXT); ALTER TABLE price ADD COLUMN note TEXT");
  database.close();
  expect(store.contents().find(({ name }) => name === "later")).toEqual({
    name: "later",
    holds: undefined,
    keeping: undefined,
    fields: [
      { name: "id", holds: undefined },
      { name: "prompt", holds: undefined },
    ],
  });
  expect(
    store
      .contents()
      .find(({ name }) => name === "price")
      ?.fields.at(-1),
  ).toEqual({ name: "note", holds: undefined });
});
