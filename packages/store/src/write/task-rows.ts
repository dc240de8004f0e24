/** Tasks inside a write transaction. */
import type { TaskFact, TaskKind, TaskResult } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { better, byText, ranked } from "../merge/ranked.ts";
import { emptyTask, extendTask, mergeTasks, type TaskState, taskStateOf } from "../merge/task.ts";
import { taskContribution } from "../rollup/contributions.ts";
import type { Contribution, RollupChanges } from "../rollup/types.ts";
import { createBulkInsert } from "./bulk-insert.ts";
import { createRowNumbers } from "./row-numbers.ts";
import { isSameRow } from "./same-row.ts";
import type { SessionEntry, SessionRows } from "./session-rows.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import { hashOfTaskKey } from "./task-key.ts";
import {
  changeTotals,
  noTotals,
  type Shares,
  TOTALS,
  type Totals,
  type TotalsRow,
  totalsOfRow,
  totalTokens,
} from "./totals.ts";

/** A task that the current transaction works with. */
export interface TaskEntry {
  readonly id: number;
  readonly product: string;
  readonly productId: number;
  readonly taskId: string;
  /** Counted under this agent before the transaction. */
  readonly storedAgentId: number;
  /** Will be counted under this agent after the transaction. */
  agentId: number;
  /** What the row added to the rollups before the transaction. */
  readonly stored: Contribution | undefined;
  state: TaskState;
  /** Sums over its calls. */
  readonly totals: Totals;
  isNew: boolean;
  isChanged: boolean;
}

export interface TaskRows {
  /** The task, created as a stub of the session when it is not known yet. */
  get(product: string, taskId: string, sessionId: string): TaskEntry;
  /** The task of a row number; undefined when it was deleted for its age before one of its calls. */
  byId(id: number): TaskEntry | undefined;
  merge(fact: TaskFact): void;
  /** Notes a fact of the task, which is a sign of its life. */
  touch(product: string, taskId: string, sessionId: string, startMillis: number, endMillis: number): void;
  /** Moves the totals when a call of the task adds its shares, or no longer adds them. */
  changeTotals(entry: TaskEntry, shares: Shares, sign: 1 | -1): void;
  /** Takes in the tasks of a session whose project has changed, so that their rollups move. */
  includeSession(session: SessionEntry): void;
  /** Settles agents: afterwards `agentId` of every entry is final. Returns tasks whose agent has changed. */
  settle(): TaskEntry[];
  flush(): { inserted: number; changed: number };
  forget(): void;
}

interface TaskRow extends TotalsRow {
  id: number;
  product_id: number;
  task_key: string;
  session_id: number;
  session_rank: number;
  parent_key: string | null;
  parent_rank: number;
  kind: string | null;
  kind_rank: number;
  agent_id: number;
  agent_rank: number;
  started_at: number | null;
  last_seen_at: number | null;
  result: string | null;
  result_rank: number;
  result_at: number | null;
  error_type_id: number;
  lines_added: number | null;
  lines_removed: number | null;
}

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
  ...TOTALS,
] as const;

const MAX_REMEMBERED = 20_000;

export function createTaskRows(
  database: Database,
  strings: Strings,
  sessions: SessionRows,
  rollups: RollupChanges,
): TaskRows {
  const selectByKey = database.prepare<[number, number, string], TaskRow>(
    "SELECT * FROM task WHERE key_hash = ? AND product_id = ? AND task_key = ?",
  );
  const selectById = database.prepare<[number], TaskRow>("SELECT * FROM task WHERE id = ?");
  const selectBySession = database.prepare<[number], TaskRow>("SELECT * FROM task WHERE session_id = ?");
  const insert = createBulkInsert(database, "task", ["id", "product_id", "task_key", "key_hash", ...WRITTEN_COLUMNS]);
  const rowNumbers = createRowNumbers(database, "task");
  const update = database.prepare<(number | string | null)[]>(
    `UPDATE task SET ${WRITTEN_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
  );
  const byKey = new Map<string, TaskEntry>();
  const entries = new Map<number, TaskEntry>();

  /** Facts come in runs of one task, so the last one is asked for again and again. */
  let last: TaskEntry | undefined;

  const remember = (entry: TaskEntry): TaskEntry => {
    if (last?.id === entry.id) last = entry;
    byKey.set(`${entry.productId}|${entry.taskId}`, entry);
    entries.set(entry.id, entry);
    return entry;
  };

  const contribution = (
    { state, totals }: Pick<TaskEntry, "state" | "totals">,
    session: SessionEntry,
    projectId: number,
    agentId: number,
  ): Contribution | undefined => {
    const { outcome, lastSeenAtMillis } = state;
    if (outcome === undefined || lastSeenAtMillis === undefined) return undefined;
    return taskContribution(
      { productId: session.productId, projectId, agentId, modelId: NO_STRING },
      {
        startedAtMillis: state.startedAtMillis,
        endedAtMillis: lastSeenAtMillis,
        result: outcome.value.result,
        tokens: totalTokens(totals),
      },
    );
  };

  const load = (row: TaskRow): TaskEntry => {
    const session = sessions.byId(row.session_id);
    const state = decodeRow(row, session.sessionId, strings);
    const totals = totalsOfRow(row);
    return remember({
      id: row.id,
      product: session.product,
      productId: row.product_id,
      taskId: row.task_key,
      storedAgentId: row.agent_id,
      agentId: row.agent_id,
      stored: contribution({ state, totals }, session, session.storedProjectId, row.agent_id),
      state,
      totals,
      isNew: false,
      isChanged: false,
    });
  };

  const find = (product: string, taskId: string, sessionId: string): TaskEntry => {
    const session = sessions.get(product, sessionId);
    const known = byKey.get(`${session.productId}|${taskId}`);
    if (known !== undefined) return known;
    const row = selectByKey.get(hashOfTaskKey(taskId), session.productId, taskId);
    if (row !== undefined) return load(row);
    return remember({
      id: rowNumbers.next(),
      product,
      productId: session.productId,
      taskId,
      storedAgentId: NO_STRING,
      agentId: NO_STRING,
      stored: undefined,
      state: emptyTask(0, sessionId),
      totals: noTotals(),
      isNew: true,
      isChanged: true,
    });
  };

  return {
    get(product, taskId, sessionId) {
      if (last?.taskId === taskId && last.product === product) return last;
      last = find(product, taskId, sessionId);
      return last;
    },
    byId(id) {
      const known = entries.get(id);
      if (known !== undefined) return known;
      const row = selectById.get(id);
      return row === undefined ? undefined : load(row);
    },
    merge(fact) {
      const entry = this.get(fact.product, fact.taskId, fact.sessionId);
      entry.state = mergeTasks(entry.state, taskStateOf(fact));
      entry.isChanged = true;
      const session = sessions.get(fact.product, fact.sessionId);
      if (fact.startedAtMillis !== undefined) sessions.touch(session, fact.startedAtMillis, fact.startedAtMillis);
      if (fact.lastSeenAtMillis !== undefined) sessions.touch(session, fact.lastSeenAtMillis, fact.lastSeenAtMillis);
      if (fact.outcome !== undefined) sessions.touch(session, fact.outcome.atMillis, fact.outcome.atMillis);
    },
    touch(product, taskId, sessionId, startMillis, endMillis) {
      const entry = this.get(product, taskId, sessionId);
      const { startedAtMillis = Number.MAX_VALUE, lastSeenAtMillis = 0, sessionId: session } = entry.state;
      const isKnown = startedAtMillis <= startMillis && endMillis <= lastSeenAtMillis;
      if (isKnown && session.rank > 0) return;
      // Until a witness of the task itself speaks, the facts that refer to it say which session it is in.
      const inSession = better(session, { rank: 0, value: sessionId }, byText) ?? session;
      entry.state = { ...extendTask(entry.state, startMillis, endMillis), sessionId: inSession };
      entry.isChanged = true;
    },
    changeTotals(entry, shares, sign) {
      changeTotals(entry.totals, shares, sign);
      entry.isChanged = true;
    },
    includeSession(session) {
      for (const row of selectBySession.all(session.id)) (entries.get(row.id) ?? load(row)).isChanged = true;
    },
    settle() {
      const moved: TaskEntry[] = [];
      for (const entry of entries.values()) {
        if (!entry.isChanged) continue;
        entry.agentId = strings.idOf(entry.state.agent?.value);
        if (!entry.isNew && entry.agentId !== entry.storedAgentId) moved.push(entry);
      }
      return moved;
    },
    flush() {
      let inserted = 0;
      let changed = 0;
      for (const entry of entries.values()) {
        if (!entry.isChanged) continue;
        const session = sessions.get(entry.product, entry.state.sessionId.value);
        const after = contribution(entry, session, session.projectId, entry.agentId);
        rollups.replace(entry.stored, after);
        const values = [...encodeState(entry.state, session.id, entry.agentId, strings), ...entry.totals];
        const before = entry.isNew ? undefined : selectById.get(entry.id);
        if (entry.isNew) {
          insert.add([entry.id, entry.productId, entry.taskId, hashOfTaskKey(entry.taskId), ...values]);
          inserted += 1;
        } else if (before === undefined || !isSameRow(before, WRITTEN_COLUMNS, values)) {
          update.run(...values, entry.id);
          changed += 1;
        }
        remember({ ...entry, stored: after, storedAgentId: entry.agentId, isNew: false, isChanged: false });
      }
      insert.flush();
      if (entries.size > MAX_REMEMBERED) this.forget();
      return { inserted, changed };
    },
    forget() {
      last = undefined;
      byKey.clear();
      entries.clear();
      insert.discard();
      rowNumbers.forget();
    },
  };
}

function encodeState(
  state: TaskState,
  sessionRowId: number,
  agentId: number,
  strings: Strings,
): (number | string | null)[] {
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
  ];
}

function decodeRow(row: TaskRow, sessionId: string, strings: Strings): TaskState {
  return {
    sessionId: { rank: row.session_rank, value: sessionId },
    parentTaskId: ranked(row.parent_rank, row.parent_key ?? undefined),
    kind: ranked(row.kind_rank, (row.kind ?? undefined) as TaskKind | undefined),
    agent: row.agent_rank === 0 ? undefined : ranked(row.agent_rank, strings.textOf(row.agent_id)),
    startedAtMillis: row.started_at ?? undefined,
    lastSeenAtMillis: row.last_seen_at ?? undefined,
    outcome:
      row.result === null
        ? undefined
        : {
            rank: row.result_rank,
            value: {
              result: row.result as TaskResult,
              atMillis: row.result_at ?? 0,
              errorType: strings.textOf(row.error_type_id),
            },
          },
    linesAdded: row.lines_added ?? undefined,
    linesRemoved: row.lines_removed ?? undefined,
  };
}
