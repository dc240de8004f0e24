/** `getModelCalls` and `getToolCalls`: calls, newest first. */
import { QUARTER_HOUR_MILLIS, quarterHourOf, type TimeRange } from "@moai-metrics/model";
import { joinConditions } from "../read/filters.ts";
import { firstRowOf, MAX_STRAY, quarterHourOfRow, rowRange } from "../write/locator.ts";
import { createActiveTimes } from "./active-times.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { FACT_TABLES, JOIN_SESSION } from "./ledger-sql.ts";
import { placeBehind } from "./paging.ts";
import { type Batch, readPage } from "./read-pages.ts";
import { findScope, intersect, planSelection } from "./selection.ts";
import type {
  FactFilter,
  ModelCallFilter,
  ModelCallRecord,
  Page,
  PageQuestion,
  ToolCallFilter,
  ToolCallRecord,
} from "./types.ts";

/** A table of calls: what it is named, and what its rows become. */
interface CallTable<Columns, Row> {
  readonly method: string;
  readonly population: "calls" | "tools";
  /** The table whose row numbers follow time. */
  readonly rows: "model_call" | "tool_call";
  readonly columns: readonly (keyof Columns & string)[];
  /** Names every field in one literal: a row is twice as large in memory when some are spread into it. */
  toRow(context: QueryContext, columns: Columns & SharedColumns): Row;
}

interface SharedColumns {
  readonly id: number;
  readonly time: number;
  readonly product_id: number;
  readonly session_key: string;
  readonly project_id: number;
  readonly task_key: string | null;
  readonly agent_id: number;
}

const EVERYTHING = { startMillis: 0, endMillis: Number.MAX_SAFE_INTEGER };

/** Quarter hours that are looked at together; grows while few rows match. */
const FIRST_WIDTH = 16;
const MAX_WIDTH = 4_096;

function readCalls<Columns, Row>(
  context: QueryContext,
  table: CallTable<Columns, Row>,
  question: FactFilter & PageQuestion,
): Page<Row> {
  const filter = requireFilter(table.method, table.population, question);
  const { from, time, agent } = FACT_TABLES[table.population];
  const columns = [
    `fact.id, ${time} AS time, session.product_id, session.session_key, session.project_id`,
    `task.task_key, ${agent} AS agent_id`,
    ...table.columns.map((column) => `fact.${column}`),
  ].join(", ");
  question.signal?.throwIfAborted();
  return context.inOneState(() => {
    const scope = findScope(context, filter);
    const range = intersect(filter.range ?? EVERYTHING, scope.extentOfCalls);
    const newestBefore = (millis: number): number | undefined =>
      newestBelow(context, table.rows, range.startMillis, millis);
    const times = createActiveTimes(context, { population: table.population, filter, range, newestBefore });
    let width = FIRST_WIDTH;
    let top = range.endMillis;
    const isAnyRow = Object.keys(filter).every((name) => name === "range");
    /** Where every row is wanted, about so many; else without a filter that tells where to look, more time with each batch. */
    const widen = (millis: number, wanted: number | undefined): TimeRange | undefined => {
      const newest = newestBefore(millis);
      if (newest === undefined || newest <= range.startMillis) return undefined;
      const endMillis = Math.min(millis, newest);
      if (isAnyRow && wanted !== undefined) {
        const first = startOfNewest(context, table.rows, endMillis, wanted) ?? range.startMillis;
        return { startMillis: Math.max(range.startMillis, first), endMillis };
      }
      const startMillis = (quarterHourOf(endMillis - 1) + 1 - width) * QUARTER_HOUR_MILLIS;
      width = Math.min(2 * width, MAX_WIDTH);
      return { startMillis: Math.max(range.startMillis, startMillis), endMillis };
    };
    return readPage(context, table.method, filter, question, (after, wanted): Batch<Row> => {
      top = Math.min(top, after === undefined ? top : after.millis + 1);
      const part = times === undefined ? widen(top, wanted) : times.before(top, wanted);
      if (part === undefined) return { rows: [], next: undefined };
      const { startMillis: start, endMillis: end } = part;
      const { joins, where } = planSelection(table.population, filter, scope, { startMillis: start, endMillis: end });
      const behind = {
        condition: `(${time}, fact.id) < (?, ?)`,
        parameters: after === undefined ? [] : [after.millis, after.id],
      };
      const condition = after === undefined ? where : joinConditions([where, behind]);
      // Of rows that are all shown, each is looked up once; of others only those that are shown are looked up whole.
      const sql =
        wanted === undefined
          ? `SELECT ${columns} FROM ${from} ${JOIN_SESSION} ${FACT_TABLES[table.population].taskJoin}
        WHERE ${condition.condition}
        ORDER BY time DESC, fact.id DESC`
          : `WITH chosen(id) AS MATERIALIZED (
          SELECT fact.id FROM ${from} ${joins} WHERE ${condition.condition}
          ORDER BY ${time} DESC, fact.id DESC LIMIT ?
        )
        SELECT ${columns}
        FROM chosen CROSS JOIN ${from} ON fact.id = chosen.id
        ${JOIN_SESSION}
        ${FACT_TABLES[table.population].taskJoin}
        ORDER BY time DESC, fact.id DESC`;
      const limit = wanted === undefined ? [] : [wanted];
      const rows = context.statement(sql).all(...condition.parameters, ...limit) as (Columns & SharedColumns)[];
      return {
        rows: rows.map((row) => ({ row: table.toRow(context, row), place: { millis: row.time, id: row.id } })),
        next: start <= range.startMillis ? undefined : placeBehind(start),
      };
    });
  });
}

/** The end of the newest quarter hour before `top` in which a row may lie, so that empty times are skipped. */
function newestBelow(
  context: QueryContext,
  rows: CallTable<never, never>["rows"],
  bottom: number,
  top: number,
): number | undefined {
  if (top <= bottom) return undefined;
  const { lastId } = rowRange(bottom, top - 1);
  const id = context.statement(`SELECT max(id) FROM ${rows} WHERE id <= ?`).pluck().get(lastId) as number | null;
  return id === null ? undefined : (quarterHourOfRow(id) + MAX_STRAY + 1) * QUARTER_HOUR_MILLIS;
}

/** The start of the quarter hour from which on so many rows lie before `end`, or some more; undefined: there are fewer. */
function startOfNewest(
  context: QueryContext,
  rows: CallTable<never, never>["rows"],
  end: number,
  wanted: number,
): number | undefined {
  const id = context
    .statement(`SELECT id FROM ${rows} WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ?`)
    .pluck()
    .get(firstRowOf(quarterHourOf(end - 1) + 1), wanted) as number | undefined;
  return id === undefined ? undefined : quarterHourOfRow(id) * QUARTER_HOUR_MILLIS;
}

interface ModelCallColumns {
  readonly model_id: number;
  readonly duration_ms: number | null;
  readonly first_chunk_ms: number | null;
  readonly input: number | null;
  readonly cache_read: number | null;
  readonly cache_write_5m: number | null;
  readonly cache_write_1h: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  readonly web_searches: number | null;
  readonly is_fast: number | null;
  readonly cost_nano_usd: number | null;
  readonly cost_is_reported: number;
  readonly error_type_id: number;
}

const MODEL_CALLS: CallTable<ModelCallColumns, ModelCallRecord> = {
  method: "getModelCalls",
  population: "calls",
  rows: "model_call",
  columns: [
    ...(["model_id", "duration_ms", "first_chunk_ms", "input", "cache_read", "cache_write_5m"] as const),
    ...(["cache_write_1h", "output", "reasoning", "web_searches", "is_fast", "cost_nano_usd"] as const),
    ...(["cost_is_reported", "error_type_id"] as const),
  ],
  toRow: (context, row) => ({
    product: context.nameOf(row.product_id),
    sessionId: row.session_key,
    taskId: row.task_key ?? "",
    agent: context.nameOf(row.agent_id),
    project: context.nameOf(row.project_id),
    model: context.nameOf(row.model_id),
    endedAtMillis: row.time,
    durationMillis: row.duration_ms ?? undefined,
    firstChunkMillis: row.first_chunk_ms ?? undefined,
    tokens:
      row.input === null
        ? undefined
        : {
            input: row.input,
            cacheRead: row.cache_read ?? 0,
            cacheWrite5m: row.cache_write_5m ?? 0,
            cacheWrite1h: row.cache_write_1h ?? 0,
            output: row.output ?? 0,
            reasoning: row.reasoning ?? 0,
          },
    webSearches: row.web_searches ?? undefined,
    isFast: row.is_fast === 1,
    costNanoUsd: row.cost_nano_usd ?? undefined,
    costOrigin: costOriginOf(row),
    errorType: context.nameOf(row.error_type_id),
  }),
};

function costOriginOf({ cost_nano_usd, cost_is_reported }: ModelCallColumns): ModelCallRecord["costOrigin"] {
  if (cost_nano_usd === null) return "";
  return cost_is_reported === 1 ? "reported" : "computed";
}

interface ToolCallColumns {
  readonly tool_id: number;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly is_success: number | null;
  readonly error_type_id: number;
  readonly lines_added: number | null;
  readonly lines_removed: number | null;
}

const TOOL_CALLS: CallTable<ToolCallColumns, ToolCallRecord> = {
  method: "getToolCalls",
  population: "tools",
  rows: "tool_call",
  columns: ["tool_id", "started_at", "ended_at", "is_success", "error_type_id", "lines_added", "lines_removed"],
  toRow: (context, row) => ({
    product: context.nameOf(row.product_id),
    sessionId: row.session_key,
    taskId: row.task_key ?? "",
    agent: context.nameOf(row.agent_id),
    project: context.nameOf(row.project_id),
    tool: context.nameOf(row.tool_id),
    startedAtMillis: row.started_at,
    endedAtMillis: row.ended_at ?? undefined,
    durationMillis: row.ended_at === null ? undefined : Math.max(0, row.ended_at - row.started_at),
    isSuccess: row.is_success === null ? undefined : row.is_success === 1,
    errorType: context.nameOf(row.error_type_id),
    linesAdded: row.lines_added ?? undefined,
    linesRemoved: row.lines_removed ?? undefined,
  }),
};

/** @throws RangeError for what cannot be honoured. */
export function readModelCalls(context: QueryContext, question: ModelCallFilter & PageQuestion): Page<ModelCallRecord> {
  return readCalls(context, MODEL_CALLS, question);
}

/** @throws RangeError for what cannot be honoured. */
export function readToolCalls(context: QueryContext, question: ToolCallFilter & PageQuestion): Page<ToolCallRecord> {
  return readCalls(context, TOOL_CALLS, question);
}
