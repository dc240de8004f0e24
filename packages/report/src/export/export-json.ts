/**
 * Sessions with their tasks, and those with their model calls and tool calls, as one JSON document. A session or task
 * tells its whole sums; below it stand the tasks, calls and tool calls of the range and filter. Calls of no task, or of
 * one that ended outside of the range, stand directly under their session, with the id of their task.
 *
 * Sessions are read some at a time with everything below them, so memory depends on the largest session alone.
 */
import { NO_TOKENS, TOKEN_PARTS } from "@moai-metrics/model";
import type { ModelCallRecord, SessionRecord } from "@moai-metrics/store";
import { usageFields } from "../fields.ts";
import { escapeJsonControls } from "../render/plain-text.ts";
import { joinText } from "./join-text.ts";
import { type RowOfKind, readRows, readRowsOfSessions } from "./read-rows.ts";
import { columnsOf } from "./row-columns.ts";
import { rowWriter } from "./row-text.ts";
import type { ExportQuestion, ExportSource, ExportText, RowKind } from "./types.ts";

/** Sessions that are read together; their calls are found by a look at all calls of their time. */
const SESSIONS_AT_ONCE = 100;
/** Calls and tool calls of sessions that are read together, but for a larger one, which is read alone. */
const CALLS_AT_ONCE = 3_000;

/** `{ exportedAt, from, to, sessions: [...], totals: {...} }`, a session a line. */
export function exportJson(source: ExportSource, question: ExportQuestion): ExportText {
  return joinText(documentText(source, question));
}

function* documentText({ query }: ExportSource, question: ExportQuestion): Generator<string> {
  const { filter, nowMillis } = question;
  const totals = createTotals();
  const write = createRowWriters(question);
  const head = {
    exportedAt: isoText(nowMillis),
    from: isoText(filter.range?.startMillis),
    to: isoText(filter.range?.endMillis),
  };
  yield `{\n${Object.entries(head)
    .map(([key, value]) => `  "${key}": ${JSON.stringify(value)},\n`)
    .join("")}  "sessions": [`;
  let separator = "\n";
  for (const sessions of groupsOf(readRows(query, "sessions", filter))) {
    const ids = sessions.map(({ sessionId }) => sessionId);
    const below = {
      tasks: groupRows(readRowsOfSessions(query, "tasks", filter, ids)),
      calls: groupRows(readRowsOfSessions(query, "calls", filter, ids)),
      tools: groupRows(readRowsOfSessions(query, "tools", filter, ids)),
    };
    for (const session of sessions) {
      const parts = { tasks: below.tasks(session), calls: below.calls(session), tools: below.tools(session) };
      totals.add(parts);
      yield `${separator}    ${sessionText(session, parts, write)}`;
      separator = ",\n";
    }
  }
  yield `\n  ],\n  "totals": ${JSON.stringify(totals.fields())}\n}\n`;
}

type Parts = { readonly [Kind in Exclude<RowKind, "sessions">]: readonly RowOfKind[Kind][] };
type RowWriters = { readonly [Kind in RowKind]: (row: RowOfKind[Kind], ...inside: readonly string[]) => string };

function sessionText(session: SessionRecord, { tasks, calls, tools }: Parts, write: RowWriters): string {
  const callsOf = Map.groupBy(calls, ({ taskId }) => taskId);
  const toolsOf = Map.groupBy(tools, ({ taskId }) => taskId);
  const here = new Set(tasks.map(({ taskId }) => taskId));
  const lists = (some: readonly RowOfKind["calls"][], others: readonly RowOfKind["tools"][]): string[] => [
    listText(
      "modelCalls",
      some.map((call) => write.calls(call)),
    ),
    listText(
      "toolUses",
      others.map((tool) => write.tools(tool)),
    ),
  ];
  const taskTexts = tasks.map((task) =>
    write.tasks(task, ...lists(callsOf.get(task.taskId) ?? [], toolsOf.get(task.taskId) ?? [])),
  );
  return write.sessions(
    session,
    `"tags":${escapeJsonControls(JSON.stringify(session.tags))}`,
    listText("tasks", taskTexts),
    ...lists(
      calls.filter(({ taskId }) => !here.has(taskId)),
      tools.filter(({ taskId }) => !here.has(taskId)),
    ),
  );
}

function listText(name: string, texts: readonly string[]): string {
  return `"${name}":[${texts.join(",")}]`;
}

/** Writers of one row each; what is inside of it comes last. */
function createRowWriters({ hidden }: ExportQuestion): RowWriters {
  return {
    sessions: rowWriter(columnsOf("sessions", hidden?.sessions)),
    tasks: rowWriter(columnsOf("tasks", hidden?.tasks)),
    calls: rowWriter(columnsOf("calls", hidden?.calls)),
    tools: rowWriter(columnsOf("tools", hidden?.tools)),
  };
}

/** Sessions in groups whose calls fit into memory. */
function* groupsOf(sessions: Iterable<SessionRecord>): Generator<readonly SessionRecord[]> {
  let group: SessionRecord[] = [];
  let calls = 0;
  for (const session of sessions) {
    const more = session.calls + session.callErrors + session.toolCalls;
    if (group.length > 0 && (group.length === SESSIONS_AT_ONCE || calls + more > CALLS_AT_ONCE)) {
      yield group;
      group = [];
      calls = 0;
    }
    group.push(session);
    calls += more;
  }
  if (group.length > 0) yield group;
}

/** Rows by their session. Ids are unique within a product, and products with the same id are rare. */
function groupRows<Row extends { readonly product: string; readonly sessionId: string }>(
  rows: readonly Row[],
): (session: SessionRecord) => readonly Row[] {
  const byId = Map.groupBy(rows, ({ sessionId }) => sessionId);
  return ({ product, sessionId }) => {
    const found = byId.get(sessionId) ?? [];
    return found.every((row) => row.product === product) ? found : found.filter((row) => row.product === product);
  };
}

/** Adds up what was written, so that a reader can check that all of it arrived. */
function createTotals() {
  const counts = { sessions: 0, tasks: 0, toolCalls: 0 };
  // Millions of calls are added, so this one object changes.
  const sums = {
    ...{ calls: 0, callErrors: 0, callsWithoutUsage: 0, unpricedCalls: 0, callMillis: 0 },
    ...{ costNanoUsd: 0, reportedCostNanoUsd: 0 },
    // Undivided tokens that no one told are none at all: they would make the cost unknown.
    tokens: { ...NO_TOKENS, undivided: undefined as number | undefined },
  };
  const addCall = ({ tokens, costNanoUsd, costOrigin, errorType, durationMillis = 0 }: ModelCallRecord): void => {
    const isAnswered = tokens !== undefined || errorType === "";
    if (errorType !== "") sums.callErrors += 1;
    if (isAnswered) sums.calls += 1;
    if (isAnswered && tokens === undefined) sums.callsWithoutUsage += 1;
    if (tokens !== undefined && costNanoUsd === undefined) sums.unpricedCalls += 1;
    sums.callMillis += durationMillis;
    sums.costNanoUsd += costNanoUsd ?? 0;
    if (costOrigin === "reported") sums.reportedCostNanoUsd += costNanoUsd ?? 0;
    if (tokens !== undefined) for (const part of TOKEN_PARTS) sums.tokens[part] += tokens[part];
  };
  return {
    add({ tasks, calls, tools }: Parts): void {
      counts.sessions += 1;
      counts.tasks += tasks.length;
      counts.toolCalls += tools.length;
      for (const { tokens } of tasks) {
        if (tokens.undivided !== undefined) sums.tokens.undivided = (sums.tokens.undivided ?? 0) + tokens.undivided;
      }
      for (const call of calls) addCall(call);
    },
    fields: () => ({ ...counts, ...usageFields(sums) }),
  };
}

function isoText(millis: number | undefined): string | null {
  return millis === undefined ? null : new Date(millis).toISOString();
}
