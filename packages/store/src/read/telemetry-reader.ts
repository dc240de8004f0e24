/** How products were heard lately: by telemetry as well as by transcript, or by transcript alone. */
import { WITNESS_BITS } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { rowRange } from "../write/locator.ts";
import type { TelemetryQuestion, TelemetryUse, ToldFieldCounts } from "./types.ts";

const TELEMETRY = WITNESS_BITS.log | WITNESS_BITS.span;
const TRANSCRIPT = WITNESS_BITS.transcript | WITNESS_BITS.transcriptSidechain;

interface UseRow {
  readonly product: string;
  readonly heard: number;
  readonly calls: number;
  readonly last_heard: number;
  readonly silent: number;
  readonly first_silent: number | null;
  readonly last_silent: number | null;
}

interface FieldRow {
  readonly product: string;
  readonly is_recent: 0 | 1;
  readonly calls: number;
  readonly duration: number;
  readonly first_chunk: number;
  readonly cost: number;
}

/**
 * The newest calls, one row for each, as `recent`. Products are told apart by number. Few enough that it takes
 * milliseconds in the largest file.
 */
const RECENT = `
  recent AS (
    SELECT product_id, witnesses, ended_at, duration_ms, first_chunk_ms, cost_is_reported
    FROM (
      SELECT session.product_id, fact.witnesses, fact.ended_at, fact.duration_ms, fact.first_chunk_ms,
        fact.cost_is_reported
      FROM model_call_fact AS fact JOIN session ON session.id = fact.session_id
      WHERE fact.id BETWEEN ? AND ? ORDER BY fact.id DESC LIMIT ?
    )
  )`;

/** Products of which telemetry was heard at all. */
export function readTelemetryUse(database: Database, question: TelemetryQuestion): TelemetryUse[] {
  const { range, maxCalls, recentCalls } = question;
  const { firstId, lastId } = rowRange(range.startMillis, range.endMillis);
  const uses = database
    .prepare<number[], UseRow>(
      `WITH ${RECENT},
       last AS (
         SELECT product_id, max(ended_at) AS last_heard FROM recent WHERE witnesses & ${TELEMETRY} GROUP BY product_id
       )
       SELECT name.text AS product, last_heard,
         sum(ended_at <= last_heard AND witnesses & ${TELEMETRY} <> 0) AS heard, sum(ended_at <= last_heard) AS calls,
         sum(ended_at > last_heard AND witnesses & ${TRANSCRIPT} <> 0) AS silent,
         min(CASE WHEN ended_at > last_heard AND witnesses & ${TRANSCRIPT} <> 0 THEN ended_at END) AS first_silent,
         max(CASE WHEN ended_at > last_heard AND witnesses & ${TRANSCRIPT} <> 0 THEN ended_at END) AS last_silent
       FROM recent JOIN last USING (product_id) JOIN string AS name ON name.id = product_id
       GROUP BY product_id ORDER BY product`,
    )
    .all(firstId, lastId, maxCalls);
  if (uses.length === 0) return [];
  const fields = database
    .prepare<number[], FieldRow>(
      `WITH ${RECENT},
       numbered AS (
         SELECT *, row_number() OVER (PARTITION BY product_id ORDER BY ended_at DESC) AS number
         FROM recent WHERE witnesses & ${TELEMETRY}
       )
       SELECT name.text AS product, number <= ? AS is_recent, count(*) AS calls, count(duration_ms) AS duration,
         count(first_chunk_ms) AS first_chunk, sum(cost_is_reported) AS cost
       FROM numbered JOIN string AS name ON name.id = product_id
       GROUP BY product_id, is_recent`,
    )
    .all(firstId, lastId, maxCalls, recentCalls);
  return uses.map((use) => ({
    product: use.product,
    lastHeardMillis: use.last_heard,
    heardCalls: use.heard,
    callsUntilThen: use.calls,
    silentCalls: use.silent,
    silence:
      use.first_silent === null || use.last_silent === null
        ? undefined
        : { startMillis: use.first_silent, endMillis: use.last_silent },
    recent: countsOf(fields.find(({ product, is_recent }) => product === use.product && is_recent === 1)),
    before: countsOf(fields.find(({ product, is_recent }) => product === use.product && is_recent === 0)),
  }));
}

function countsOf(row: FieldRow | undefined): ToldFieldCounts {
  return {
    calls: row?.calls ?? 0,
    duration: row?.duration ?? 0,
    firstChunk: row?.first_chunk ?? 0,
    cost: row?.cost ?? 0,
  };
}
