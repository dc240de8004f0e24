/** Reads what another store holds, some rows at a time, in an order in which everything finds what it refers to. */
import {
  type FileChange,
  type QualityFact,
  type QualityMeasure,
  WITNESS_RANK,
  type Witness,
} from "@moai-metrics/model";
import { createPriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import { createCallRowWriter } from "../write/call-row-writer.ts";
import { NO_CHANGES } from "../write/fact-changes.ts";
import type { ModelCallRow } from "../write/model-call-codec.ts";
import { createPrices } from "../write/prices.ts";
import { createReportCoverage } from "../write/report-coverage.ts";
import { createSessionRows } from "../write/session-rows.ts";
import { createStrings } from "../write/strings.ts";
import { createTaskRows } from "../write/task-rows.ts";
import { decodeToolCall, type ToolCallRow } from "../write/tool-call-rows.ts";
import type { AdoptedFiles, AdoptedKind, AdoptedRows } from "./types.ts";

/** Rows of one kind. */
export interface OtherRows {
  readonly kind: AdoptedKind;
  /** Number of facts in them. */
  readonly read: number;
  readonly rows: AdoptedRows;
}

const ROWS_AT_ONCE = 500;

/** @param isSameKey whether both stores hash paths under the same key. */
export function* readOther(database: Database, isSameKey: boolean): Generator<OtherRows> {
  const strings = createStrings(database);
  const prices = createPrices(database);
  const sessions = createSessionRows(database, strings);
  const tasks = createTaskRows(database, strings, sessions, NO_CHANGES);
  const coverage = createReportCoverage(database, sessions, tasks);
  const books = {
    ...{ strings, sessions, tasks, coverage, prices },
    ...{ changes: NO_CHANGES, priceBook: createPriceBook([]), remembersRows: true },
  };
  const calls = createCallRowWriter(database, books);
  const tagsOf = database.prepare<[number], { key: string; value: string; rank: number }>(
    `SELECT key.text AS key, value.text AS value, rank FROM session_tag
     JOIN string AS key ON key.id = key_id JOIN string AS value ON value.id = value_id WHERE session_id = ?`,
  );

  /** What is remembered of rows would grow with the store. */
  const forget = (): void => {
    tasks.forget();
    sessions.forget();
  };

  for (const ids of pagesOf<number>(database, "SELECT id FROM session WHERE id > ? ORDER BY id LIMIT ?", idOf)) {
    const rows = ids.map((id) => ({ ...sessions.byId(id), tags: tagsOf.all(id) }));
    yield { kind: "sessions", read: rows.length, rows: { sessions: rows } };
    forget();
  }
  for (const ids of pagesOf<number>(database, "SELECT id FROM task WHERE id > ? ORDER BY id LIMIT ?", idOf)) {
    const rows = ids.map((id) => tasks.byId(id)).filter((task) => task !== undefined);
    yield { kind: "tasks", read: rows.length, rows: { tasks: rows } };
    forget();
  }
  for (const page of pagesOf<ModelCallRow>(
    database,
    "SELECT * FROM model_call WHERE id > ? ORDER BY id LIMIT ?",
    ({ id }) => id,
  )) {
    const rows = page.map((row) => {
      const { product, state, cost, firstSeen, lastSeen } = calls.decode(row);
      const offer = { state, nanoUsd: cost.nanoUsd, prices: prices.byId(cost.priceId) };
      return { product, state, firstSeen, lastSeen, cost: offer };
    });
    yield { kind: "calls", read: rows.length, rows: { calls: rows } };
    forget();
  }
  for (const page of pagesOf<ToolCallRow>(
    database,
    "SELECT * FROM tool_call WHERE id > ? ORDER BY id LIMIT ?",
    ({ id }) => id,
  )) {
    const rows = page.map((row) => {
      const { product, sessionId } = sessions.byId(row.session_id);
      const task = row.task_id === 0 ? undefined : tasks.byId(row.task_id);
      return { product, state: decodeToolCall(row, sessionId, task?.taskId, strings) };
    });
    yield { kind: "tools", read: rows.length, rows: { tools: rows } };
    forget();
  }
  const filesOf = database.prepare<[number], { path_hash: number; change: FileChange; changed_at: number }>(
    "SELECT path_hash, change, changed_at FROM file_change WHERE task_id = ? ORDER BY path_hash",
  );
  const withFiles = "SELECT DISTINCT task_id FROM file_change WHERE task_id > ? ORDER BY task_id LIMIT ?";
  for (const ids of pagesOf<number>(database, withFiles, idOf)) {
    const files = ids.flatMap((id): AdoptedFiles[] => {
      const task = tasks.byId(id);
      if (task === undefined) return [];
      const { product, taskId, state } = task;
      return [...Map.groupBy(filesOf.all(id), ({ change }) => change)].map(([change, rows]) => ({
        product,
        sessionId: state.sessionId.value,
        taskId,
        change,
        isSameKey,
        files: rows.map(({ path_hash, changed_at }) => ({ pathHash: path_hash, atMillis: changed_at })),
      }));
    });
    yield { kind: "files", read: files.reduce((sum, each) => sum + each.files.length, 0), rows: { files } };
    forget();
  }
  for (const measurements of chunksOf(readMeasurements(database, strings.textOf))) {
    yield { kind: "measurements", read: measurements.length, rows: { measurements } };
  }
}

interface QualityRow {
  readonly project_id: number;
  readonly measure: QualityMeasure;
  readonly benchmark_id: number;
  readonly tool_id: number;
  readonly measured_at: number;
  readonly rank: number;
  readonly score: number;
  readonly good: number | null;
  readonly total: number | null;
}

function* readMeasurements(database: Database, textOf: (id: number) => string): Generator<QualityFact> {
  for (const row of database.prepare<[], QualityRow>("SELECT * FROM quality").iterate()) {
    const { good, total } = row;
    yield {
      kind: "quality",
      witness: witnessOf(row.rank),
      measure: row.measure,
      project: textOf(row.project_id) || undefined,
      benchmark: textOf(row.benchmark_id) || undefined,
      tool: textOf(row.tool_id) || undefined,
      atMillis: row.measured_at,
      score: row.score,
      counts: good === null || total === null ? undefined : { good, total },
    };
  }
}

function witnessOf(rank: number): Witness {
  const names = Object.keys(WITNESS_RANK) as Witness[];
  return names.find((name) => WITNESS_RANK[name] === rank) ?? "inferred";
}

/** Pages of rows, in the order of their number. */
function* pagesOf<Row>(database: Database, sql: string, numberOf: (row: Row) => number): Generator<Row[]> {
  const select = database.prepare<[number, number], unknown>(sql);
  const isPlain = !sql.includes("*");
  let after = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = (isPlain ? select.pluck() : select).all(after, ROWS_AT_ONCE) as Row[];
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = numberOf(last);
  }
}

function idOf(id: number): number {
  return id;
}

function* chunksOf<T>(all: Iterable<T>): Generator<T[]> {
  let chunk: T[] = [];
  for (const each of all) {
    chunk.push(each);
    if (chunk.length < ROWS_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
