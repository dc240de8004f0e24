/** How many bytes of pages a ledger takes for each model call, as SQLite itself accounts for them. */
import Database from "better-sqlite3";
import { report } from "./figures.ts";

const MAX_ROLLUP_BYTES = 10;

/**
 * Reports bytes per model call: the calls with everything that finds them, all rollups, and the rest.
 * @param title what the store holds. @param maxCallBytes the goal for a call, indexes included.
 */
export function reportSizes(path: string, title: string, maxCallBytes: number): void {
  const database = new Database(path, { readonly: true });
  const calls = database.prepare<[], number>("SELECT count(*) FROM model_call").pluck().get() ?? 0;
  const tables = database
    .prepare<[], { name: string; bytes: number }>(
      `SELECT coalesce(s.tbl_name, d.name) AS name, sum(d.pgsize) AS bytes
       FROM dbstat AS d LEFT JOIN sqlite_schema AS s ON s.name = d.name
       WHERE d.aggregate = 1 GROUP BY 1 ORDER BY 2 DESC`,
    )
    .all();
  database.close();
  const perCall = (isCounted: (table: string) => boolean): number =>
    tables.reduce((sum, { name, bytes }) => (isCounted(name) ? sum + bytes : sum), 0) / calls;
  const isCall = (table: string): boolean => table === "model_call" || table.startsWith("model_call_");
  const isRollup = (table: string): boolean => table === "rollup" || table.startsWith("rollup_");
  report({
    name: `${title}: a model call, indexes included`,
    unit: "bytes",
    values: [perCall(isCall)],
    goal: { bound: "at most", value: maxCallBytes },
  });
  report({
    name: `${title}: all rollups, for each call`,
    unit: "bytes",
    values: [perCall(isRollup)],
    goal: { bound: "at most", value: MAX_ROLLUP_BYTES },
  });
  report({ name: `${title}: the whole file, for each call`, unit: "bytes", values: [perCall(() => true)] });
  const largest = tables.slice(0, 8).map(({ name, bytes }) => `${name} ${(bytes / 1e6).toFixed(1)} MB`);
  console.log(`    ${largest.join(", ")}`);
}
