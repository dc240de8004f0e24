/** What each panel must show, worked out from the rows that SQLite has; all of them happened while they were watched. */
import { totalTokens } from "@moai-metrics/model";
import type { ModelCallRecord, Store, TaskRecord, ToolCallRecord } from "@moai-metrics/store";

/** Values by the label that tells them apart; by "" where there is one alone. */
type Shown = ReadonlyMap<string, number>;

/** Values, and by how much a query may differ: a share of the value. */
export interface Expectation {
  readonly shown: Shown;
  readonly tolerance: number;
  /** By how much at least, in the unit of the query. */
  readonly least: number;
}

/** The rows. */
export interface Rows {
  readonly calls: readonly ModelCallRecord[];
  readonly tasks: readonly TaskRecord[];
  readonly tools: readonly ToolCallRecord[];
}

/** All rows of a store. */
export function readAllRows({ query }: Store): Rows {
  return { calls: query.getModelCalls({}).rows, tasks: query.getTasks({}).rows, tools: query.getToolCalls({}).rows };
}

/** Totals, and what is worked out of them. */
export const EXACT = { tolerance: 1e-9, least: 1e-9 };
/** `rate()` guesses what lies beyond the first and the last sample: one of at least six steps. */
const RATE = { tolerance: 0.2, least: 1e-9 };
/** A quantile lies somewhere in its bucket, whose end is at most twice its beginning; the first ends at 8 ms. */
const BUCKET_OF_CALLS = { tolerance: 1.1, least: 0.008 };
/** The same of tasks: at most four times, and a second. */
const BUCKET_OF_TASKS = { tolerance: 3.1, least: 1.024 };

/** By `board/panel/query`. */
export function expectations(rows: Rows, rateSeconds: number): ReadonlyMap<string, Expectation> {
  const ended = rows.tasks.filter(({ result }) => result !== "open");
  const judged = ended.filter(({ result }) => ["success", "failure", "timeout"].includes(result));
  const isGood = ({ result }: TaskRecord): number => (result === "success" ? 1 : 0);
  const seconds = ({ durationMillis = 0 }: { readonly durationMillis?: number | undefined }) => durationMillis / 1000;
  const tokens = (call: ModelCallRecord) => (call.tokens === undefined ? 0 : totalTokens(call.tokens));
  const usd = ({ costNanoUsd = 0 }: ModelCallRecord) => costNanoUsd / 1e9;
  const one = (): number => 1;
  const timedTools = rows.tools.filter(({ durationMillis }) => durationMillis !== undefined);
  const errors = [
    ...rows.calls.filter(({ errorType }) => errorType !== ""),
    ...rows.tools.filter(({ isSuccess }) => isSuccess === false),
    ...ended.filter(({ result }) => result === "failure" || result === "timeout"),
  ];
  const goodTasks = ended.filter(({ result }) => result === "success");
  const tokensOfTask = (task: TaskRecord) => totalTokens(task.tokens);
  const total = <Row>(some: readonly Row[], value: (row: Row) => number) => by(some, () => "", value);
  const perHour = 3600 / rateSeconds;
  const perMinute = 60 / rateSeconds;
  const input = (call: ModelCallRecord) => tokens(call) - (call.tokens?.output ?? 0);
  const cacheRead = (call: ModelCallRecord) => call.tokens?.cacheRead ?? 0;
  const cacheWrite = (call: ModelCallRecord) => (call.tokens?.cacheWrite5m ?? 0) + (call.tokens?.cacheWrite1h ?? 0);
  const fresh = (call: ModelCallRecord) => call.tokens?.input ?? 0;

  const exact: Readonly<Record<string, Shown>> = {
    "overview/Success rate/A": mean(total(judged, isGood), total(judged, one)),
    "overview/Average duration/A": mean(total(ended, seconds), total(ended, one)),
    "overview/Tokens a day/A": total(rows.calls, tokens),
    "overview/Cost/A": total(rows.calls, usd),
    "overview/Agents, last 7 days/A": mean(by(judged, agent, isGood), by(judged, agent, one)),
    "overview/Agents, last 7 days/B": by(ended, agent, one),
    "overview/Agents, last 7 days/C": mean(by(ended, agent, seconds), by(ended, agent, one)),
    "overview/Agents, last 7 days/D": by(rows.calls, agent, tokens),
    "overview/Agents, last 7 days/E": by(rows.calls, agent, usd),
    "overview/Tokens, last 7 days/A": total(rows.calls, tokens),
    "overview/Tasks, last 7 days/A": by(ended, ({ result }) => result, one),
    "overview/Tokens by model/A": by(rows.calls, model, tokens),
    "overview/Tasks finished/A": total(ended, one),
    "overview/Tasks running/A": total(
      rows.tasks.filter(({ result }) => result === "open"),
      one,
    ),
    "agents/Agents/A": mean(by(judged, agent, isGood), by(judged, agent, one)),
    "agents/Agents/B": by(ended, agent, one),
    "agents/Agents/C": mean(by(ended, agent, seconds), by(ended, agent, one)),
    "agents/Agents/E": by(rows.calls, agent, tokens),
    "agents/Agents/F": by(rows.calls, agent, usd),
    "agents/Agents/G": by(errors, agent, one),
    "agents/Success rate by agent/A": mean(by(judged, agent, isGood), by(judged, agent, one)),
    "agents/Average duration by agent/A": mean(by(ended, agent, seconds), by(ended, agent, one)),
    "agents/Tokens by agent/A": by(rows.calls, agent, tokens),
    "agents/Cost by agent/A": by(rows.calls, agent, usd),
    "agents/Tokens a task by agent/A": mean(by(ended, agent, tokensOfTask), by(ended, agent, one)),
    "agents/Errors by agent/A": by(errors, agent, one),
    "tasks/Tasks finished/A": total(ended, one),
    "tasks/Success rate/A": mean(total(judged, isGood), total(judged, one)),
    "tasks/Tokens a task/A": mean(total(ended, tokensOfTask), total(ended, one)),
    "tasks/Results/A": by(ended, ({ result }) => result, one),
    "tasks/Kinds/A": by(ended, ({ kind }) => kind, one),
    "cost-and-tokens/Cost/A": total(rows.calls, usd),
    "cost-and-tokens/Tokens/A": total(rows.calls, tokens),
    "cost-and-tokens/Cost of a successful task/A": mean(total(rows.calls, usd), total(goodTasks, one)),
    "cost-and-tokens/Input from caches/A": mean(total(rows.calls, cacheRead), total(rows.calls, input)),
    "cost-and-tokens/Cost, last 7 days/A": by(rows.calls, model, usd),
    "cost-and-tokens/Cost by model/A": by(rows.calls, model, usd),
    "cost-and-tokens/Cost by project/A": by(rows.calls, ({ project }) => project, usd),
    "cost-and-tokens/Tokens by product/A": by(rows.calls, ({ product }) => product, tokens),
    "cost-and-tokens/Where costs come from/A": by(rows.calls, ({ costOrigin }) => costOrigin, usd),
    "cost-and-tokens/Price of a million tokens by model/A": scaled(
      mean(by(rows.calls, model, usd), by(rows.calls, model, tokens)),
      1e6,
    ),
    "tools/Tool calls/A": total(timedTools, one),
    "tools/Average duration/A": mean(total(timedTools, seconds), total(timedTools, one)),
    "tools/Tool calls a task/A": mean(total(timedTools, one), total(ended, one)),
    "tools/Tools/A": by(timedTools, tool, one),
    "tools/Tools/B": mean(
      by(timedTools, tool, ({ errorType }) => (errorType === "" ? 1 : 0)),
      by(timedTools, tool, one),
    ),
    "tools/Tools/C": mean(by(timedTools, tool, seconds), by(timedTools, tool, one)),
    "tools/Tools/E": by(timedTools, tool, seconds),
    "tools/Tool calls by agent/A": by(timedTools, agent, one),
    "tools/Time in tools by agent/A": by(timedTools, agent, seconds),
    "tools/Failed calls by tool/A": by(
      timedTools.filter(({ errorType }) => errorType !== ""),
      tool,
      one,
    ),
    "tools/Tool calls by project/A": by(timedTools, ({ project }) => project, one),
    "quality/Failed tasks/A": mean(
      total(ended, ({ result }) => (result === "failure" ? 1 : 0)),
      total(ended, one),
    ),
    "quality/Cancelled tasks/A": mean(
      total(ended, ({ result }) => (result === "cancelled" ? 1 : 0)),
      total(ended, one),
    ),
    "quality/Tasks of unknown result/A": mean(
      total(ended, ({ result }) => (result === "unknown" ? 1 : 0)),
      total(ended, one),
    ),
    "quality/Successes per million tokens/A": scaled(mean(total(goodTasks, one), total(rows.calls, tokens)), 1e6),
    "quality/Success rate by project/A": mean(
      by(judged, ({ project }) => project, isGood),
      by(judged, ({ project }) => project, one),
    ),
    "quality/Errors a task by agent/A": mean(by(errors, agent, one), by(ended, agent, one)),
    "quality/Errors, last 7 days/A": by(errors, agent, one),
    "quality/Errors by class/A": by(errors, ({ errorType }) => errorType, one),
  };
  const approximate: Readonly<Record<string, Shown>> = {
    "agents/Tasks an hour/A": scaled(by(ended, agent, one), perHour),
    "tasks/Tasks an hour by result/A": scaled(
      by(ended, ({ result }) => result, one),
      perHour,
    ),
    "tasks/Duration/A": mean(total(ended, seconds), total(ended, one)),
    "cost-and-tokens/Tokens a minute by kind/A": scaled(total(rows.calls, fresh), perMinute),
    "cost-and-tokens/Tokens a minute by kind/B": scaled(total(rows.calls, cacheRead), perMinute),
    "cost-and-tokens/Tokens a minute by kind/C": scaled(total(rows.calls, cacheWrite), perMinute),
    "cost-and-tokens/Tokens a minute by kind/D": scaled(
      total(rows.calls, ({ tokens: used }) => used?.output ?? 0),
      perMinute,
    ),
    "tools/Tool calls a minute/A": scaled(by(timedTools, tool, one), perMinute),
    "tools/Models and tools/A": scaled(total(rows.calls, seconds), 1 / rateSeconds),
    "tools/Models and tools/B": scaled(total(timedTools, seconds), 1 / rateSeconds),
    "quality/Errors an hour/A": scaled(by(errors, agent, one), perHour),
  };
  const timedCalls = rows.calls.filter(({ durationMillis }) => durationMillis !== undefined);
  const started = rows.calls.filter(({ firstChunkMillis }) => firstChunkMillis !== undefined);
  const ofTasks: Readonly<Record<string, Shown>> = {
    "agents/Agents/D": quantiles(0.95, ended, agent, seconds),
    "tasks/95th percentile of duration/A": quantiles(0.95, ended, () => "", seconds),
    "tasks/Duration/B": quantiles(0.5, ended, () => "", seconds),
    "tasks/Duration/C": quantiles(0.95, ended, () => "", seconds),
  };
  const ofCalls: Readonly<Record<string, Shown>> = {
    "tools/95th percentile/A": quantiles(0.95, timedTools, () => "", seconds),
    "tools/Tools/D": quantiles(0.95, timedTools, tool, seconds),
    "quality/Duration of model calls/A": quantiles(0.95, timedCalls, model, seconds),
    "quality/Time to the first chunk/A": quantiles(
      0.5,
      started,
      model,
      ({ firstChunkMillis = 0 }) => firstChunkMillis / 1000,
    ),
  };
  return new Map([
    ...entriesOf(exact, EXACT),
    ...entriesOf(approximate, RATE),
    ...entriesOf(ofTasks, BUCKET_OF_TASKS),
    ...entriesOf(ofCalls, BUCKET_OF_CALLS),
  ]);
}

const agent = (row: { readonly agent: string }): string => row.agent;
const model = (row: { readonly model: string }): string => row.model;
const tool = (row: { readonly tool: string }): string => row.tool;

function entriesOf(
  shown: Readonly<Record<string, Shown>>,
  exactness: Omit<Expectation, "shown">,
): [string, Expectation][] {
  return Object.entries(shown).map(([name, each]) => [name, { shown: each, ...exactness }]);
}

function by<Row>(rows: readonly Row[], key: (row: Row) => string, value: (row: Row) => number): Shown {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) ?? 0) + value(row));
  return sums;
}

function mean(above: Shown, below: Shown): Shown {
  return new Map([...below].flatMap(([key, n]) => (above.has(key) ? [[key, (above.get(key) ?? 0) / n] as const] : [])));
}

function scaled(shown: Shown, factor: number): Shown {
  return new Map([...shown].map(([key, value]) => [key, value * factor]));
}

function quantiles<Row>(
  q: number,
  rows: readonly Row[],
  key: (row: Row) => string,
  value: (row: Row) => number,
): Shown {
  return new Map(
    [...Map.groupBy(rows, key)].map(([name, some]) => {
      const sorted = some.map(value).sort((a, b) => a - b);
      return [name, sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0];
    }),
  );
}
