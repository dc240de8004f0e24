/** Tool calls inside a write transaction. */
import { OTHER_ERROR, quarterHourOf, type ToolCallFact } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { CountedFact } from "../live/types.ts";
import { mergeToolCalls, type ToolCallState, toolCallStateOf } from "../merge/tool-call.ts";
import { toolContribution } from "../rollup/contributions.ts";
import { createBulkInsert } from "./bulk-insert.ts";
import type { FactChanges } from "./fact-changes.ts";
import { createKnownRows } from "./known-rows.ts";
import { quarterHourOfRow, slotsOf } from "./locator.ts";
import { createOwnedRows } from "./owned-rows.ts";
import { ownerOfSession, type SessionEntry, type SessionRows, storedUnder } from "./session-rows.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import { ownerOfTask, type TaskEntry, type TaskRows } from "./task-rows.ts";
import { packToolRanks, unpackToolRanks } from "./tool-ranks.ts";
import { marksOf } from "./totals.ts";

export interface ToolCallRows {
  merge(fact: ToolCallFact): void;
  /** Merges what another store knows of a call. */
  adopt(product: string, state: ToolCallState): void;
  /** Takes in the tool calls of a session whose project has changed, so that their rollups move. */
  includeSession(session: SessionEntry): void;
  /** Takes in the tool calls of a task whose agent has changed. */
  includeTask(task: TaskEntry): void;
  flush(): { inserted: number; changed: number; refused: number };
  forget(): void;
}

/** A tool call as a row. */
export interface ToolCallRow {
  readonly id: number;
  readonly call_key: number;
  readonly ranks: number;
  readonly session_id: number;
  readonly task_id: number;
  readonly tool_id: number;
  readonly started_at: number;
  readonly ended_at: number | null;
  readonly is_success: number | null;
  readonly error_type_id: number;
  readonly lines_added: number | null;
  readonly lines_removed: number | null;
}

interface ToolEntry {
  readonly id: number | undefined;
  readonly product: string;
  readonly quarterHour: number;
  readonly stored: { readonly state: ToolCallState; readonly added: CountedFact } | undefined;
  state: ToolCallState;
  isChanged: boolean;
}

const COLUMNS = [
  "call_key",
  "ranks",
  "session_id",
  "task_id",
  "tool_id",
  "started_at",
  "ended_at",
  "is_success",
  "error_type_id",
  "lines_added",
  "lines_removed",
] as const;

export function createToolCallRows(
  database: Database,
  strings: Strings,
  sessions: SessionRows,
  tasks: TaskRows,
  changes: FactChanges,
  remembersRows: boolean,
): ToolCallRows {
  const knownRows = createKnownRows(database, "tool_call", { isRemembered: remembersRows });
  const selectById = database.prepare<[number], ToolCallRow>("SELECT * FROM tool_call WHERE id = ?");
  const ofSessions = createOwnedRows<ToolCallRow>(database, "tool_call", "session_id");
  const ofTasks = createOwnedRows<ToolCallRow>(database, "tool_call", "task_id");
  const insert = database.prepare<(number | null)[]>(
    `INSERT OR IGNORE INTO tool_call (id, ${COLUMNS.join(", ")}) VALUES (?, ${COLUMNS.map(() => "?").join(", ")})`,
  );
  const bulk = createBulkInsert(database, "tool_call", ["id", ...COLUMNS]);
  const update = database.prepare<(number | null)[]>(
    `UPDATE tool_call SET ${COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
  );
  let byKey = new Map<number, ToolEntry[]>();

  const contribution = (
    product: string,
    state: ToolCallState,
    placeOf: (session: SessionEntry) => Pick<SessionEntry, "projectId" | "labelsId">,
    agentOf: (task: TaskEntry) => number,
  ): CountedFact => {
    const { sessionId, startedAtMillis } = state.base.value;
    const outcome = state.outcome?.value;
    const session = sessions.get(product, sessionId);
    const task = state.taskId === undefined ? undefined : tasks.get(product, state.taskId.value, sessionId);
    const { projectId, labelsId } = placeOf(session);
    return toolContribution(
      {
        productId: session.productId,
        projectId,
        agentId: task === undefined ? NO_STRING : agentOf(task),
        modelId: NO_STRING,
      },
      {
        startedAtMillis,
        endedAtMillis: state.endedAtMillis?.value,
        isSuccess: outcome?.isSuccess,
        toolId: strings.idOf(state.tool?.value),
        errorTypeId: outcome?.isSuccess === false ? strings.idOf(outcome.errorType || OTHER_ERROR) : undefined,
        labelsId,
        lines: state.lines?.value,
      },
    );
  };

  const remember = (entry: ToolEntry): ToolEntry => {
    const known = byKey.get(entry.state.callKey);
    if (known === undefined) byKey.set(entry.state.callKey, [entry]);
    else known.push(entry);
    return entry;
  };

  const load = (row: ToolCallRow): ToolEntry => {
    const known = byKey.get(row.call_key)?.find(({ id }) => id === row.id);
    if (known !== undefined) return known;
    const session = sessions.byId(row.session_id);
    const task = row.task_id === 0 ? undefined : tasks.byId(row.task_id);
    const state = decodeToolCall(row, session.sessionId, task?.taskId, strings);
    const added = contribution(session.product, state, storedUnder, ({ storedAgentId }) => storedAgentId);
    return remember({
      id: row.id,
      product: session.product,
      quarterHour: quarterHourOfRow(row.id),
      stored: { state, added },
      state,
      isChanged: false,
    });
  };

  /** Takes in a row whose rollups move. */
  const include = (row: ToolCallRow): number => {
    load(row).isChanged = true;
    return 1;
  };

  const findSame = (product: string, quarterHour: number, callKey: number): ToolEntry | undefined => {
    const isSame = (entry: ToolEntry): boolean =>
      Math.abs(entry.quarterHour - quarterHour) <= 1 && entry.product === product;
    const inMemory = byKey.get(callKey)?.find(isSame);
    if (inMemory !== undefined) return inMemory;
    for (const id of knownRows.near(quarterHour, callKey)) {
      const row = selectById.get(id);
      if (row?.call_key === callKey) load(row);
    }
    return byKey.get(callKey)?.find(isSame);
  };

  const moveTotals = (product: string, { base, taskId }: ToolCallState, added: CountedFact, sign: 1 | -1): void => {
    const { sessionId } = base.value;
    sessions.changeTotals(sessions.get(product, sessionId), added, sign);
    if (taskId !== undefined) tasks.changeTotals(tasks.get(product, taskId.value, sessionId), added, sign);
  };

  /** Notes with its task which lines of a call the live counters have. */
  const moveLines = (product: string, { base, taskId, lines }: ToolCallState, sign: 1 | -1): void => {
    if (taskId === undefined || lines === undefined) return;
    tasks.changeLiveLines(tasks.get(product, taskId.value, base.value.sessionId), lines.value, sign);
  };

  /** Moves rollups and totals from what a call added to what it adds now. */
  const account = ({ product, stored, state }: ToolEntry, added: CountedFact): void => {
    if (changes.isRecent(stored?.added, added)) {
      if (stored !== undefined) moveLines(product, stored.state, -1);
      moveLines(product, state, 1);
    }
    changes.replace(stored?.added, added);
    if (stored !== undefined) moveTotals(product, stored.state, stored.added, -1);
    moveTotals(product, state, added, 1);
  };

  const write = (entry: ToolEntry): "inserted" | "changed" | "same" | "refused" => {
    const { state, stored, product } = entry;
    const added = contribution(
      product,
      state,
      (session) => session,
      ({ agentId }) => agentId,
    );
    const session = sessions.get(product, state.base.value.sessionId);
    const taskRowId = state.taskId === undefined ? 0 : tasks.get(product, state.taskId.value, session.sessionId).id;
    const values = encodeState(state, session.id, taskRowId, strings);
    if (entry.id !== undefined && stored !== undefined) {
      account(entry, added);
      if (stored.state === state) return "same";
      update.run(...values, entry.id);
      return "changed";
    }
    for (const slot of slotsOf(entry.quarterHour, state.callKey)) {
      if (knownRows.isFree(slot)) {
        bulk.add([slot, ...values]);
      } else {
        bulk.flush();
        if (insert.run(slot, ...values).changes === 0) continue;
      }
      knownRows.add(slot, slot);
      account(entry, added);
      return "inserted";
    }
    return "refused";
  };

  const mergeState = (product: string, quarterHour: number, state: ToolCallState): void => {
    const known = findSame(product, quarterHour, state.callKey);
    if (known === undefined) {
      remember({ id: undefined, product, quarterHour, stored: undefined, state, isChanged: true });
      return;
    }
    const merged = mergeToolCalls(known.state, state);
    if (isSameState(known.state, merged)) return;
    known.state = merged;
    known.isChanged = true;
  };

  return {
    merge(fact) {
      const state = toolCallStateOf(fact);
      const quarterHour = quarterHourOf(fact.startedAtMillis);
      const session = sessions.get(fact.product, fact.sessionId);
      const { startedAtMillis, endedAtMillis = startedAtMillis } = fact;
      sessions.touch(session, startedAtMillis, endedAtMillis);
      if (fact.taskId !== undefined) {
        tasks.touch(fact.product, fact.taskId, fact.sessionId, startedAtMillis, endedAtMillis);
      }
      mergeState(fact.product, quarterHour, state);
    },
    adopt(product, state) {
      const { sessionId, startedAtMillis } = state.base.value;
      sessions.get(product, sessionId);
      if (state.taskId !== undefined) tasks.get(product, state.taskId.value, sessionId);
      mergeState(product, quarterHourOf(startedAtMillis), state);
    },
    includeSession(session) {
      ofSessions.each(ownerOfSession(session), marksOf(session.storedValues).toolCalls, include);
    },
    includeTask(task) {
      ofTasks.each(ownerOfTask(task), marksOf(task.storedValues).toolCalls, include);
    },
    flush() {
      const counts = { inserted: 0, changed: 0, same: 0, refused: 0 };
      for (const entries of byKey.values()) {
        for (const entry of entries) if (entry.isChanged) counts[write(entry)] += 1;
      }
      byKey = new Map();
      bulk.flush();
      knownRows.settle();
      return counts;
    },
    forget() {
      byKey = new Map();
      bulk.discard();
      knownRows.forget();
    },
  };
}

function isSameState(before: ToolCallState, after: ToolCallState): boolean {
  return (
    before.base === after.base &&
    before.taskId === after.taskId &&
    before.tool === after.tool &&
    before.endedAtMillis === after.endedAtMillis &&
    before.outcome === after.outcome &&
    before.lines === after.lines &&
    before.seenBy === after.seenBy
  );
}

function encodeState(
  state: ToolCallState,
  sessionRowId: number,
  taskRowId: number,
  strings: Strings,
): (number | null)[] {
  const ranks = packToolRanks(
    [
      state.base.rank,
      state.taskId?.rank ?? 0,
      state.tool?.rank ?? 0,
      state.endedAtMillis?.rank ?? 0,
      state.outcome?.rank ?? 0,
      state.lines?.rank ?? 0,
    ],
    state.seenBy,
  );
  return [
    state.callKey,
    ranks,
    sessionRowId,
    taskRowId,
    strings.idOf(state.tool?.value),
    state.base.value.startedAtMillis,
    state.endedAtMillis?.value ?? null,
    state.outcome === undefined ? null : Number(state.outcome.value.isSuccess),
    strings.idOf(state.outcome?.value.errorType),
    state.lines?.value.added ?? null,
    state.lines?.value.removed ?? null,
  ];
}

/** What a row knows. */
export function decodeToolCall(
  row: ToolCallRow,
  sessionId: string,
  taskId: string | undefined,
  strings: Strings,
): ToolCallState {
  const { ranks, seenBy } = unpackToolRanks(row.ranks);
  const [base = 0, task = 0, tool = 0, ended = 0, outcome = 0, lines = 0] = ranks;
  return {
    callKey: row.call_key,
    base: { rank: base, value: { sessionId, startedAtMillis: row.started_at } },
    taskId: taskId === undefined ? undefined : { rank: task, value: taskId },
    tool: tool === 0 ? undefined : { rank: tool, value: strings.textOf(row.tool_id) },
    endedAtMillis: row.ended_at === null ? undefined : { rank: ended, value: row.ended_at },
    outcome:
      row.is_success === null
        ? undefined
        : {
            rank: outcome,
            value: { isSuccess: row.is_success === 1, errorType: strings.textOf(row.error_type_id) },
          },
    lines:
      row.lines_added === null
        ? undefined
        : { rank: lines, value: { added: row.lines_added, removed: row.lines_removed ?? 0 } },
    seenBy,
  };
}
