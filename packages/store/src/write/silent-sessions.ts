/** Finds sessions that are over, though no one has said so. */
import type { Database } from "better-sqlite3";
import { LIVE_WINDOW_MILLIS } from "../live/types.ts";

/**
 * Sessions of which nothing was seen for `silentMillis`, and whose duration is not counted. Those that have been silent
 * for longer than live counters look back belong to the history.
 */
export function planSilentSessions(
  database: Database,
  nowMillis: number,
  silentMillis: number,
): { readonly product: string; readonly sessionId: string }[] {
  const lastMillis = nowMillis - silentMillis;
  return database
    .prepare<[number, number], { product: string; sessionId: string }>(
      `SELECT product.text AS product, session.session_key AS sessionId
       FROM session JOIN string AS product ON product.id = session.product_id
       WHERE session.ended_at BETWEEN ? AND ? AND session.is_live = 0`,
    )
    .all(lastMillis - LIVE_WINDOW_MILLIS, lastMillis);
}
