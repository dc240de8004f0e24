/** The oldest whole UTC day that the ledger holds. What lies before it is refused, checked no more and never rebuilt. */
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import type { Database, Statement } from "better-sqlite3";

/** `meta`: days since 1970-01-01; absent as long as nothing was ever deleted. */
const WATERMARK = "watermark_day";

/** Why a fact before the watermark is refused. */
export const BEFORE_WATERMARK = "older than the oldest day kept";

/** The watermark in days since 1970-01-01, or undefined when the ledger holds everything it was told. */
export function readWatermarkDay(database: Database): number | undefined {
  let select = statements.get(database);
  if (select === undefined) {
    select = database.prepare<[string], number>("SELECT value FROM meta WHERE key = ?").pluck();
    statements.set(database, select);
  }
  return select.get(WATERMARK);
}

/** Every write asks, and preparing takes longer than asking. */
const statements = new WeakMap<Database, Statement<[string], number>>();

/** The first moment that the ledger holds, in milliseconds; 0 when it holds everything. */
export function readWatermarkMillis(database: Database): number {
  return (readWatermarkDay(database) ?? 0) * DAY_MILLIS;
}

/** Moves the watermark ahead; it never moves back. */
export function moveWatermark(database: Database, day: number): void {
  database
    .prepare(
      `INSERT INTO meta (key, value) VALUES (?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE excluded.value > value`,
    )
    .run(WATERMARK, BigInt(day));
}

/** Whether a fact lies wholly before a moment. A fact without any time does not. */
export function liesBefore(fact: Fact, millis: number): boolean {
  const time = lastMillisOf(fact);
  return time !== undefined && time < millis;
}

const NEVER = Number.NEGATIVE_INFINITY;

function lastMillisOf(fact: Fact): number | undefined {
  switch (fact.kind) {
    case "session":
      return fact.activity.length === 0 ? undefined : Math.max(...fact.activity.map(({ endMillis }) => endMillis));
    case "task": {
      const { startedAtMillis = NEVER, lastSeenAtMillis = NEVER, outcome } = fact;
      const latest = Math.max(startedAtMillis, lastSeenAtMillis, outcome?.atMillis ?? NEVER);
      return latest === NEVER ? undefined : latest;
    }
    case "model_call":
      return fact.endedAtMillis;
    case "tool_call":
      return fact.startedAtMillis;
    case "file_change":
      return fact.atMillis;
    case "quality":
      // Kept for ever, so no day of it is ever closed.
      return undefined;
  }
}
