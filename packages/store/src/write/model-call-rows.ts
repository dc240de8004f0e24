/** Model calls inside a write transaction: which reports mean the same call, and what is known of it then. */
import { type ModelCallFact, QUARTER_HOUR_MILLIS, quarterHourOf } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import type { AdoptedCall } from "../adopt/types.ts";
import { callKeyOf, isSameCall, isSum, type ModelCallState, mergeModelCalls } from "../merge/model-call.ts";
import type { SessionMetricUsage } from "../metric-usage/types.ts";
import { type CallEntry, entryOf, newEntry, type ToldCall } from "./call-entry.ts";
import { createCallFinder } from "./call-finder.ts";
import { type CallBooks, type CallRowWriter, createCallRowWriter } from "./call-row-writer.ts";
import { quarterHourOfRow } from "./locator.ts";
import { isByMetric, isSameMetric, metricCallOf } from "./metric-calls.ts";
import type { ModelCallRow } from "./model-call-codec.ts";
import { createOwnedRows } from "./owned-rows.ts";
import { hasCallsWithUsage, ownerOfSession, type SessionEntry } from "./session-rows.ts";
import { ownerOfTask, type TaskEntry } from "./task-rows.ts";
import { markOfCall, marksOf } from "./totals.ts";

export interface ModelCallRows {
  /** Merges what a witness says of a call. */
  merge(fact: ModelCallFact): void;
  /** Merges what another store knows of a call. */
  adopt(call: AdoptedCall): void;
  /**
   * Replaces what a metric told of a session of which no call tells the usage.
   * @param keptFromMillis what lies before it stays as it is.
   */
  countMetric(usage: SessionMetricUsage, keptFromMillis: number): void;
  /** Takes away what metrics told of sessions of which calls tell the usage by now. */
  settleMetrics(): void;
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
  // Exchanged, not emptied: see the call finder.
  let entries = new Map<number, CallEntry>();
  /** Calls that are not in the file, and those that turned out to be one of the others. */
  let created: CallEntry[] = [];
  /** Calls of which nothing else is known, and those that have become entries. */
  let told: ToldCall[] = [];
  /** Sessions of which both a metric and calls may tell the usage. */
  let metrics = new Set<SessionEntry>();

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
    return entry.stored?.added === undefined ? 0 : markOfCall(entry.stored.added);
  };

  /** Makes an entry of a call that another one may be the same as. */
  const take = (report: ToldCall): CallEntry => {
    const entry = entryOf(report);
    report.isTaken = true;
    created.push(entry);
    finder.exchange(report, entry);
    return entry;
  };

  const finder = createCallFinder<CallEntry, ToldCall>({
    known: rows.known,
    load(id) {
      const known = entries.get(id);
      if (known !== undefined) return known.isAbsorbed || known.isGone ? undefined : known;
      const row = selectById.get(id);
      return row === undefined ? undefined : load(row);
    },
    isReport: (found) => "fact" in found,
    take,
  });

  /** Makes one call of two. */
  const absorb = (kept: CallEntry, gone: CallEntry): void => {
    finder.remove(gone);
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
        kept.owners = undefined;
        kept.isChanged = true;
      }
      absorb(kept, gone);
      finder.add(kept);
      entry = kept;
    }
  };

  const create = (entry: CallEntry): void => {
    entry.isChanged = true;
    created.push(entry);
    finder.add(entry);
    settle(entry);
  };

  /** What a metric told of a session, in the file and in this transaction. */
  const storedByMetric = (session: SessionEntry): CallEntry[] => {
    const found = new Set<CallEntry>();
    ofSessions.each(ownerOfSession(session), marksOf(session.storedValues).modelCalls, (row) => {
      const entry = load(row);
      if (isByMetric(entry.state) && !entry.isAbsorbed && !entry.isGone) found.add(entry);
      return entry.stored?.added === undefined ? 0 : markOfCall(entry.stored.added);
    });
    return [...found];
  };

  const takeAway = (entry: CallEntry): void => {
    finder.remove(entry);
    entry.isGone = true;
  };

  return {
    merge(fact) {
      const { product, endedAtMillis } = fact;
      const startedAtMillis = endedAtMillis - (fact.durationMillis ?? 0);
      const session = sessions.get(product, fact.sessionId);
      sessions.touch(session, startedAtMillis, endedAtMillis);
      if (session.isByMetric && fact.usage !== undefined) metrics.add(session);
      const task =
        fact.taskId === undefined
          ? undefined
          : tasks.touch(product, fact.taskId, fact.sessionId, startedAtMillis, endedAtMillis);
      const owners = { session, task };
      const quarterHour = quarterHourOf(endedAtMillis);
      const requestKey = callKeyOf(product, fact.requestId);
      const responseKey = callKeyOf(product, fact.responseId);
      // What a metric told of the session may have to go.
      if (!isPlain(fact) || session.isByMetric || !finder.isUnknown(quarterHour, requestKey, responseKey)) {
        create(entryOf({ fact, quarterHour, owners }));
        return;
      }
      const call = { fact, requestKey, responseKey, quarterHour, owners, isTaken: false };
      told.push(call);
      finder.addReport(call);
    },
    adopt({ product, state, firstSeen, lastSeen, cost }) {
      const { sessionId, endedAtMillis } = state.base.value;
      const session = sessions.get(product, sessionId);
      if (session.isByMetric || isByMetric(state)) metrics.add(session);
      if (state.taskId !== undefined) tasks.get(product, state.taskId.value, sessionId);
      const entry = newEntry(undefined, product, quarterHourOf(endedAtMillis), state);
      create({ ...entry, firstSeen, lastSeen, offered: cost });
    },
    countMetric({ product, sessionId, usages, fromMillis }, keptFromMillis) {
      const firstMillis = Math.max(fromMillis, keptFromMillis);
      const isKnown = ({ atMillis }: { readonly atMillis: number }): boolean => atMillis >= firstMillis;
      const states = usages.filter(isKnown).map((each) => metricCallOf(product, sessionId, each));
      const known = sessions.find(product, sessionId);
      if (states.length === 0 && known === undefined) return;
      const session = sessions.get(product, sessionId);
      const before = new Map(
        storedByMetric(session)
          .filter(({ state }) => isKnown({ atMillis: quarterHourEnd(state) }))
          .map((entry) => [entry.state.requestKey, entry]),
      );
      for (const state of states) {
        const { endedAtMillis } = state.base.value;
        sessions.touch(session, endedAtMillis, endedAtMillis);
        const entry = before.get(state.requestKey);
        before.delete(state.requestKey);
        if (entry === undefined) create(newEntry(undefined, product, quarterHourOf(endedAtMillis), state));
        else if (!isSameMetric(entry.state, state)) {
          entry.state = state;
          entry.owners = undefined;
          entry.isChanged = true;
        }
      }
      for (const entry of before.values()) takeAway(entry);
      metrics.add(session);
    },
    settleMetrics() {
      if (metrics.size > 0) for (const report of told) if (!report.isTaken) take(report);
      for (const session of metrics) {
        const isOfSession = ({ product, state }: CallEntry): boolean =>
          product === session.product && state.base.value.sessionId === session.sessionId;
        const own = [...created, ...entries.values()].filter(
          (entry) => isOfSession(entry) && !entry.isAbsorbed && !entry.isGone,
        );
        const isCalled = own.some(({ state }) => state.usage !== undefined && !isSum(state) && !isByMetric(state));
        const byMetric = new Set([...own, ...storedByMetric(session)].filter((entry) => isByMetric(entry.state)));
        const isOver = isCalled || hasCallsWithUsage(session);
        if (isOver) for (const entry of byMetric) takeAway(entry);
        sessions.setByMetric(session, !isOver && byMetric.size > 0);
      }
      metrics = new Set();
    },
    includeSession(session) {
      ofSessions.each(ownerOfSession(session), marksOf(session.storedValues).modelCalls, include);
    },
    includeTask(task) {
      ofTasks.each(ownerOfTask(task), marksOf(task.storedValues).modelCalls, include);
    },
    flush() {
      const stored = [...entries.values()].filter(({ isAbsorbed }) => !isAbsorbed);
      const changed = stored.filter(({ isChanged, isGone }) => isChanged && !isGone);
      const gone = stored.filter(({ isGone }) => isGone);
      const isNew = ({ isAbsorbed, isGone }: CallEntry): boolean => !isAbsorbed && !isGone;
      const counts = rows.write(changed, created.filter(isNew), gone, told);
      entries = new Map();
      created = [];
      told = [];
      metrics = new Set();
      finder.forget();
      return counts;
    },
    forget() {
      entries = new Map();
      created = [];
      told = [];
      metrics = new Set();
      finder.forget();
      rows.forget();
    },
  };
}

/** Whether a call can be written as it was told, if nothing else is known of it. */
function isPlain({ isReplay, isSum }: ModelCallFact): boolean {
  return !isReplay && !isSum;
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

/** The last moment of the quarter hour of a call. */
function quarterHourEnd({ base }: ModelCallState): number {
  return (quarterHourOf(base.value.endedAtMillis) + 1) * QUARTER_HOUR_MILLIS - 1;
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
