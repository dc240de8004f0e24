/** The rows that SQLite has, and how they are added up. */
import { totalTokens } from "@moai-metrics/model";
import type { ModelCallRecord, Store, TaskRecord, TaskRow, ToolCallRecord } from "@moai-metrics/store";

/** All rows of a store at a moment. */
export interface Rows {
  readonly calls: readonly ModelCallRecord[];
  readonly tasks: readonly TaskRecord[];
  readonly tools: readonly ToolCallRecord[];
  /** The team of each session that has one. */
  readonly teams: ReadonlyMap<string, string>;
  /** Tasks with the files and lines that they changed. */
  readonly files: readonly TaskRow[];
}

/** Reads them. */
export function readAllRows({ query, ledger }: Store): Rows {
  return {
    calls: query.getModelCalls({}).rows,
    tasks: query.getTasks({}).rows,
    tools: query.getToolCalls({}).rows,
    files: ledger.tasks({}),
    teams: new Map(
      query.getSessions({ tags: { team: ["platform"] } }).rows.map(({ sessionId }) => [sessionId, "platform"]),
    ),
  };
}

/** Tasks that have come to an end. */
export function endedTasks({ tasks }: Rows): readonly TaskRecord[] {
  return tasks.filter(({ result }) => result !== "open");
}

/** Those that count for the success rate. */
export function judgedTasks(rows: Rows): readonly TaskRecord[] {
  return endedTasks(rows).filter(({ result }) => ["success", "failure", "timeout"].includes(result));
}

/** Tool calls that have come to an end. */
export function timedTools({ tools }: Rows): readonly ToolCallRecord[] {
  return tools.filter(({ durationMillis }) => durationMillis !== undefined);
}

/** What failed: model calls, tool calls and tasks. */
export function failedRows(rows: Rows): readonly (ModelCallRecord | ToolCallRecord | TaskRecord)[] {
  return [
    ...rows.calls.filter(({ errorType }) => errorType !== ""),
    ...rows.tools.filter(({ isSuccess }) => isSuccess === false),
    ...endedTasks(rows).filter(({ result }) => result === "failure" || result === "timeout"),
  ];
}

/** Amounts of a row, in the units of the metrics. */
export const one = (): number => 1;
export const isGood = ({ result }: TaskRecord): number => (result === "success" ? 1 : 0);
export const seconds = ({ durationMillis = 0 }: { readonly durationMillis?: number | undefined }): number =>
  durationMillis / 1000;
export const tokensOfTask = (task: TaskRecord): number => totalTokens(task.tokens);
export const usd = ({ costNanoUsd = 0 }: ModelCallRecord): number => costNanoUsd / 1e9;
export const tokensOf = ({ tokens }: ModelCallRecord): number => (tokens === undefined ? 0 : totalTokens(tokens));
export const outputOf = ({ tokens }: ModelCallRecord): number => tokens?.output ?? 0;
export const inputOf = (call: ModelCallRecord): number => tokensOf(call) - outputOf(call);
export const cacheReadOf = ({ tokens }: ModelCallRecord): number => tokens?.cacheRead ?? 0;
export const cacheWriteOf = ({ tokens }: ModelCallRecord): number =>
  (tokens?.cacheWrite5m ?? 0) + (tokens?.cacheWrite1h ?? 0);

/** Values by the label that tells them apart; by "" where there is one alone. */
export type Shown = ReadonlyMap<string, number>;

/** A sum for each group. */
export function by<Row>(rows: readonly Row[], key: (row: Row) => string, value: (row: Row) => number): Shown {
  const sums = new Map<string, number>();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) ?? 0) + value(row));
  return sums;
}

/** The sum of all. */
export function total<Row>(rows: readonly Row[], value: (row: Row) => number): Shown {
  return by(rows, () => "", value);
}

/** One divided by the other, where there is the other. */
export function mean(above: Shown, below: Shown): Shown {
  return new Map([...below].flatMap(([key, n]) => (above.has(key) ? [[key, (above.get(key) ?? 0) / n] as const] : [])));
}

/** All of them times a factor. */
export function scaled(shown: Shown, factor: number): Shown {
  return new Map([...shown].map(([key, value]) => [key, value * factor]));
}

/** One value alone. */
export function alone(value: number): Shown {
  return new Map([["", value]]);
}

/** What tells rows apart. */
export const agent = (row: { readonly agent: string }): string => row.agent;
export const model = (row: { readonly model: string }): string => row.model;
export const tool = (row: { readonly tool: string }): string => row.tool;
export const project = (row: { readonly project: string }): string => row.project;
export const product = (row: { readonly product: string }): string => row.product;
