/** The fields of each kind of row: columns of a table, and fields of the nested document. Names as in row commands. */
import { cacheWriteTokens, totalTokens } from "@moai-metrics/model";
import type { CallMeasures, ToolFigures } from "@moai-metrics/store";
import { costOf } from "../fields.ts";
import type { RowOfKind } from "./read-rows.ts";
import { createTimeText } from "./time-text.ts";
import type { RowKind } from "./types.ts";

/** `null`: not known. Times are ISO 8601 in UTC, durations whole milliseconds, costs US dollars. */
export type FieldValue = string | number | boolean | null;

const timeText = createTimeText();

/** Text that means itself in every format: most names, ids and times. */
export const HARMLESS: RegExp = /^[A-Za-z0-9_/][A-Za-z0-9_/.:-]*$/;

/** One field of rows of type `Row`. */
export interface RowColumn<Row> {
  readonly key: string;
  readonly value: (row: Row) => FieldValue;
}

/** The fields of every kind, in their order. */
const ROW_COLUMNS: { readonly [Kind in RowKind]: readonly RowColumn<RowOfKind[Kind]>[] } = {
  sessions: [
    column("sessionId", (row) => row.sessionId),
    column("product", (row) => known(row.product)),
    column("project", (row) => known(row.project)),
    column("branch", (row) => known(row.branch)),
    column("version", (row) => known(row.version)),
    column("startedAt", (row) => timeText(row.startedAtMillis)),
    column("lastActivity", (row) => timeText(row.endedAtMillis)),
    column("hasEnded", (row) => row.hasEnded),
    column("wallDurationMs", (row) => row.wallMillis),
    column("activeDurationMs", (row) => row.activeMillis),
    ...sumColumns(),
  ],
  tasks: [
    column("taskId", (row) => row.taskId),
    column("sessionId", (row) => row.sessionId),
    column("parentTaskId", (row) => known(row.parentTaskId)),
    column("product", (row) => known(row.product)),
    column("project", (row) => known(row.project)),
    column("branch", (row) => known(row.branch)),
    column("agent", (row) => known(row.agent)),
    column("kind", (row) => known(row.kind)),
    column("startedAt", (row) => timeText(row.startedAtMillis)),
    column("endedAt", (row) => (row.result === "open" ? null : timeText(row.lastSeenAtMillis))),
    column("durationMs", (row) => row.durationMillis),
    column("result", (row) => row.result),
    column("resultOrigin", (row) => known(row.resultOrigin)),
    column("errorType", (row) => known(row.errorType)),
    column("taskName", (row) => known(row.report?.name ?? "")),
    ...sumColumns(),
  ],
  calls: [
    column("endedAt", (row) => timeText(row.endedAtMillis)),
    column("sessionId", (row) => row.sessionId),
    column("taskId", (row) => known(row.taskId)),
    column("product", (row) => known(row.product)),
    column("project", (row) => known(row.project)),
    column("agent", (row) => known(row.agent)),
    column("model", (row) => known(row.model)),
    column("durationMs", (row) => row.durationMillis ?? null),
    column("firstChunkMs", (row) => row.firstChunkMillis ?? null),
    column("inputTokens", ({ tokens }) => tokens?.input ?? null),
    column("outputTokens", ({ tokens }) => tokens?.output ?? null),
    column("reasoningTokens", ({ tokens }) => tokens?.reasoning ?? null),
    column("cacheCreationTokens", ({ tokens }) => (tokens === undefined ? null : cacheWriteTokens(tokens))),
    column("cacheReadTokens", ({ tokens }) => tokens?.cacheRead ?? null),
    column("totalTokens", ({ tokens }) => (tokens === undefined ? null : totalTokens(tokens))),
    column("totalCost", (row) => (row.costNanoUsd === undefined ? null : row.costNanoUsd / NANO_USD_A_DOLLAR)),
    column("costOrigin", (row) => known(row.costOrigin)),
    column("isFast", (row) => row.isFast),
    column("webSearches", (row) => row.webSearches ?? null),
    column("errorType", (row) => known(row.errorType)),
  ],
  tools: [
    column("startedAt", (row) => timeText(row.startedAtMillis)),
    column("endedAt", (row) => (row.endedAtMillis === undefined ? null : timeText(row.endedAtMillis))),
    column("sessionId", (row) => row.sessionId),
    column("taskId", (row) => known(row.taskId)),
    column("product", (row) => known(row.product)),
    column("project", (row) => known(row.project)),
    column("agent", (row) => known(row.agent)),
    column("tool", (row) => known(row.tool)),
    column("durationMs", (row) => row.durationMillis ?? null),
    column("isSuccess", (row) => row.isSuccess ?? null),
    column("errorType", (row) => known(row.errorType)),
    column("linesAdded", (row) => row.linesAdded ?? null),
    column("linesRemoved", (row) => row.linesRemoved ?? null),
  ],
};

const NANO_USD_A_DOLLAR = 1e9;

/** The fields of a kind without those that are hidden. */
export function columnsOf<Kind extends RowKind>(
  kind: Kind,
  hidden: ReadonlySet<string> | undefined,
): readonly RowColumn<RowOfKind[Kind]>[] {
  const columns: readonly RowColumn<RowOfKind[Kind]>[] = ROW_COLUMNS[kind];
  return hidden === undefined ? columns : columns.filter(({ key }) => !hidden.has(key));
}

/** What sessions and tasks add up. */
function sumColumns<Row extends CallMeasures & ToolFigures>(): readonly RowColumn<Row>[] {
  return [
    column("inputTokens", ({ tokens }) => tokens.input),
    column("outputTokens", ({ tokens }) => tokens.output),
    column("cacheCreationTokens", ({ tokens }) => cacheWriteTokens(tokens)),
    column("cacheReadTokens", ({ tokens }) => tokens.cacheRead),
    column("totalTokens", ({ tokens }) => totalTokens(tokens)),
    column("undividedTokens", ({ tokens }) => tokens.undivided ?? 0),
    column("totalCost", (row) => costOf(row)),
    column("unpricedCalls", (row) => row.unpricedCalls),
    column("calls", (row) => row.calls),
    column("callsWithoutUsage", (row) => row.callsWithoutUsage),
    column("callErrors", (row) => row.callErrors),
    column("toolCalls", (row) => row.toolCalls),
    column("toolErrors", (row) => row.toolErrors),
  ];
}

function column<Row>(key: string, value: (row: Row) => FieldValue): RowColumn<Row> {
  return { key, value };
}

function known(name: string): string | null {
  return name === "" ? null : name;
}
