/** The unit prices that costs were computed from, kept once each. */
import type { UnitPrices } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";

export interface Prices {
  /** The number of unit prices; adds them when new. Must be called inside a write transaction. */
  idOf(prices: UnitPrices): number;
  byId(id: number): UnitPrices | undefined;
  /** Forgets what a rolled-back transaction may have added. */
  forget(): void;
}

interface PriceRow {
  id: number;
  source: string;
  input: number;
  cache_read: number;
  cache_write_5m: number;
  cache_write_1h: number;
  output: number;
  web_search: number;
}

export function createPrices(database: Database): Prices {
  const find = database
    .prepare<(string | number)[], number>(
      `SELECT id FROM price WHERE source = ? AND input = ? AND cache_read = ? AND cache_write_5m = ?
       AND cache_write_1h = ? AND output = ? AND web_search = ?`,
    )
    .pluck();
  const insert = database.prepare<(string | number)[]>(
    `INSERT INTO price (source, input, cache_read, cache_write_5m, cache_write_1h, output, web_search)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const read = database.prepare<[number], PriceRow>("SELECT * FROM price WHERE id = ?");
  // The price book hands out the same object for the same question, so the object itself can be the key.
  const ids = new Map<UnitPrices, number>();

  return {
    idOf(prices) {
      const known = ids.get(prices);
      if (known !== undefined) return known;
      const values = [
        prices.source,
        prices.input,
        prices.cacheRead,
        prices.cacheWrite5m,
        prices.cacheWrite1h,
        prices.output,
        prices.webSearch,
      ];
      const id = find.get(...values) ?? Number(insert.run(...values).lastInsertRowid);
      ids.set(prices, id);
      return id;
    },
    byId(id) {
      const row = read.get(id);
      if (row === undefined) return undefined;
      return {
        source: row.source,
        input: row.input,
        cacheRead: row.cache_read,
        cacheWrite5m: row.cache_write_5m,
        cacheWrite1h: row.cache_write_1h,
        output: row.output,
        webSearch: row.web_search,
      };
    },
    forget() {
      ids.clear();
    },
  };
}
