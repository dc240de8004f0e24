/** Model calls inside a write transaction: which reports mean the same call, and what is known of it then. */
import { type ModelCallFact, quarterHourOf } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { AdoptedCall } from "../adopt/types.ts";
import { isSameCall, type ModelCallState, mergeModelCalls, modelCallStateOf } from "../merge/model-call.ts";
import type { CallEntry } from "./call-entry.ts";
import { createCallFinder } from "./call-finder.ts";
import { type CallBooks, type CallRowWriter, createCallRowWriter } from "./call-row-writer.ts";
import { quarterHourOfRow } from "./locator.ts";
import type { ModelCallRow } from "./model-call-codec.ts";
import { createOwnedRows } from "./owned-rows.ts";
import { ownerOfSession, type SessionEntry } from "./session-rows.ts";
import { ownerOfTask, type TaskEntry } from "./task-rows.ts";
import { markOfCall, marksOf } from "./totals.ts";

export interface ModelCallRows {
  /** Merges what a witness says of a call. */
  merge(fact: ModelCallFact): void;
  /** Merges what another store knows of a call. */
  adopt(call: AdoptedCall): void;
  /** Takes in the calls of a session whose project has changed, so that their rollups move. */
  includeSession(session: SessionEntry): void;
  /** Takes in the calls of a task whose agent has changed. */
  includeTask(task: TaskEntry): void;
  flush(): { inserted: number; changed: number; refused: number };
  forget(): void;
}

export function createModelCallRows(database: Database, books: CallBooks): ModelCallRows {
  const { sessions, tasks } = books;
  const selectById = database.prepare<[number], ModelCallRow>("SELECT * FROM model_call WHERE id = ?");
  const ofSessions = createOwnedRows<ModelCallRow>(database, "model_call", "session_id");
  const ofTasks = createOwnedRows<ModelCallRow>(database, "model_call", "task_id");
  const rows: CallRowWriter = createCallRowWriter(database, books);
  const entries = new Map<number, CallEntry>();
  const created = new Set<CallEntry>();

  const load = (row: ModelCallRow): CallEntry => {
    const known = entries.get(row.id);
    if (known !== undefined) return known;
    const { product, ...stored } = rows.decode(row);
    const { firstSeen, lastSeen, state } = stored;
    const entry: CallEntry = {
      ...newEntry(row.id, product, quarterHourOfRow(row.id), state),
      stored,
      firstSeen,
      lastSeen,
    };
    entries.set(row.id, entry);
    finder.add(entry);
    return entry;
  };

  /** Takes in a row whose rollups move. */
  const include = (row: ModelCallRow): number => {
    const entry = load(row);
    entry.isChanged = true;
    return entry.stored === undefined ? 0 : markOfCall(entry.stored.added);
  };

  const finder = createCallFinder<CallEntry>(rows.known, (id) => {
    const known = entries.get(id);
    if (known !== undefined) return known.isAbsorbed ? undefined : known;
    const row = selectById.get(id);
    return row === undefined ? undefined : load(row);
  });

  /** Makes one call of two. */
  const absorb = (kept: CallEntry, gone: CallEntry): void => {
    finder.remove(gone);
    created.delete(gone);
    gone.isAbsorbed = true;
    kept.absorbed.push(gone, ...gone.absorbed);
    if (kept.absorbed.some(({ id, offered }) => id !== undefined || offered !== undefined)) kept.isChanged = true;
    widen(kept, gone);
  };

  /**
   * Joins a call with every other that means the same. What it learns from one of them, an id or a time, may lead to
   * the next, so it goes on until there is none: then the order of arrival makes no difference.
   */
  const settle = (call: CallEntry): void => {
    let entry = call;
    for (;;) {
      const found = finder.findSame(entry);
      if (found.length === 0) return;
      const same = found.toSorted(storedFirstThenByKey);
      const originals = same.filter((other) => isOriginalOf(other.state, entry.state));
      const [original] = originals;
      if (original !== undefined) {
        // A replay adds nothing to its original but when it was seen.
        absorb(original, entry);
        for (const each of originals) widen(each, entry);
        for (const each of originals) if (!each.isAbsorbed) settle(each);
        return;
      }
      const other = same[0] as CallEntry;
      const isEntryKept = storedFirstThenByKey(entry, other) <= 0;
      const [kept, gone] = isEntryKept ? [entry, other] : [other, entry];
      finder.remove(kept);
      const merged = mergeModelCalls(kept.state, gone.state);
      if (!isSameState(kept.state, merged)) {
        kept.state = merged;
        kept.isChanged = true;
      }
      absorb(kept, gone);
      finder.add(kept);
      entry = kept;
    }
  };

  const create = (entry: CallEntry): void => {
    entry.isChanged = true;
    created.add(entry);
    finder.add(entry);
    settle(entry);
  };

  return {
    merge(fact) {
      const { product, endedAtMillis } = fact;
      const startedAtMillis = endedAtMillis - (fact.durationMillis ?? 0);
      sessions.touch(sessions.get(product, fact.sessionId), startedAtMillis, endedAtMillis);
      if (fact.taskId !== undefined) {
        tasks.touch(product, fact.taskId, fact.sessionId, startedAtMillis, endedAtMillis);
      }
      create(newEntry(undefined, product, quarterHourOf(endedAtMillis), modelCallStateOf(fact)));
    },
    adopt({ product, state, firstSeen, lastSeen, cost }) {
      const { sessionId, endedAtMillis } = state.base.value;
      sessions.get(product, sessionId);
      if (state.taskId !== undefined) tasks.get(product, state.taskId.value, sessionId);
      const entry = newEntry(undefined, product, quarterHourOf(endedAtMillis), state);
      create({ ...entry, firstSeen, lastSeen, offered: cost });
    },
    includeSession(session) {
      ofSessions.each(ownerOfSession(session), marksOf(session.storedValues).modelCalls, include);
    },
    includeTask(task) {
      ofTasks.each(ownerOfTask(task), marksOf(task.storedValues).modelCalls, include);
    },
    flush() {
      const changed = [...entries.values()].filter(({ isChanged, isAbsorbed }) => isChanged && !isAbsorbed);
      const counts = rows.write(changed, [...created]);
      entries.clear();
      created.clear();
      finder.forget();
      return counts;
    },
    forget() {
      entries.clear();
      created.clear();
      finder.forget();
      rows.forget();
    },
  };
}

function newEntry(id: number | undefined, product: string, quarterHour: number, state: ModelCallState): CallEntry {
  return {
    id,
    product,
    firstSeen: quarterHour,
    lastSeen: quarterHour,
    stored: undefined,
    state,
    absorbed: [],
    isAbsorbed: false,
    isChanged: false,
  };
}

/** Notes the quarter hours in which another sighting was observed, so that the call will be found there. */
function widen(call: CallEntry, { firstSeen, lastSeen }: CallEntry): void {
  if (firstSeen >= call.firstSeen && lastSeen <= call.lastSeen) return;
  call.firstSeen = Math.min(call.firstSeen, firstSeen);
  call.lastSeen = Math.max(call.lastSeen, lastSeen);
  call.isChanged = true;
}

function isOriginalOf(original: ModelCallState, replay: ModelCallState): boolean {
  return (
    replay.isReplay && !original.isReplay && original.requestKey !== replay.requestKey && isSameCall(original, replay)
  );
}

/** A row in the file is kept, so that it need not be written again; else the least key decides. */
function storedFirstThenByKey(a: CallEntry, b: CallEntry): number {
  return (
    Number(a.id === undefined) - Number(b.id === undefined) ||
    (a.state.requestKey ?? 0) - (b.state.requestKey ?? 0) ||
    (a.state.responseKey ?? 0) - (b.state.responseKey ?? 0)
  );
}

/** Whether a merge changed nothing: a merge hands back the very parts that it keeps. */
function isSameState(before: ModelCallState, after: ModelCallState): boolean {
  return (
    before.requestKey === after.requestKey &&
    before.responseKey === after.responseKey &&
    before.isReplay === after.isReplay &&
    before.base === after.base &&
    before.taskId === after.taskId &&
    before.durationMillis === after.durationMillis &&
    before.firstChunkMillis === after.firstChunkMillis &&
    before.usage === after.usage &&
    before.model === after.model &&
    before.errorType === after.errorType &&
    before.reportedCostNanoUsd === after.reportedCostNanoUsd &&
    before.witnesses === after.witnesses
  );
}
