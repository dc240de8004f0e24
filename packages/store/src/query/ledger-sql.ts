/** What the ledger's tables offer to questions: the only place that names their columns. */
import { addUpRows, CALL_AMOUNTS, CALL_FLAGS } from "../read/call-measures.ts";
import type { RollupSum } from "../rollup/types.ts";
import { REPORTED_TOKENS, TASK_MILLIS } from "../write/task-report-sql.ts";
import type { FactValue, Population } from "./measures.ts";

type RowsOfSums = Readonly<Partial<Record<RollupSum, string>>>;

/** A table of facts under the alias `fact`. */
export interface FactTable {
  readonly from: string;
  readonly time: string;
  /** Whether row numbers follow time, as `rowRange` says. */
  readonly isInRowOrder: boolean;
  readonly task: string;
  readonly agent: string;
  /** Joins that `agent`, `kind` and `result` need. */
  readonly taskJoin: string;
  readonly kind: string;
  readonly result: string;
  /** The condition of belonging to the sums. */
  readonly isCounted: string;
  /** Sums that count facts: what each fact counts for, 0 or 1. */
  readonly flags: RowsOfSums;
  /** What each fact adds to the others; NULL where no one knows. */
  readonly amounts: RowsOfSums;
  /** All of them, over rows. */
  readonly sums: RowsOfSums;
  readonly values: Readonly<Partial<Record<FactValue, string>>>;
}

const JOIN_TASK = "LEFT JOIN task ON task.id = fact.task_id";

const ALL_TOKENS = "fact.input + fact.cache_read + fact.cache_write_5m + fact.cache_write_1h + fact.output";
const UNDIVIDED = REPORTED_TOKENS("fact");
/** Unknown when no one has said how many. */
const TASK_TOKENS = `CASE WHEN fact.calls > fact.calls_without_usage OR ${UNDIVIDED} > 0
  THEN ${ALL_TOKENS} + ${UNDIVIDED} END`;
/** How long an ended task took, under the alias `fact`. */
export const TASK_DURATION: string = TASK_MILLIS("fact");
const TOOL_MILLIS = "max(0, fact.ended_at - fact.started_at)";

/** The facts of each population. */
export const FACT_TABLES: Readonly<Record<Population, FactTable>> = {
  calls: withSums({
    from: "model_call_fact AS fact",
    time: "fact.ended_at",
    isInRowOrder: true,
    task: "fact.task_id",
    taskJoin: JOIN_TASK,
    agent: "coalesce(task.agent_id, 0)",
    kind: "coalesce(task.kind, '')",
    result: "CASE WHEN task.id IS NOT NULL THEN coalesce(task.result, 'open') END",
    isCounted: "true",
    flags: {
      ...CALL_FLAGS,
      call_ms_count: "fact.duration_ms IS NOT NULL",
      first_chunk_ms_count: "fact.first_chunk_ms IS NOT NULL",
    },
    amounts: { ...CALL_AMOUNTS, first_chunk_ms: "fact.first_chunk_ms" },
    values: {
      call_ms: "fact.duration_ms",
      first_chunk_ms: "fact.first_chunk_ms",
      tokens: ALL_TOKENS,
      input: "fact.input",
      cache_read: "fact.cache_read",
      cache_write: "fact.cache_write_5m + fact.cache_write_1h",
      cache_write_5m: "fact.cache_write_5m",
      cache_write_1h: "fact.cache_write_1h",
      output: "fact.output",
      reasoning: "fact.reasoning",
      cost_nano_usd: "CASE WHEN fact.input IS NOT NULL THEN fact.cost_nano_usd END",
    },
  }),
  tools: withSums({
    from: "tool_call AS fact",
    time: "fact.started_at",
    isInRowOrder: true,
    task: "fact.task_id",
    taskJoin: JOIN_TASK,
    agent: "coalesce(task.agent_id, 0)",
    kind: "coalesce(task.kind, '')",
    result: "CASE WHEN task.id IS NOT NULL THEN coalesce(task.result, 'open') END",
    isCounted: "true",
    flags: { tool_calls: "true", tool_errors: "fact.is_success IS 0", tool_ms_count: "fact.ended_at IS NOT NULL" },
    amounts: { tool_ms: TOOL_MILLIS },
    values: { tool_ms: TOOL_MILLIS },
  }),
  tasks: withSums({
    from: "task AS fact",
    time: "fact.last_seen_at",
    isInRowOrder: false,
    task: "fact.id",
    taskJoin: "",
    agent: "fact.agent_id",
    kind: "coalesce(fact.kind, '')",
    result: "coalesce(fact.result, 'open')",
    isCounted: "fact.result IS NOT NULL",
    flags: {
      tasks_success: "fact.result = 'success'",
      tasks_failure: "fact.result = 'failure'",
      tasks_timeout: "fact.result = 'timeout'",
      tasks_cancelled: "fact.result = 'cancelled'",
      tasks_unknown: "fact.result = 'unknown'",
      task_ms_count: `${TASK_DURATION} IS NOT NULL`,
      task_tokens_count: `${TASK_TOKENS} IS NOT NULL`,
    },
    amounts: { task_ms: TASK_DURATION, task_tokens: TASK_TOKENS, undivided_tokens: UNDIVIDED },
    values: { task_ms: TASK_DURATION, task_tokens: TASK_TOKENS },
  }),
};

function withSums(table: Omit<FactTable, "sums">): FactTable {
  return { ...table, sums: addUpRows({ ...table.flags, ...table.amounts } as Record<RollupSum, string>) };
}

/** Dimensions as columns of string numbers. */
export const DIMENSION_COLUMNS = {
  product: "session.product_id",
  project: "session.project_id",
  model: "fact.model_id",
} as const;

export const JOIN_SESSION = "JOIN session ON session.id = fact.session_id";
