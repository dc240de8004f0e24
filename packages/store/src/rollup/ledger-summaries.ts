/** What the rollups must be, computed anew from the ledger. */
import { QUARTER_HOUR_MILLIS } from "@moai-metrics/model";
import type { Database, Statement } from "better-sqlite3";
import { rowRange } from "../write/locator.ts";
import { REPORTED_TOKENS, TASK_MILLIS } from "../write/task-report-sql.ts";
import type { LostCell } from "./lost-extremes.ts";
import { sheetId } from "./places.ts";
import { addContribution, type Sheet } from "./sheet.ts";
import { DISTRIBUTION_PLACES } from "./sums.ts";
import { CALL_SUMS, type Contribution, type Distribution, type RollupSum, TASK_SUMS } from "./types.ts";

/** Reads what counts in spans of quarter hours. Statements are prepared once, for many spans. */
export interface LedgerSheets {
  /**
   * Sheets of a span of quarter hours, by the number of their row. They hold all facts.
   * @param cells only these have to be told, and of them only these distributions. Default: all.
   */
  read(from: number, behind: number, cells?: readonly LostCell[]): Map<number, Sheet>;
}

export function createLedgerSheets(database: Database): LedgerSheets {
  const statements = statementsFor(database);
  const prepared = new Map<string, PreparedRows>();
  const prepare = (sql: string): PreparedRows => {
    const known = prepared.get(sql) ?? database.prepare<(number | string)[], unknown[]>(sql).raw();
    prepared.set(sql, known);
    return known;
  };
  const rowsOf = (statement: LedgerStatement, span: readonly number[], cells: readonly LostCell[]) => {
    const own = cells.filter(({ distributions }) => (distributions & bitsOf(statement)) !== 0);
    if (own.length === 0) return [];
    const list = JSON.stringify(
      own.map(({ quarterHour, cell }) => [quarterHour, cell.projectId, cell.modelId, cell.agentId]),
    );
    return prepare(statement.sql + ofCells(statement)).iterate(...span, list, list);
  };
  return {
    read(from, behind, cells) {
      const sheets = new Map<number, Sheet>();
      for (const statement of statements) {
        const span = parametersOf(from, behind, statement);
        const rows = cells === undefined ? prepare(statement.sql).iterate(...span) : rowsOf(statement, span, cells);
        for (const row of rows) {
          const contribution = toContribution(row as (number | null)[], statement);
          const id = sheetId(contribution.quarterHour, contribution.dimensions.projectId);
          let sheet = sheets.get(id);
          if (sheet === undefined) {
            sheet = new Map();
            sheets.set(id, sheet);
          }
          addContribution(sheet, contribution, 1);
        }
      }
      return sheets;
    },
  };
}

/** The same for a single span. */
export function readLedgerSheets(database: Database, from: number, behind: number): Map<number, Sheet> {
  return createLedgerSheets(database).read(from, behind);
}

type PreparedRows = Statement<(number | string)[], unknown[]>;

function bitsOf({ values }: LedgerStatement): number {
  return values.reduce((bits, name) => bits | (1 << DISTRIBUTION_PLACES[name]), 0);
}

interface LedgerStatement {
  readonly sql: string;
  /** Rows are found by their number as well as by their time. */
  readonly hasRowRange: boolean;
  /** When a fact counts, and under which model. */
  readonly timeSql: string;
  readonly modelSql: string;
  readonly sums: readonly RollupSum[];
  readonly values: readonly Distribution[];
}

const KEYS_SQL = "session.product_id, session.project_id";
const DIMENSIONS_COUNT = 5;

/** Only facts of listed cells. Tasks, which are many, are looked up for those that are in the right place otherwise. */
function ofCells({ timeSql, modelSql }: LedgerStatement): string {
  const place = `${timeSql} / ${QUARTER_HOUR_MILLIS}, session.project_id, ${modelSql}`;
  return `
        AND (${place}) IN (SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?))
        AND (${place}, coalesce(task.agent_id, 0))
          IN (SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?))`;
}

/** Per statement: time, product, project, agent, model, then sums, then values. */
const CALLS_AND_TOOLS: readonly LedgerStatement[] = [
  {
    sql: `
      SELECT fact.ended_at, ${KEYS_SQL}, coalesce(task.agent_id, 0), fact.model_id,
        fact.error_type_id = 0 OR fact.input IS NOT NULL,
        fact.error_type_id <> 0,
        fact.error_type_id = 0 AND fact.input IS NULL,
        fact.input, fact.cache_read, fact.cache_write_5m, fact.cache_write_1h, fact.output, fact.reasoning,
        fact.cost_nano_usd,
        CASE fact.cost_is_reported WHEN 1 THEN fact.cost_nano_usd END,
        fact.input IS NOT NULL AND fact.cost_nano_usd IS NULL,
        fact.duration_ms, fact.first_chunk_ms
      FROM model_call_fact AS fact
      JOIN session ON session.id = fact.session_id
      LEFT JOIN task ON task.id = fact.task_id
      WHERE fact.id BETWEEN ? AND ? AND fact.ended_at >= ? AND fact.ended_at < ?`,
    hasRowRange: true,
    timeSql: "fact.ended_at",
    modelSql: "fact.model_id",
    sums: CALL_SUMS,
    values: ["call_ms", "first_chunk_ms"],
  },
  {
    sql: `
      SELECT fact.started_at, ${KEYS_SQL}, coalesce(task.agent_id, 0), 0,
        1, coalesce(fact.is_success = 0, 0), max(0, fact.ended_at - fact.started_at)
      FROM tool_call AS fact
      JOIN session ON session.id = fact.session_id
      LEFT JOIN task ON task.id = fact.task_id
      WHERE fact.id BETWEEN ? AND ? AND fact.started_at >= ? AND fact.started_at < ?`,
    hasRowRange: true,
    timeSql: "fact.started_at",
    modelSql: "0",
    sums: ["tool_calls", "tool_errors"],
    values: ["tool_ms"],
  },
];

function tasksStatement(tokens: string, millis: string): LedgerStatement {
  return {
    sql: `
      SELECT task.last_seen_at, ${KEYS_SQL}, task.agent_id, 0,
        result = 'success', result = 'failure', result = 'timeout', result = 'cancelled', result = 'unknown',
        ${tokens},
        ${millis},
        CASE WHEN task.calls > task.calls_without_usage OR ${tokens} > 0
          THEN task.input + task.cache_read + task.cache_write_5m + task.cache_write_1h + task.output + ${tokens} END
      FROM task
      JOIN session ON session.id = task.session_id
      WHERE task.last_seen_at >= ? AND task.last_seen_at < ? AND result IS NOT NULL`,
    hasRowRange: false,
    timeSql: "task.last_seen_at",
    modelSql: "0",
    sums: [...TASK_SUMS, "undivided_tokens"],
    values: ["task_ms", "task_tokens"],
  };
}

const TASKS: LedgerStatement = tasksStatement(REPORTED_TOKENS("task"), TASK_MILLIS("task"));
/** What schema version 3 adds up when it makes the first rollups: hooks reported nothing then. */
const TASKS_BEFORE_REPORTS: LedgerStatement = tasksStatement("0", "task.last_seen_at - task.started_at");

function statementsFor(database: Database): readonly LedgerStatement[] {
  const hasReports = database
    .prepare<[], number>("SELECT EXISTS (SELECT 1 FROM pragma_table_info('task') WHERE name = 'is_covered')")
    .pluck()
    .get();
  return [...CALLS_AND_TOOLS, hasReports === 1 ? TASKS : TASKS_BEFORE_REPORTS];
}

function parametersOf(from: number, behind: number, { hasRowRange }: LedgerStatement): number[] {
  const range = [from * QUARTER_HOUR_MILLIS, behind * QUARTER_HOUR_MILLIS] as const;
  if (!hasRowRange) return [...range];
  const { firstId, lastId } = rowRange(range[0], range[1] - 1);
  return [firstId, lastId, ...range];
}

function toContribution(row: readonly (number | null)[], { sums, values }: LedgerStatement): Contribution {
  const [millis, productId, projectId, agentId, modelId] = row;
  const ownSums: Partial<Record<RollupSum, number>> = {};
  for (const [i, name] of sums.entries()) ownSums[name] = row[DIMENSIONS_COUNT + i] ?? 0;
  const ownValues: Partial<Record<Distribution, number>> = {};
  for (const [i, name] of values.entries()) {
    const value = row[DIMENSIONS_COUNT + sums.length + i];
    if (value !== null && value !== undefined) ownValues[name] = value;
  }
  return {
    quarterHour: Math.floor((millis ?? 0) / QUARTER_HOUR_MILLIS),
    dimensions: { productId: productId ?? 0, projectId: projectId ?? 0, agentId: agentId ?? 0, modelId: modelId ?? 0 },
    sums: ownSums,
    values: ownValues,
  };
}
