/** One store full of generated facts, shared by the tests of a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll } from "vitest";
import { openStore } from "../../src/index.ts";
import { createMetricsQuery } from "../../src/query/metrics-query.ts";
import type { MetricsQuery } from "../../src/query/types.ts";
import { foldClosedDays } from "../../src/rollup/folding.ts";
import { generateFacts, readTrueFacts, type TrueFact } from "./true-facts.ts";

export interface FilledStore {
  readonly path: string;
  readonly query: MetricsQuery;
  readonly facts: readonly TrueFact[];
  readonly database: Database.Database;
}

/** Fills a store with facts between two moments; it is removed when the file's tests are done. */
export function fillStore(startMillis: number, endMillis: number, count: number, seed = 7): FilledStore {
  const folder = mkdtempSync(join(tmpdir(), "moai-query-"));
  const path = join(folder, "metrics.db");
  const store = openStore({ path });
  const { refused } = store.write({ facts: generateFacts(startMillis, endMillis, count, seed) });
  if (Object.keys(refused).length > 0) throw new Error(`Facts were refused: ${JSON.stringify(refused)}`);
  store.close();
  const database = new Database(path);
  // What is closed and what is open must add up to the same as before.
  foldClosedDays(database, (startMillis + endMillis) / 2);
  afterAll(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return { path, query: createMetricsQuery(database), facts: readTrueFacts(path), database };
}
