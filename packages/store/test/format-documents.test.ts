/** docs/format says of every table, column and index of a fresh file what it is. */
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "@moai-metrics/store";
import { expect, it } from "vitest";
import { temporaryFolder } from "./helpers.ts";

const FORMAT = new URL("../../../docs/format/", import.meta.url);

it("docs/format names every table, column and index", () => {
  const path = `${temporaryFolder()}/metrics.db`;
  openStore({ path }).close();
  const documents = readdirSync(FORMAT).map((name) => readFileSync(new URL(name, FORMAT), "utf8"));
  const text = documents.join("\n");
  using database = new DatabaseSync(path, { readOnly: true });
  const named = database
    .prepare("SELECT name, type FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
    .all()
    .flatMap(({ name, type }) => {
      const columns =
        type === "index" ? [] : database.prepare("SELECT name FROM pragma_table_info(?)").all(String(name));
      return [{ name, of: type }, ...columns.map((column) => ({ name: column["name"], of: name }))];
    });
  expect(named.length).toBeGreaterThan(200);
  // What "id" is goes without saying where it is a plain number of the row.
  expect(named.filter(({ name }) => name !== "id" && !text.includes(`\`${name}\``))).toEqual([]);
});
