/**
 * What panels of rates and quantiles must show: what SQLite says each series grew by, and the arithmetic of Prometheus on
 * the times at which it was read.
 */
import type { ModelCallRecord, TaskRecord, ToolCallRecord } from "@moai-metrics/store";
import { histogramQuantile, rateFactor } from "./prometheus-arithmetic.ts";
import {
  agent,
  cacheReadOf,
  cacheWriteOf,
  endedTasks,
  failedRows,
  inputOf,
  mean,
  model,
  one,
  outputOf,
  type Rows,
  type Shown,
  scaled,
  seconds,
  timedTools,
  tool,
} from "./rows.ts";
import type { Scrapes } from "./scrapes.ts";

type Labels = Readonly<Record<string, string>>;

const CALL_SECONDS = "gen_ai_client_inference_duration_seconds";
const FIRST_CHUNK_SECONDS = "gen_ai_client_inference_time_to_first_chunk_seconds";
const TOOL_SECONDS = "gen_ai_execute_tool_duration_seconds";
const TASK_SECONDS = "moai_task_duration_seconds";
const TASKS = "moai_task_count_total";
const ERRORS = "moai_errors_total";
const tokens = (kind: string): string => `gen_ai_client_inference_usage_${kind}_tokens_total`;
const everything = (): string => "";

/** By `board/panel/query`. */
export function expectedRates(rows: Rows, scrapes: Scrapes): Readonly<Record<string, Shown>> {
  const [ended, tools, errors] = [endedTasks(rows), timedTools(rows), failedRows(rows)];
  const timedCalls = rows.calls.filter(({ durationMillis }) => durationMillis !== undefined);
  const startedCalls = rows.calls.filter(({ firstChunkMillis }) => firstChunkMillis !== undefined);
  const firstChunk = ({ firstChunkMillis = 0 }: ModelCallRecord): number => firstChunkMillis / 1000;
  const seriesOf = seriesIn(rows);
  const rate = rateIn(scrapes, seriesOf);
  const quantile = quantileIn(scrapes, seriesOf);
  const perMinute = (kind: string, value: (call: ModelCallRecord) => number): Shown =>
    scaled(rate(tokens(kind), rows.calls, ofCall, value, everything), 60);
  const read = perMinute("cache_read_input", cacheReadOf);
  const written = perMinute("cache_write_input", cacheWriteOf);
  const input = perMinute("input", inputOf);
  return {
    "agents/Tasks an hour/A": scaled(rate(TASKS, ended, ofTask, one, agent), 3600),
    "agents/Agents/D": quantile(0.95, "growth", TASK_SECONDS, ended, ofTask, seconds, agent),
    "tasks/Tasks an hour by result/A": scaled(
      rate(TASKS, ended, ofTask, one, ({ result }) => result),
      3600,
    ),
    "tasks/95th percentile of duration/A": quantile(0.95, "growth", TASK_SECONDS, ended, ofTask, seconds, everything),
    "tasks/Duration/A": mean(
      rate(`${TASK_SECONDS}_sum`, ended, ofTask, seconds, everything),
      rate(`${TASK_SECONDS}_count`, ended, ofTask, one, everything),
    ),
    "tasks/Duration/B": quantile(0.5, "rate", TASK_SECONDS, ended, ofTask, seconds, everything),
    "tasks/Duration/C": quantile(0.95, "rate", TASK_SECONDS, ended, ofTask, seconds, everything),
    "cost-and-tokens/Tokens a minute by kind/A": new Map(
      [...input].map(([key, value]) => [key, value - (read.get(key) ?? 0) - (written.get(key) ?? 0)] as const),
    ),
    "cost-and-tokens/Tokens a minute by kind/B": read,
    "cost-and-tokens/Tokens a minute by kind/C": written,
    "cost-and-tokens/Tokens a minute by kind/D": perMinute("output", outputOf),
    "tools/95th percentile/A": quantile(0.95, "growth", TOOL_SECONDS, tools, ofTool, seconds, everything),
    "tools/Tools/D": quantile(0.95, "growth", TOOL_SECONDS, tools, ofTool, seconds, tool),
    "tools/Tool calls a minute/A": scaled(rate(`${TOOL_SECONDS}_count`, tools, ofTool, one, tool), 60),
    "tools/Models and tools/A": rate(`${CALL_SECONDS}_sum`, timedCalls, ofTimedCall, seconds, everything),
    "tools/Models and tools/B": rate(`${TOOL_SECONDS}_sum`, tools, ofTool, seconds, everything),
    "quality/Errors an hour/A": scaled(rate(ERRORS, errors, ofFailure, one, agent), 3600),
    "quality/Duration of model calls/A": quantile(0.95, "rate", CALL_SECONDS, timedCalls, ofTimedCall, seconds, model),
    "quality/Time to the first chunk/A": quantile(
      0.5,
      "rate",
      FIRST_CHUNK_SECONDS,
      startedCalls,
      ofCall,
      firstChunk,
      model,
    ),
  };
}

/** Sums of rates: each series has times of its own, since each began at another scrape. */
function rateIn(scrapes: Scrapes, seriesOf: SeriesOf) {
  return <Row extends OfSession>(
    name: string,
    rows: readonly Row[],
    labelsOf: (row: Row) => Labels,
    value: (row: Row) => number,
    key: (row: Row) => string,
  ): Shown => {
    const rates = new Map<string, number>();
    for (const { labels, row, some } of seriesOf(rows, labelsOf)) {
      const grown = some.reduce((sum, each) => sum + value(each), 0);
      if (grown === 0) continue;
      const factor = rateFactor(scrapes.stretchOf(name, labels, grown), scrapes.range);
      rates.set(key(row), (rates.get(key(row)) ?? 0) + grown * factor);
    }
    return rates;
  };
}

function quantileIn(scrapes: Scrapes, seriesOf: SeriesOf) {
  return <Row extends OfSession>(
    q: number,
    growth: "growth" | "rate",
    name: string,
    rows: readonly Row[],
    labelsOf: (row: Row) => Labels,
    value: (row: Row) => number,
    key: (row: Row) => string,
  ): Shown => {
    const bounds = scrapes.boundsOf(name);
    const reached = new Map<string, number[]>();
    for (const { labels, row, some } of seriesOf(rows, labelsOf)) {
      const stretch = scrapes.stretchOf(`${name}_count`, labels, some.length);
      const weight = growth === "rate" ? rateFactor(stretch, scrapes.range) : 1;
      const counts = reached.get(key(row)) ?? bounds.map(() => 0);
      for (const [i, bound] of bounds.entries()) {
        counts[i] = (counts[i] ?? 0) + weight * some.filter((each) => value(each) <= bound).length;
      }
      reached.set(key(row), counts);
    }
    return new Map(
      [...reached].map(([group, counts]) => [
        group,
        histogramQuantile(
          q,
          bounds.map((bound, i) => [bound, counts[i] ?? 0] as const),
        ),
      ]),
    );
  };
}

interface OfSession {
  readonly sessionId: string;
}

type SeriesOf = <Row extends OfSession>(
  rows: readonly Row[],
  labelsOf: (row: Row) => Labels,
) => readonly { readonly labels: Labels; readonly row: Row; readonly some: readonly Row[] }[];

/** Rows with the same labels, that of their team among them, are one series; the first of them stands for it. */
function seriesIn({ teams }: Rows): SeriesOf {
  return (rows, labelsOf) => {
    const all = (row: (typeof rows)[number]): Labels =>
      known({ ...labelsOf(row), team: teams.get(row.sessionId) ?? "" });
    return [...Map.groupBy(rows, (row) => JSON.stringify(all(row))).values()].flatMap((some) =>
      some[0] === undefined ? [] : [{ labels: all(some[0]), row: some[0], some }],
    );
  };
}

function known(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ""));
}

function ofWork(row: { readonly product: string; readonly project: string; readonly agent: string }): Labels {
  return known({ moai_agent_product: row.product, moai_project: row.project, gen_ai_agent_name: row.agent });
}

function ofCall(call: ModelCallRecord): Labels {
  return known({ ...ofWork(call), gen_ai_request_model: call.model });
}

function ofTimedCall(call: ModelCallRecord): Labels {
  return known({ ...ofCall(call), error_type: call.errorType });
}

function ofTask(task: TaskRecord): Labels {
  return known({ ...ofWork(task), moai_task_kind: task.kind, moai_task_result: task.result });
}

function ofTool(call: ToolCallRecord): Labels {
  return known({ ...ofWork(call), gen_ai_tool_name: call.tool, error_type: call.errorType });
}

function ofFailure(row: ModelCallRecord | ToolCallRecord | TaskRecord): Labels {
  return known({ ...ofWork(row), error_type: row.errorType });
}
