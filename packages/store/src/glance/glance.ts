/**
 * A glance at a store for programs that have to answer within milliseconds, such as a status line: one row of a
 * session, and sums over the model calls since a moment. Loads SQLite and nothing else of the store; never writes.
 */
import Database from "better-sqlite3";
import { firstRowOf, MAX_STRAY, quarterHourOfRow } from "../write/row-places.ts";

/** Which calls a sum is about. */
export interface GlanceSince {
  readonly startMillis: number;
  readonly product?: string | undefined;
  /** A path means itself and what lies in it, a name every folder that is called so. */
  readonly project?: string | undefined;
}

/** What to look at. */
export interface GlanceQuestion {
  /** Path of the database file. */
  readonly path: string;
  readonly product: string;
  readonly sessionId: string | undefined;
  readonly since: readonly GlanceSince[];
}

/** Sums over model calls. Tokens of all parts; money in nano-dollars. */
export interface GlanceSums {
  readonly tokens: number;
  readonly costNanoUsd: number;
  /** Calls with tokens and without a price. */
  readonly unpricedCalls: number;
}

/** A session so far. */
export interface GlanceSession extends GlanceSums {
  readonly project: string;
  /** Tokens without cache reads. */
  readonly newTokens: number;
}

/** What was seen. */
export interface Glance {
  readonly session: GlanceSession | undefined;
  /** In the order asked for; undefined where there were too many calls to add up at a glance. */
  readonly since: readonly (GlanceSums | undefined)[];
}

/** Adding up this many calls takes some milliseconds. */
const MAX_CALLS = 50_000;

/** Looks. Undefined when there is no store that this version can read. */
export function glanceAtStore({ path, product, sessionId, since }: GlanceQuestion): Glance | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: 50 });
    const opened = database;
    return {
      session: sessionId === undefined ? undefined : readSession(opened, product, sessionId),
      since: since.map((each) => readSince(opened, each)),
    };
  } catch {
    return undefined;
  } finally {
    database?.close();
  }
}

function readSession(database: Database.Database, product: string, sessionId: string): GlanceSession | undefined {
  return database
    .prepare<[string, string], GlanceSession>(
      `SELECT coalesce(project.text, '') AS project,
         input + cache_write_5m + cache_write_1h + output + undivided_tokens AS newTokens,
         input + cache_read + cache_write_5m + cache_write_1h + output + undivided_tokens AS tokens,
         cost_nano_usd AS costNanoUsd, unpriced_calls AS unpricedCalls
       FROM session LEFT JOIN string AS project ON project.id = session.project_id
       WHERE product_id = (SELECT id FROM string WHERE text = ?) AND session_key = ?`,
    )
    .get(product, sessionId);
}

function readSince(database: Database.Database, since: GlanceSince): GlanceSums | undefined {
  const { startMillis, product, project } = since;
  const firstQuarterHour = Math.floor(startMillis / QUARTER_HOUR_MILLIS) - MAX_STRAY;
  const isNarrowed = product !== undefined || project !== undefined;
  const { sessions, parameters } = planConcerned(since);
  const condition = joinConditions([`${ENDED_AT} >= @startMillis`, ...sessions]);
  const row = database
    .prepare<unknown[], GlanceSums & { readonly looked: number }>(
      `SELECT count(*) AS looked,
         coalesce(sum(call.input + call.cache_read + call.cache_write_5m + call.cache_write_1h + call.output) FILTER (WHERE ${condition}), 0) AS tokens,
         coalesce(sum(call.cost_nano_usd) FILTER (WHERE ${condition}), 0) AS costNanoUsd,
         count(*) FILTER (WHERE call.input IS NOT NULL AND call.cost_nano_usd IS NULL AND ${condition}) AS unpricedCalls
       FROM (SELECT * FROM model_call WHERE id >= @firstRow LIMIT ${MAX_CALLS + 1}) AS call
       ${isNarrowed ? `CROSS JOIN session ON session.id = call.session_id` : ""}`,
    )
    .get({ ...parameters, firstRow: firstRowOf(firstQuarterHour), startMillis });
  if (row === undefined || row.looked > MAX_CALLS) return undefined;
  const { tokens, costNanoUsd, unpricedCalls } = row;
  const undivided = database
    .prepare<unknown[], number>(
      `SELECT coalesce(sum(task.undivided_tokens), 0) FROM task
       ${isNarrowed ? "JOIN session ON session.id = task.session_id" : ""}
       WHERE ${joinConditions(["task.report_rank > 0 AND task.last_seen_at >= @startMillis", ...sessions])}`,
    )
    .pluck()
    .get({ ...parameters, startMillis });
  return { tokens: tokens + (undivided ?? 0), costNanoUsd, unpricedCalls };
}

const QUARTER_HOUR_MILLIS = 900_000;
const PLACE_BITS = 22;
const ENDED_AT = `((call.id >> ${PLACE_BITS}) + ${quarterHourOfRow(0)}) * ${QUARTER_HOUR_MILLIS} + call.ended_ms`;

function joinConditions(conditions: readonly string[]): string {
  return `(${conditions.join(" AND ")})`;
}

function planConcerned({ product, project }: GlanceSince): {
  /** Conditions on a session. */
  readonly sessions: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
} {
  const conditions: string[] = [];
  const parameters: Record<string, string> = {};
  if (product !== undefined) {
    conditions.push("session.product_id = (SELECT id FROM string WHERE text = @product)");
    parameters["product"] = product;
  }
  if (project !== undefined) {
    // `/a` → `/a` and `/a/…`; `a` → `a` and `…/a`.
    const isPath = project.startsWith("/");
    conditions.push(
      `session.project_id IN (SELECT id FROM string WHERE text = @project OR ${
        isPath ? "substr(text, 1, length(@part)) = @part" : "substr(text, -length(@part)) = @part"
      })`,
    );
    parameters["project"] = project;
    parameters["part"] = isPath ? `${project.replace(/\/$/, "")}/` : `/${project}`;
  }
  return { sessions: conditions, parameters };
}
