/** Tasks inside a write transaction. */
import { OTHER_ERROR, type TaskFact, type TaskKind, type TaskResult, WITNESS_RANK } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { ChangedLines, CountedFact } from "../live/types.ts";
import { better, byText, ranked } from "../merge/ranked.ts";
import { emptyTask, extendTask, mergeTasks, type TaskState, taskStateOf } from "../merge/task.ts";
import { taskContribution } from "../rollup/contributions.ts";
import { createBulkInsert, type SqlValue } from "./bulk-insert.ts";
import { SILENT_MILLIS } from "./close-silent-tasks.ts";
import type { FactChanges } from "./fact-changes.ts";
import { createKeyedEntries } from "./keyed-entries.ts";
import { MAX_TASK_STRAY_MILLIS } from "./locator.ts";
import type { RowOwner } from "./owned-rows.ts";
import { createRowNumbers } from "./row-numbers.ts";
import { createRowUpdate } from "./row-update.ts";
import { isSameRow } from "./same-row.ts";
import { type SessionEntry, type SessionRows, storedUnder } from "./session-rows.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import { hashOfTaskKey } from "./task-key.ts";
import { decodeReport, encodeReport, REPORT_COLUMNS, type ReportValues } from "./task-report.ts";
import {
  callsOf,
  changeTotals,
  noTotals,
  RARE_TOTALS,
  reportedShares,
  type Shares,
  TOTALS,
  type Totals,
  totalsOf,
  totalTokens,
  undividedTokens,
} from "./totals.ts";

/** A task that the current transaction works with. */
export interface TaskEntry {
  readonly id: number;
  readonly product: string;
  readonly productId: number;
  readonly taskId: string;
  /** Counted under this agent before the transaction. */
  storedAgentId: number;
  /** Will be counted under this agent after the transaction. */
  agentId: number;
  /** What the row added to the rollups before the transaction. */
  stored: CountedFact | undefined;
  /** The row as it is in the file, in the order of the written columns; undefined for a task that is not there yet. */
  storedValues: readonly SqlValue[] | undefined;
  state: TaskState;
  /** Sums over its calls. */
  readonly totals: Totals;
  /** Model calls tell of what a hook reported: its figures do not count. */
  isCovered: boolean;
  /** What the row adds is in the live counters, too. A task that is closed long after its time never was. */
  isLive: boolean;
  /** Lines of its tool calls that the live counters have. */
  liveLines: ChangedLines;
  isChanged: boolean;
}

export interface TaskRows {
  /** The task, created as a stub of the session when it is not known yet. */
  get(product: string, taskId: string, sessionId: string): TaskEntry;
  /** The task of a row number; undefined when it was deleted for its age before one of its calls. */
  byId(id: number): TaskEntry | undefined;
  merge(fact: TaskFact): void;
  /** Merges what another store knows of a task. */
  adopt(product: string, taskId: string, state: TaskState): void;
  /** Notes a fact of the task, which is a sign of its life; returns the task. */
  touch(product: string, taskId: string, sessionId: string, startMillis: number, endMillis: number): TaskEntry;
  /** Moves the totals when a call of the task adds its shares, or no longer adds them. */
  changeTotals(entry: TaskEntry, shares: Shares, sign: 1 | -1): void;
  /** Notes that the live counters have the lines of one of its tool calls, or no longer have them. */
  changeLiveLines(entry: TaskEntry, lines: ChangedLines, sign: 1 | -1): void;
  /** Tasks of the current transaction of which a hook has reported. */
  changedReports(): TaskEntry[];
  /** Notes whether model calls tell of what a hook reported. */
  setCovered(entry: TaskEntry, isCovered: boolean): void;
  /** Takes in the tasks of a session whose project has changed, so that their rollups move. */
  includeSession(session: SessionEntry): void;
  /** Settles agents: afterwards `agentId` of every entry is final. Returns tasks whose agent has changed. */
  settle(): TaskEntry[];
  flush(): { inserted: number; changed: number };
  forget(): void;
}

type TaskRow = readonly [id: number, productId: number, taskKey: string, ...values: TaskValues];

/** In the order of {@link WRITTEN_COLUMNS}. */
type TaskValues = readonly [
  sessionRowId: number,
  sessionRank: number,
  parentKey: string | null,
  parentRank: number,
  kind: TaskKind | null,
  kindRank: number,
  agentId: number,
  agentRank: number,
  startedAtMillis: number | null,
  lastSeenAtMillis: number | null,
  result: TaskResult | null,
  resultRank: number,
  resultAtMillis: number | null,
  errorTypeId: number,
  linesAdded: number | null,
  linesRemoved: number | null,
  ...report: ReportValues,
  isCovered: number,
  isLive: number,
  liveLinesAdded: number,
  liveLinesRemoved: number,
  ...totals: number[],
];

const WRITTEN_COLUMNS = [
  "session_id",
  "session_rank",
  "parent_key",
  "parent_rank",
  "kind",
  "kind_rank",
  "agent_id",
  "agent_rank",
  "started_at",
  "last_seen_at",
  "result",
  "result_rank",
  "result_at",
  "error_type_id",
  "lines_added",
  "lines_removed",
  ...REPORT_COLUMNS,
  "is_covered",
  "is_live",
  "live_lines_added",
  "live_lines_removed",
  ...TOTALS,
] as const;

/** Written once. */
const KEY_COLUMNS = ["id", "product_id", "task_key", "key_hash"] as const;

/** Of a task without a report, without failed calls and without tools, written long after its time. */
const USUAL_VALUES = {
  report_rank: 0,
  reported_name: null,
  reported_tokens: null,
  reported_ms: null,
  report_knows_session: 0,
  is_covered: 0,
  is_live: 0,
  live_lines_added: 0,
  live_lines_removed: 0,
  call_errors: 0,
  calls_without_usage: 0,
  reported_cost_nano_usd: 0,
  unpriced_calls: 0,
  undivided_tokens: 0,
} as const;

/** A turn of the main agent is no run of an agent that someone invoked. */
function runOf({ kind }: TaskState, totals: Totals): CountedFact["run"] {
  return kind?.value === "subagent" || kind?.value === "sdk" ? callsOf(totals) : undefined;
}

/** What a task tells of its lines replaces what its tool calls tell, which was counted while it ran. */
function linesOf({ linesAdded, linesRemoved }: TaskState, counted: ChangedLines): CountedFact["lines"] {
  if (linesAdded === undefined && linesRemoved === undefined) return undefined;
  return { added: (linesAdded ?? 0) - counted.added, removed: (linesRemoved ?? 0) - counted.removed };
}

/** How the calls of a task are found. */
export function ownerOfTask({ id, state }: TaskEntry): RowOwner {
  const { startedAtMillis = 0, lastSeenAtMillis = 0 } = state;
  return { id, startMillis: startedAtMillis, endMillis: lastSeenAtMillis, strayMillis: MAX_TASK_STRAY_MILLIS };
}

const MAX_REMEMBERED = 20_000;
const IS_COVERED: number = WRITTEN_COLUMNS.indexOf("is_covered");
const IS_LIVE: number = WRITTEN_COLUMNS.indexOf("is_live");
const LIVE_LINES: number = WRITTEN_COLUMNS.indexOf("live_lines_added");
const NO_LINES: ChangedLines = Object.freeze({ added: 0, removed: 0 });
const REPORT_RANK: number = WRITTEN_COLUMNS.indexOf("report_rank");

/** Whether a hook had reported of the task before the transaction, so that it was decided whether calls tell of it. */
export function hadReport({ storedValues }: Pick<TaskEntry, "storedValues">): boolean {
  return storedValues !== undefined && Number(storedValues[REPORT_RANK]) > 0;
}

export function createTaskRows(
  database: Database,
  strings: Strings,
  sessions: SessionRows,
  changes: FactChanges,
): TaskRows {
  const columns = ["id", "product_id", "task_key", ...WRITTEN_COLUMNS].join(", ");
  const selectByKey = database
    .prepare<[number, number, string], TaskRow>(
      `SELECT ${columns} FROM task WHERE key_hash = ? AND product_id = ? AND task_key = ?`,
    )
    .raw();
  const selectById = database.prepare<[number], TaskRow>(`SELECT ${columns} FROM task WHERE id = ?`).raw();
  const selectBySession = database.prepare<[number], TaskRow>(`SELECT ${columns} FROM task WHERE session_id = ?`).raw();
  const insert = createBulkInsert(database, "task", [...WRITTEN_COLUMNS, ...KEY_COLUMNS], USUAL_VALUES);
  const rowNumbers = createRowNumbers(database, "task");
  const update = createRowUpdate(database, "task", WRITTEN_COLUMNS, [
    ["session_id"],
    ["last_seen_at", "result", "report_rank"],
    ["session_rank", "parent_key", "parent_rank", "kind", "kind_rank", "agent_id", "agent_rank", "started_at"],
    ["result_rank", "result_at", "error_type_id", "lines_added", "lines_removed"],
    ["reported_name", "reported_tokens", "reported_ms", "report_knows_session", "is_covered", "undivided_tokens"],
    ["is_live", "live_lines_added", "live_lines_removed"],
    ...RARE_TOTALS,
  ]);
  const byKey = createKeyedEntries<TaskEntry>();
  const entries = new Map<number, TaskEntry>();
  /** Those of the current transaction: many more are remembered than one of them works with. */
  let changedEntries: TaskEntry[] = [];

  const markChanged = (entry: TaskEntry): void => {
    if (entry.isChanged) return;
    entry.isChanged = true;
    changedEntries.push(entry);
  };

  const remember = (entry: TaskEntry): TaskEntry => {
    byKey.set(entry.product, entry.taskId, entry);
    entries.set(entry.id, entry);
    return entry;
  };

  const drop = ({ id, product, taskId }: TaskEntry): void => {
    byKey.delete(product, taskId);
    entries.delete(id);
  };

  const contribution = (
    { state, totals, isCovered, liveLines }: Pick<TaskEntry, "state" | "totals" | "isCovered" | "liveLines">,
    session: SessionEntry,
    { projectId, labelsId }: Pick<SessionEntry, "projectId" | "labelsId">,
    agentId: number,
  ): CountedFact | undefined => {
    const { outcome, lastSeenAtMillis, report } = state;
    if (outcome === undefined || lastSeenAtMillis === undefined) return undefined;
    return taskContribution(
      { productId: session.productId, projectId, agentId, modelId: NO_STRING },
      {
        startedAtMillis: state.startedAtMillis,
        endedAtMillis: lastSeenAtMillis,
        result: outcome.value.result,
        tokens: totalTokens(totals),
        knownAtMillis: lastSeenAtMillis + (outcome.rank === WITNESS_RANK.inferred ? SILENT_MILLIS : 0),
        kind: state.kind?.value,
        errorTypeId: errorTypeId(outcome.value),
        run: runOf(state, totals),
        labelsId,
        lines: linesOf(state, liveLines),
        undividedTokens: undividedTokens(totals),
        reportedMillis:
          report?.value.durationMillis === undefined
            ? undefined
            : { counted: isCovered ? undefined : report.value.durationMillis },
      },
    );
  };

  const errorTypeId = ({ result, errorType }: { result: TaskResult; errorType: string }): number | undefined =>
    result === "failure" || result === "timeout" ? strings.idOf(errorType || OTHER_ERROR) : undefined;

  const load = ([id, productId, taskId, ...values]: TaskRow): TaskEntry => {
    const [sessionRowId, , , , , , agentId] = values;
    const session = sessions.byId(sessionRowId);
    const state = decodeState(values, session.sessionId, strings);
    const totals = totalsOf(values);
    const isCovered = values[IS_COVERED] === 1;
    const liveLines = { added: Number(values[LIVE_LINES]), removed: Number(values[LIVE_LINES + 1]) };
    return remember({
      id,
      product: session.product,
      productId,
      taskId,
      storedAgentId: agentId,
      agentId,
      stored: contribution({ state, totals, isCovered, liveLines }, session, storedUnder(session), agentId),
      storedValues: values,
      state,
      totals,
      isCovered,
      isLive: values[IS_LIVE] === 1,
      liveLines,
      isChanged: false,
    });
  };

  /** What a hook reported counts in the row's totals and in those of its session, where no call covers it. */
  const countReport = (entry: TaskEntry, session: SessionEntry): void => {
    const { state, totals, storedValues, isCovered } = entry;
    const before = storedValues === undefined ? 0 : undividedTokens(totals);
    const after = isCovered ? 0 : (state.report?.value.tokens ?? 0);
    if (before === 0 && after === 0) return;
    if (storedValues !== undefined) {
      const storedSession = sessions.byId(Number(storedValues[0]));
      sessions.changeTotals(storedSession, reportedShares(before), -1);
    }
    sessions.changeTotals(session, reportedShares(after), 1);
    changeTotals(totals, reportedShares(after - undividedTokens(totals)), 1);
  };

  const find = (product: string, taskId: string, sessionId: string): TaskEntry => {
    const { productId } = sessions.get(product, sessionId);
    const row = selectByKey.get(hashOfTaskKey(taskId), productId, taskId);
    if (row !== undefined) return load(row);
    const entry = remember({
      id: rowNumbers.next(),
      product,
      productId,
      taskId,
      storedAgentId: NO_STRING,
      agentId: NO_STRING,
      stored: undefined,
      storedValues: undefined,
      state: emptyTask(0, sessionId),
      totals: noTotals(),
      isCovered: false,
      isLive: false,
      liveLines: NO_LINES,
      isChanged: false,
    });
    markChanged(entry);
    return entry;
  };

  return {
    get: (product, taskId, sessionId) => byKey.get(product, taskId) ?? find(product, taskId, sessionId),
    byId(id) {
      const known = entries.get(id);
      if (known !== undefined) return known;
      const row = selectById.get(id);
      return row === undefined ? undefined : load(row);
    },
    merge(fact) {
      const entry = this.get(fact.product, fact.taskId, fact.sessionId);
      entry.state = mergeTasks(entry.state, taskStateOf(fact));
      markChanged(entry);
      const session = sessions.get(fact.product, fact.sessionId);
      if (fact.startedAtMillis !== undefined) sessions.touch(session, fact.startedAtMillis, fact.startedAtMillis);
      if (fact.lastSeenAtMillis !== undefined) sessions.touch(session, fact.lastSeenAtMillis, fact.lastSeenAtMillis);
      if (fact.outcome !== undefined) sessions.touch(session, fact.outcome.atMillis, fact.outcome.atMillis);
    },
    adopt(product, taskId, state) {
      const entry = this.get(product, taskId, state.sessionId.value);
      entry.state = mergeTasks(entry.state, state);
      markChanged(entry);
      sessions.get(product, state.sessionId.value);
    },
    touch(product, taskId, sessionId, startMillis, endMillis) {
      const entry = this.get(product, taskId, sessionId);
      const { startedAtMillis = Number.MAX_VALUE, lastSeenAtMillis = 0, sessionId: session } = entry.state;
      const isKnown = startedAtMillis <= startMillis && endMillis <= lastSeenAtMillis;
      if (isKnown && session.rank > 0) return entry;
      // Until a witness of the task itself speaks, the facts that refer to it say which session it is in.
      const inSession =
        session.rank > 0 ? session : (better(session, { rank: 0, value: sessionId }, byText) ?? session);
      entry.state = extendTask(entry.state, startMillis, endMillis, inSession);
      markChanged(entry);
      return entry;
    },
    changeTotals(entry, shares, sign) {
      changeTotals(entry.totals, shares, sign);
      markChanged(entry);
    },
    changeLiveLines(entry, { added, removed }, sign) {
      const { liveLines } = entry;
      entry.liveLines = { added: liveLines.added + sign * added, removed: liveLines.removed + sign * removed };
      markChanged(entry);
    },
    changedReports: () => changedEntries.filter(({ state }) => state.report !== undefined),
    setCovered(entry, isCovered) {
      if (entry.isCovered === isCovered) return;
      entry.isCovered = isCovered;
      markChanged(entry);
    },
    includeSession(session) {
      for (const row of selectBySession.all(session.id)) markChanged(entries.get(row[0]) ?? load(row));
    },
    settle() {
      const moved: TaskEntry[] = [];
      for (const entry of changedEntries) {
        entry.agentId = strings.idOf(entry.state.agent?.value);
        if (entry.storedValues !== undefined && entry.agentId !== entry.storedAgentId) moved.push(entry);
      }
      return moved;
    },
    flush() {
      let inserted = 0;
      let changed = 0;
      // In the order of the table, so that one page after the other is changed.
      for (const entry of changedEntries.sort((a, b) => a.id - b.id)) {
        const session = sessions.get(entry.product, entry.state.sessionId.value);
        if (entry.state.report !== undefined) countReport(entry, session);
        const after = contribution(entry, session, session, entry.agentId);
        entry.isLive = changes.replace(entry.stored, after, entry.isLive);
        const values = encodeState(entry.state, session.id, entry.agentId, strings);
        values.push(entry.isCovered ? 1 : 0, entry.isLive ? 1 : 0, entry.liveLines.added, entry.liveLines.removed);
        for (let i = 0; i < TOTALS.length; i++) values.push(entry.totals[i] as number);
        if (entry.storedValues === undefined) {
          insert.add(insertedRow(entry, values));
          inserted += 1;
        } else if (!isSameRow(entry.storedValues, values)) {
          update.run(entry.id, entry.storedValues, values);
          changed += 1;
        }
        entry.stored = after;
        entry.storedAgentId = entry.agentId;
        entry.storedValues = values;
        entry.isChanged = false;
        // Hardly anything is told of a task that has ended, so memory is for the others.
        if (entry.state.outcome !== undefined) drop(entry);
      }
      changedEntries = [];
      insert.flush();
      if (entries.size > MAX_REMEMBERED) this.forget();
      return { inserted, changed };
    },
    forget() {
      byKey.clear();
      entries.clear();
      changedEntries = [];
      insert.discard();
      rowNumbers.forget();
    },
  };
}

/** In the order of the inserted columns. Made as long as it gets: arrays that grow are copied. */
function insertedRow({ id, productId, taskId }: TaskEntry, values: readonly SqlValue[]): SqlValue[] {
  const row = new Array<SqlValue>(values.length + KEY_COLUMNS.length);
  for (let i = 0; i < values.length; i++) row[i] = values[i] as SqlValue;
  row[values.length] = id;
  row[values.length + 1] = productId;
  row[values.length + 2] = taskId;
  row[values.length + 3] = hashOfTaskKey(taskId);
  return row;
}

function encodeState(state: TaskState, sessionRowId: number, agentId: number, strings: Strings): SqlValue[] {
  const [rank, name, tokens, durationMillis, knowsSession] = encodeReport(state.report);
  return [
    sessionRowId,
    state.sessionId.rank,
    state.parentTaskId?.value ?? null,
    state.parentTaskId?.rank ?? 0,
    state.kind?.value ?? null,
    state.kind?.rank ?? 0,
    agentId,
    state.agent?.rank ?? 0,
    state.startedAtMillis ?? null,
    state.lastSeenAtMillis ?? null,
    state.outcome?.value.result ?? null,
    state.outcome?.rank ?? 0,
    state.outcome?.value.atMillis ?? null,
    strings.idOf(state.outcome?.value.errorType),
    state.linesAdded ?? null,
    state.linesRemoved ?? null,
    rank,
    name,
    tokens,
    durationMillis,
    knowsSession,
  ];
}

function decodeState(values: TaskValues, sessionId: string, strings: Strings): TaskState {
  const [, sessionRank, parentKey, parentRank, kind, kindRank, agentId, agentRank, startedAt, lastSeenAt, ...rest] =
    values;
  const [result, resultRank, resultAt, errorTypeId, linesAdded, linesRemoved, ...report] = rest;
  return {
    sessionId: { rank: sessionRank, value: sessionId },
    parentTaskId: ranked(parentRank, parentKey ?? undefined),
    kind: ranked(kindRank, kind ?? undefined),
    agent: agentRank === 0 ? undefined : ranked(agentRank, strings.textOf(agentId)),
    startedAtMillis: startedAt ?? undefined,
    lastSeenAtMillis: lastSeenAt ?? undefined,
    outcome:
      result === null
        ? undefined
        : { rank: resultRank, value: { result, atMillis: resultAt ?? 0, errorType: strings.textOf(errorTypeId) } },
    linesAdded: linesAdded ?? undefined,
    linesRemoved: linesRemoved ?? undefined,
    report: decodeReport(report as unknown as ReportValues),
  };
}
