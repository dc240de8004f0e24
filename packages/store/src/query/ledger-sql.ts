/** What the ledger's tables offer to questions: the only place that names their columns. */
import { CALL_SUM_EXPRESSIONS } from "../read/call-measures.ts";
import type { RollupSum } from "../rollup/types.ts";
import { REPORTED_TOKENS, TASK_MILLIS } from "../write/task-report-sql.ts";
import type { FactValue, Population } from "./measures.ts";

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
  readonly sums: Readonly<Partial<Record<RollupSum, string>>>;
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
  calls: {
    from: "model_call_fact AS fact",
    time: "fact.ended_at",
    isInRowOrder: true,
    task: "fact.task_id",
    taskJoin: JOIN_TASK,
    agent: "coalesce(task.agent_id, 0)",
    kind: "coalesce(task.kind, '')",
    result: "CASE WHEN task.id IS NOT NULL THEN coalesce(task.result, 'open') END",
    isCounted: "true",
    sums: {
      ...CALL_SUM_EXPRESSIONS,
      call_ms_count: "count(fact.duration_ms)",
      first_chunk_ms: "coalesce(sum(fact.first_chunk_ms), 0)",
      first_chunk_ms_count: "count(fact.first_chunk_ms)",
    },
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
  },
  tools: {
    from: "tool_call AS fact",
    time: "fact.started_at",
    isInRowOrder: true,
    task: "fact.task_id",
    taskJoin: JOIN_TASK,
    agent: "coalesce(task.agent_id, 0)",
    kind: "coalesce(task.kind, '')",
    result: "CASE WHEN task.id IS NOT NULL THEN coalesce(task.result, 'open') END",
    isCounted: "true",
    sums: {
      tool_calls: "count(*)",
      tool_errors: "coalesce(sum(fact.is_success = 0), 0)",
      tool_ms: `coalesce(sum(${TOOL_MILLIS}), 0)`,
      tool_ms_count: "count(fact.ended_at)",
    },
    values: { tool_ms: TOOL_MILLIS },
  },
  tasks: {
    from: "task AS fact",
    time: "fact.last_seen_at",
    isInRowOrder: false,
    task: "fact.id",
    taskJoin: "",
    agent: "fact.agent_id",
    kind: "coalesce(fact.kind, '')",
    result: "coalesce(fact.result, 'open')",
    isCounted: "fact.result IS NOT NULL",
    sums: {
      tasks_success: "sum(fact.result = 'success')",
      tasks_failure: "sum(fact.result = 'failure')",
      tasks_timeout: "sum(fact.result = 'timeout')",
      tasks_cancelled: "sum(fact.result = 'cancelled')",
      tasks_unknown: "sum(fact.result = 'unknown')",
      task_ms: `coalesce(sum(${TASK_DURATION}), 0)`,
      task_ms_count: `count(${TASK_DURATION})`,
      task_tokens: `coalesce(sum(${TASK_TOKENS}), 0)`,
      task_tokens_count: `count(${TASK_TOKENS})`,
      undivided_tokens: `coalesce(sum(${UNDIVIDED}), 0)`,
    },
    values: { task_ms: TASK_DURATION, task_tokens: TASK_TOKENS },
  },
};

/** Dimensions as columns of string numbers. */
export const DIMENSION_COLUMNS = {
  product: "session.product_id",
  project: "session.project_id",
  model: "fact.model_id",
} as const;

export const JOIN_SESSION = "JOIN session ON session.id = fact.session_id";
