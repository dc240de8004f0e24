/** Model calls inside a write transaction. */
import { type ModelCallFact, quarterHourOf } from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import { isSameCall, type ModelCallState, mergeModelCalls, modelCallStateOf } from "../merge/model-call.ts";
import { type CostedCall, costOfCall } from "./call-cost.ts";
import { createCallFinder, keysOf } from "./call-finder.ts";
import { quarterHourOfRow, rowRange, slotsOf } from "./locator.ts";
import { type CallCost, decodeCall, encodeCall, MODEL_CALL_COLUMNS, type ModelCallRow } from "./model-call-codec.ts";
import type { Prices } from "./prices.ts";
import { type Contribution, callContribution } from "./rollup-columns.ts";
import type { RollupChanges } from "./rollups.ts";
import { rowRangeOfSession, type SessionEntry, type SessionRows } from "./session-rows.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import type { TaskEntry, TaskRows } from "./task-rows.ts";

export interface ModelCallRows {
  /** Merges what a witness says of a call. */
  merge(fact: ModelCallFact): void;
  /** Takes in the calls of a session whose project has changed, so that their rollups move. */
  includeSession(session: SessionEntry): void;
  /** Takes in the calls of a task whose agent has changed. */
  includeTask(task: TaskEntry): void;
  flush(): { inserted: number; changed: number; refused: number };
  forget(): void;
}

interface CallEntry {
  /** Row number; undefined for a call that is not in the file. */
  readonly id: number | undefined;
  readonly product: string;
  /** The quarter hours in which it was observed; the first one is where the row lies. */
  readonly quarterHours: number[];
  /** What is in the file and what that added to the rollups. */
  readonly stored: (CostedCall & { readonly added: Contribution }) | undefined;
  state: ModelCallState;
  /** Rows that turned out to be the same call. */
  readonly absorbed: CallEntry[];
  isAbsorbed: boolean;
  isChanged: boolean;
}

/** Who a call is counted under. */
interface Owners {
  readonly projectOf: (session: SessionEntry) => number;
  readonly agentOf: (task: TaskEntry) => number;
}

const STORED_OWNERS: Owners = {
  projectOf: ({ storedProjectId }) => storedProjectId,
  agentOf: ({ storedAgentId }) => storedAgentId,
};
const NEW_OWNERS: Owners = { projectOf: ({ projectId }) => projectId, agentOf: ({ agentId }) => agentId };

export function createModelCallRows(
  database: Database,
  strings: Strings,
  sessions: SessionRows,
  tasks: TaskRows,
  rollups: RollupChanges,
  prices: Prices,
  priceBook: PriceBook,
): ModelCallRows {
  const selectById = database.prepare<[number], ModelCallRow>("SELECT * FROM model_call WHERE id = ?");
  const selectBySession = database.prepare<[number, number, number], ModelCallRow>(
    "SELECT * FROM model_call WHERE id BETWEEN ? AND ? AND session_id = ?",
  );
  const selectByTask = database.prepare<[number, number, number], ModelCallRow>(
    "SELECT * FROM model_call WHERE id BETWEEN ? AND ? AND task_id = ?",
  );
  const insert = database.prepare<(number | null)[]>(
    `INSERT OR IGNORE INTO model_call (id, ${MODEL_CALL_COLUMNS.join(", ")})
     VALUES (?, ${MODEL_CALL_COLUMNS.map(() => "?").join(", ")})`,
  );
  const update = database.prepare<(number | null)[]>(
    `UPDATE model_call SET ${MODEL_CALL_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
  );
  const remove = database.prepare<[number]>("DELETE FROM model_call WHERE id = ?");
  // An alias of a row that was absorbed by another is free to be taken over.
  const insertAlias = database.prepare<[number, number, number]>(
    `INSERT INTO model_call_alias (id, key, call_id) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET call_id = excluded.call_id
     WHERE key = excluded.key AND NOT EXISTS (SELECT 1 FROM model_call WHERE model_call.id = call_id)`,
  );
  const hasAlias = database
    .prepare<[number, number, number], number>(
      "SELECT EXISTS (SELECT 1 FROM model_call_alias WHERE id = ? AND key = ? AND call_id = ?)",
    )
    .pluck();

  const entries = new Map<number, CallEntry>();
  const created = new Set<CallEntry>();

  const contribution = (product: string, state: ModelCallState, cost: CallCost, owners: Owners): Contribution => {
    const { sessionId, endedAtMillis } = state.base.value;
    const session = sessions.get(product, sessionId);
    const task = state.taskId === undefined ? undefined : tasks.get(product, state.taskId.value, sessionId);
    return callContribution(
      {
        productId: session.productId,
        projectId: owners.projectOf(session),
        agentId: task === undefined ? NO_STRING : owners.agentOf(task),
        modelId: strings.idOf(state.model?.value),
      },
      {
        endedAtMillis,
        durationMillis: state.durationMillis?.value,
        usage: state.usage?.value,
        hasError: state.errorType !== undefined,
        costNanoUsd: cost.nanoUsd,
        isCostReported: cost.isReported,
      },
    );
  };

  const load = (row: ModelCallRow): CallEntry => {
    const known = entries.get(row.id);
    if (known !== undefined) return known;
    const session = sessions.byId(row.session_id);
    const task = row.task_id === 0 ? undefined : tasks.byId(row.task_id);
    const { state, cost } = decodeCall(row, session.sessionId, task?.taskId, strings);
    const entry: CallEntry = {
      id: row.id,
      product: session.product,
      quarterHours: [quarterHourOfRow(row.id)],
      stored: { state, cost, added: contribution(session.product, state, cost, STORED_OWNERS) },
      state,
      absorbed: [],
      isAbsorbed: false,
      isChanged: false,
    };
    entries.set(row.id, entry);
    finder.add(entry);
    return entry;
  };

  const finder = createCallFinder<CallEntry>(database, (id) => {
    const known = entries.get(id);
    if (known !== undefined) return known.isAbsorbed ? undefined : known;
    const row = selectById.get(id);
    return row === undefined ? undefined : load(row);
  });

  const create = (product: string, quarterHour: number, state: ModelCallState): void => {
    const entry: CallEntry = {
      id: undefined,
      product,
      quarterHours: [quarterHour],
      stored: undefined,
      state,
      absorbed: [],
      isAbsorbed: false,
      isChanged: true,
    };
    created.add(entry);
    finder.add(entry);
  };

  const absorb = (kept: CallEntry, other: CallEntry): void => {
    finder.remove(other);
    created.delete(other);
    kept.absorbed.push(other, ...other.absorbed);
    for (const quarterHour of other.quarterHours) observe(kept, quarterHour);
    other.isAbsorbed = true;
    kept.isChanged = true;
  };

  const addAlias = (quarterHour: number, key: number, id: number): void => {
    for (const slot of slotsOf(quarterHour, key)) {
      if (insertAlias.run(slot, key, id).changes === 1 || hasAlias.get(slot, key, id) === 1) return;
    }
  };

  /** Makes a row findable under every key and in every quarter hour; under `placeKey` it is by where it lies. */
  const addAliases = (entry: CallEntry, id: number, placeKey: number | undefined): void => {
    const known = entry.stored === undefined ? [] : keysOf(entry.stored.state);
    for (const [i, quarterHour] of entry.quarterHours.entries()) {
      for (const key of keysOf(entry.state)) {
        if (i === 0 && (key === placeKey || known.includes(key))) continue;
        addAlias(quarterHour, key, id);
      }
    }
  };

  const removeAbsorbed = ({ absorbed }: CallEntry): void => {
    for (const { id, stored } of absorbed) {
      if (id === undefined) continue;
      remove.run(id);
      rollups.replace(stored?.added, undefined);
    }
  };

  const writeStored = (entry: CallEntry, id: number, stored: CostedCall & { added: Contribution }): boolean => {
    const cost = costOfCall(entry.state, stored, priceBook, prices);
    rollups.replace(stored.added, contribution(entry.product, entry.state, cost, NEW_OWNERS));
    removeAbsorbed(entry);
    if (stored.state !== entry.state) update.run(...encode(entry, cost), id);
    addAliases(entry, id, undefined);
    return stored.state !== entry.state;
  };

  const writeCreated = (entry: CallEntry): boolean => {
    const cost = costOfCall(entry.state, undefined, priceBook, prices);
    const values = encode(entry, cost);
    const [quarterHour = 0] = entry.quarterHours;
    removeAbsorbed(entry);
    for (const key of keysOf(entry.state)) {
      for (const slot of slotsOf(quarterHour, key)) {
        if (insert.run(slot, ...values).changes === 0) continue;
        rollups.replace(undefined, contribution(entry.product, entry.state, cost, NEW_OWNERS));
        addAliases(entry, slot, key);
        return true;
      }
    }
    return false;
  };

  const encode = ({ product, state }: CallEntry, cost: CallCost): (number | null)[] => {
    const { sessionId } = state.base.value;
    const session = sessions.get(product, sessionId);
    const taskRowId = state.taskId === undefined ? 0 : tasks.get(product, state.taskId.value, sessionId).id;
    return encodeCall(state, cost, session.id, taskRowId, strings);
  };

  return {
    merge(fact) {
      const state = modelCallStateOf(fact);
      const { product, endedAtMillis } = fact;
      const startedAtMillis = endedAtMillis - (fact.durationMillis ?? 0);
      sessions.touch(sessions.get(product, fact.sessionId), startedAtMillis, endedAtMillis);
      if (fact.taskId !== undefined) {
        tasks.touch(product, fact.taskId, fact.sessionId, startedAtMillis, endedAtMillis);
      }
      const quarterHour = quarterHourOf(endedAtMillis);
      const same = finder.findSame(product, quarterHour, state);
      const originals = same.filter((entry) => isOriginalOf(entry.state, state));
      const [original] = originals.toSorted(storedFirstThenByKey);
      if (original !== undefined) {
        // A replay of a call that is known by its original adds nothing but when it was seen. That may link other
        // replays to the original, which were too far from it until now.
        const replays = same.filter((entry) => isOriginalOf(original.state, entry.state));
        const seen = [quarterHour, ...replays.flatMap(({ quarterHours }) => quarterHours)];
        for (const each of originals) for (const seenIn of seen) observe(each, seenIn);
        for (const replay of replays) absorb(original, replay);
        for (const other of originals) {
          if (other === original || !isSameCall(original.state, other.state)) continue;
          finder.remove(original);
          original.state = mergeModelCalls(original.state, other.state);
          finder.add(original);
          absorb(original, other);
        }
        return;
      }
      const [kept, ...others] = same.toSorted(storedFirstThenByKey);
      if (kept === undefined) {
        create(product, quarterHour, state);
        return;
      }
      let merged = mergeModelCalls(kept.state, state);
      for (const other of others) {
        if (!isSameCall(merged, other.state)) continue;
        merged = mergeModelCalls(merged, other.state);
        absorb(kept, other);
      }
      observe(kept, quarterHour);
      if (isSameState(kept.state, merged)) return;
      finder.remove(kept);
      kept.state = merged;
      kept.isChanged = true;
      finder.add(kept);
    },
    includeSession(session) {
      const { firstId, lastId } = rowRangeOfSession(session);
      for (const row of selectBySession.all(firstId, lastId, session.id)) load(row).isChanged = true;
    },
    includeTask(task) {
      const { startedAtMillis = 0, lastSeenAtMillis = 0 } = task.state;
      const { firstId, lastId } = rowRange(startedAtMillis, lastSeenAtMillis);
      for (const row of selectByTask.all(firstId, lastId, task.id)) load(row).isChanged = true;
    },
    flush() {
      const counts = { inserted: 0, changed: 0, refused: 0 };
      for (const entry of entries.values()) {
        const { id, stored } = entry;
        if (!entry.isChanged || entry.isAbsorbed || id === undefined || stored === undefined) continue;
        if (writeStored(entry, id, stored)) counts.changed += 1;
      }
      // In the order of the table, so that one page after the other is filled.
      for (const entry of [...created].sort(byPlace)) counts[writeCreated(entry) ? "inserted" : "refused"] += 1;
      this.forget();
      return counts;
    },
    forget() {
      entries.clear();
      created.clear();
      finder.forget();
    },
  };
}

/** Notes a quarter hour in which a call was observed, so that it will be found there. */
function observe(entry: CallEntry, quarterHour: number): void {
  if (entry.quarterHours.includes(quarterHour)) return;
  entry.quarterHours.push(quarterHour);
  entry.isChanged = true;
}

function isOriginalOf(original: ModelCallState, replay: ModelCallState): boolean {
  return replay.isReplay && !original.isReplay && original.requestKey !== replay.requestKey;
}

/** A row in the file is kept, so that what others say of its number stays true; else the least key decides. */
function storedFirstThenByKey(a: CallEntry, b: CallEntry): number {
  return (
    Number(a.id === undefined) - Number(b.id === undefined) ||
    (a.state.requestKey ?? 0) - (b.state.requestKey ?? 0) ||
    (a.state.responseKey ?? 0) - (b.state.responseKey ?? 0)
  );
}

function byPlace(a: CallEntry, b: CallEntry): number {
  return placeOf(a) - placeOf(b);
}

function placeOf({ quarterHours: [quarterHour = 0], state }: CallEntry): number {
  return slotsOf(quarterHour, keysOf(state)[0] ?? 0)[0] ?? 0;
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
    before.reportedCostNanoUsd === after.reportedCostNanoUsd
  );
}
