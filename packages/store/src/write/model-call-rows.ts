/** Model calls inside a write transaction. */
import { type ModelCallFact, promptTokens, quarterHourOf } from "@moai-metrics/model";
import { costNanoUsd, type PriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import { isSameCall, type ModelCallState, mergeModelCalls, modelCallStateOf } from "../merge/model-call.ts";
import { createKnownRows } from "./known-rows.ts";
import { quarterHourOfRow, rowRange, slotsOf } from "./locator.ts";
import { type CallCost, decodeCall, encodeCall, MODEL_CALL_COLUMNS, type ModelCallRow } from "./model-call-codec.ts";
import type { Prices } from "./prices.ts";
import { type Contribution, callContribution } from "./rollup-columns.ts";
import type { RollupChanges } from "./rollups.ts";
import type { SessionEntry, SessionRows } from "./session-rows.ts";
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
  /** Row number; undefined until a new call is written. */
  id: number | undefined;
  readonly product: string;
  /** The quarter hour under which the row is, or will be, stored. */
  readonly quarterHour: number;
  readonly stored:
    | { readonly state: ModelCallState; readonly cost: CallCost; readonly added: Contribution }
    | undefined;
  state: ModelCallState;
  /** Rows that turned out to be the same call. */
  absorbed: CallEntry[];
  isChanged: boolean;
}

export function createModelCallRows(
  database: Database,
  strings: Strings,
  sessions: SessionRows,
  tasks: TaskRows,
  rollups: RollupChanges,
  prices: Prices,
  priceBook: PriceBook,
): ModelCallRows {
  const sixPlaces = "id IN (?, ?, ?, ?, ?, ?)";
  const knownRows = createKnownRows(database, {
    table: "model_call",
    byPlaces: `
      SELECT id FROM model_call WHERE ${sixPlaces} AND request_key = ?
      UNION ALL SELECT id FROM model_call WHERE ${sixPlaces} AND response_key = ?
      UNION ALL SELECT call_id FROM model_call_alias WHERE ${sixPlaces} AND key = ?`,
    lookups: 3,
    byRange: `
      SELECT request_key, id FROM model_call WHERE id BETWEEN ? AND ? AND request_key IS NOT NULL
      UNION ALL SELECT response_key, id FROM model_call WHERE id BETWEEN ? AND ? AND response_key IS NOT NULL`,
    keyColumns: 2,
  });
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
  const insertAlias = database.prepare<[number, number, number]>(
    "INSERT OR IGNORE INTO model_call_alias (id, key, call_id) VALUES (?, ?, ?)",
  );

  const entries = new Map<number, CallEntry>();
  const created: CallEntry[] = [];
  const byKey = new Map<number, CallEntry[]>();

  const contribution = (
    product: string,
    state: ModelCallState,
    cost: CallCost,
    projectOf: (session: SessionEntry) => number,
    agentOf: (task: TaskEntry) => number,
  ): Contribution => {
    const session = sessions.get(product, state.base.value.sessionId);
    const task =
      state.taskId === undefined ? undefined : tasks.get(product, state.taskId.value, state.base.value.sessionId);
    return callContribution(
      {
        productId: session.productId,
        projectId: projectOf(session),
        agentId: task === undefined ? NO_STRING : agentOf(task),
        modelId: strings.idOf(state.model?.value),
      },
      {
        endedAtMillis: state.base.value.endedAtMillis,
        durationMillis: state.durationMillis?.value,
        usage: state.usage?.value,
        hasError: state.errorType !== undefined,
        costNanoUsd: cost.nanoUsd,
        isCostReported: cost.isReported,
      },
    );
  };

  const index = (entry: CallEntry): void => {
    for (const key of keysOf(entry.state)) {
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [entry]);
      else if (!known.includes(entry)) known.push(entry);
    }
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
      quarterHour: quarterHourOfRow(row.id),
      stored: {
        state,
        cost,
        added: contribution(
          session.product,
          state,
          cost,
          ({ storedProjectId }) => storedProjectId,
          ({ storedAgentId }) => storedAgentId,
        ),
      },
      state,
      absorbed: [],
      isChanged: false,
    };
    entries.set(row.id, entry);
    index(entry);
    return entry;
  };

  const loadKnown = (quarterHour: number, state: ModelCallState): void => {
    for (const key of keysOf(state)) {
      for (const id of knownRows.idsOf(quarterHour, key)) {
        const row = entries.has(id) ? undefined : selectById.get(id);
        if (row !== undefined) load(row);
      }
    }
  };

  /** Everything in reach that means the same call as `state`. */
  const findSame = (product: string, quarterHour: number, state: ModelCallState): CallEntry[] => {
    const same = new Set<CallEntry>();
    for (const key of keysOf(state)) {
      for (const entry of byKey.get(key) ?? []) {
        const isNear = Math.abs(entry.quarterHour - quarterHour) <= 1;
        if (isNear && entry.product === product && isSameCall(entry.state, state)) same.add(entry);
      }
    }
    return [...same];
  };

  const drop = (entry: CallEntry): void => {
    for (const key of keysOf(entry.state)) {
      const others = byKey.get(key)?.filter((other) => other !== entry) ?? [];
      byKey.set(key, others);
    }
    if (entry.id === undefined) created.splice(created.indexOf(entry), 1);
  };

  const costOf = (entry: CallEntry): CallCost => {
    const { state, stored } = entry;
    if (state.reportedCostNanoUsd !== undefined) {
      return { nanoUsd: state.reportedCostNanoUsd.value, isReported: true, priceId: 0 };
    }
    const usage = state.usage?.value;
    const model = state.model?.value;
    if (usage === undefined || model === undefined) return { nanoUsd: undefined, isReported: false, priceId: 0 };
    const isUnchanged =
      stored !== undefined && stored.state.usage?.value === usage && stored.state.model?.value === model;
    if (isUnchanged) return stored.cost;
    const listed = priceBook.find({
      model,
      atMillis: state.base.value.endedAtMillis,
      promptTokens: promptTokens(usage.tokens),
      speed: usage.isFast ? "fast" : undefined,
    });
    // A cost is frozen with the list it was computed from; a newer list does not reprice a call that changes late.
    const frozen =
      stored !== undefined && stored.cost.priceId !== 0 && stored.state.model?.value === model
        ? prices.byId(stored.cost.priceId)
        : undefined;
    const unit = frozen !== undefined && frozen.source !== listed?.source ? frozen : listed;
    if (unit === undefined) return { nanoUsd: undefined, isReported: false, priceId: 0 };
    return {
      nanoUsd: costNanoUsd(unit, usage.tokens, usage.webSearches),
      isReported: false,
      priceId: prices.idOf(unit),
    };
  };

  const addAliases = (id: number, entry: CallEntry, primaryKey: number | undefined): void => {
    const storedKeys = entry.stored === undefined ? [] : keysOf(entry.stored.state);
    for (const key of keysOf(entry.state)) {
      if (key === primaryKey || storedKeys.includes(key)) continue;
      for (const slot of slotsOf(entry.quarterHour, key)) {
        if (insertAlias.run(slot, key, id).changes === 1) break;
      }
    }
  };

  const write = (entry: CallEntry): "inserted" | "changed" | "same" | "refused" => {
    const { state, stored, product } = entry;
    const cost = costOf(entry);
    const added = contribution(
      product,
      state,
      cost,
      ({ projectId }) => projectId,
      ({ agentId }) => agentId,
    );
    const session = sessions.get(product, state.base.value.sessionId);
    const task = state.taskId === undefined ? 0 : tasks.get(product, state.taskId.value, session.sessionId).id;
    const values = encodeCall(state, cost, session.id, task, strings);
    if (entry.id !== undefined && stored !== undefined) {
      rollups.replace(stored.added, added);
      for (const { id: absorbedId, stored: absorbedStored } of entry.absorbed) {
        if (absorbedId === undefined || absorbedStored === undefined) continue;
        remove.run(absorbedId);
        rollups.replace(absorbedStored.added, undefined);
      }
      if (stored.state === state) return "same";
      update.run(...values, entry.id);
      addAliases(entry.id, entry, undefined);
      return "changed";
    }
    const [primaryKey = 0] = keysOf(state);
    for (const slot of slotsOf(entry.quarterHour, primaryKey)) {
      if (insert.run(slot, ...values).changes === 0) continue;
      rollups.replace(undefined, added);
      addAliases(slot, entry, primaryKey);
      return "inserted";
    }
    return "refused";
  };

  return {
    merge(fact) {
      const state = modelCallStateOf(fact);
      const quarterHour = quarterHourOf(fact.endedAtMillis);
      const session = sessions.get(fact.product, fact.sessionId);
      sessions.touch(session, fact.endedAtMillis - (fact.durationMillis ?? 0), fact.endedAtMillis);
      if (fact.taskId !== undefined) tasks.touch(fact.product, fact.taskId, fact.sessionId, fact.endedAtMillis);
      loadKnown(quarterHour, state);
      const [first, ...others] = findSame(fact.product, quarterHour, state);
      if (first === undefined) {
        const entry: CallEntry = {
          id: undefined,
          product: fact.product,
          quarterHour,
          stored: undefined,
          state,
          absorbed: [],
          isChanged: true,
        };
        created.push(entry);
        index(entry);
        return;
      }
      // A stored row is kept, so that what other rows and aliases say of it stays true.
      const kept = first.id === undefined ? (others.find(({ id }) => id !== undefined) ?? first) : first;
      let merged = mergeModelCalls(kept.state, state);
      for (const other of [first, ...others]) {
        if (other === kept) continue;
        merged = mergeModelCalls(merged, other.state);
        drop(other);
        kept.absorbed.push(other, ...other.absorbed);
        kept.isChanged = true;
      }
      if (isSameState(kept.state, merged)) return;
      kept.state = merged;
      kept.isChanged = true;
      index(kept);
    },
    includeSession(session) {
      const { firstId, lastId } = rangeOf(session);
      for (const row of selectBySession.all(firstId, lastId, session.id)) load(row).isChanged = true;
    },
    includeTask(task) {
      const { firstFactAtMillis, lastFactAtMillis } = task.state;
      if (firstFactAtMillis === undefined || lastFactAtMillis === undefined) return;
      const { firstId, lastId } = rowRange(firstFactAtMillis, lastFactAtMillis);
      for (const row of selectByTask.all(firstId, lastId, task.id)) load(row).isChanged = true;
    },
    flush() {
      const counts = { inserted: 0, changed: 0, same: 0, refused: 0 };
      for (const entry of entries.values()) {
        if (entry.isChanged) counts[write(entry)] += 1;
      }
      // In the order of the table, so that one page after the other is filled.
      for (const entry of created.toSorted(byPlace)) counts[write(entry)] += 1;
      this.forget();
      return counts;
    },
    forget() {
      entries.clear();
      created.length = 0;
      byKey.clear();
      knownRows.forget();
    },
  };
}

function byPlace(a: CallEntry, b: CallEntry): number {
  return placeOf(a) - placeOf(b);
}

function placeOf({ quarterHour, state }: CallEntry): number {
  return slotsOf(quarterHour, keysOf(state)[0] ?? 0)[0] ?? 0;
}

function keysOf(state: ModelCallState): number[] {
  return [state.requestKey, state.responseKey].filter((key) => key !== undefined);
}

function rangeOf(session: SessionEntry): { firstId: number; lastId: number } {
  const { activity } = session.state;
  return rowRange(activity[0]?.startMillis ?? 0, activity.at(-1)?.endMillis ?? 0);
}

/** Whether a merge changed nothing: the same parts, or parts of equal content. */
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
