/** What is remembered of spans, so that it is known later which of them lie inside of which. */
import type { Database } from "better-sqlite3";
import type { SpanLink } from "../types.ts";

export interface SpanLinks {
  /** What is remembered under a key. */
  stateOf(key: number): string | undefined;
  /** Must be called inside a write transaction. */
  save(links: readonly SpanLink[]): void;
}

/** Spans around each other come close together; older ones give room. */
const MAX_LINKS = 50_000;

export function createSpanLinks(database: Database): SpanLinks {
  const select = database.prepare<[number], string>("SELECT state FROM span_link WHERE span_key = ?").pluck();
  const upsert = database.prepare<[number, string]>(
    `INSERT INTO span_link (span_key, state) VALUES (?, ?)
     ON CONFLICT (span_key) DO UPDATE SET state = excluded.state WHERE state <> excluded.state`,
  );
  const removeOldest = database.prepare<[number]>(
    "DELETE FROM span_link WHERE id <= (SELECT max(id) FROM span_link) - ?",
  );
  return {
    stateOf: (key) => select.get(key),
    save(links) {
      if (links.length === 0) return;
      for (const { key, state } of links) upsert.run(key, state);
      removeOldest.run(MAX_LINKS);
    },
  };
}
