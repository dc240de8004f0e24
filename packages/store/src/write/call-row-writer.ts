/** Rows of model calls in the file: reads them back, writes them where their keys belong, and keeps them findable. */

import { quarterHourOf } from "@moai-metrics/model";
import type { PriceBook } from "@moai-metrics/settings";
import type { Database } from "better-sqlite3";
import type { CountedFact } from "../live/types.ts";
import { NO_DISSENTS } from "../merge/call-witnesses.ts";
import { isSum, type ModelCallState } from "../merge/model-call.ts";
import { callContribution } from "../rollup/contributions.ts";
import { createBulkInsert } from "./bulk-insert.ts";
import { createCallAliases } from "./call-aliases.ts";
import { costAmong, costOfCall } from "./call-cost.ts";
import { createCallDissents } from "./call-dissents.ts";
import { type CallEntry, type CallOwners, entryOf, rowIdsOf, type StoredCall, type ToldCall } from "./call-entry.ts";
import { keysOf } from "./call-finder.ts";
import { createCallShapes } from "./call-shapes.ts";
import type { FactChanges } from "./fact-changes.ts";
import { createKnownRows, type KnownRows } from "./known-rows.ts";
import { firstSlotOf, MAX_STRAY, quarterHourOfRow, SLOTS } from "./locator.ts";
import {
  type CallCost,
  type CallPlace,
  decodeCall,
  encodeCall,
  MODEL_CALL_COLUMNS,
  type ModelCallRow,
} from "./model-call-codec.ts";
import type { Prices } from "./prices.ts";
import type { ReportCoverage } from "./report-coverage.ts";
import { inOrderOfRows } from "./row-order.ts";
import { type SessionEntry, type SessionRows, storedUnder } from "./session-rows.ts";
import { NO_STRING, type Strings } from "./strings.ts";
import type { TaskEntry, TaskRows } from "./task-rows.ts";
import { createToldCalls } from "./told-calls.ts";

/** What calls refer to and move. */
export interface CallBooks {
  readonly strings: Strings;
  readonly sessions: SessionRows;
  readonly tasks: TaskRows;
  readonly changes: FactChanges;
  readonly coverage: ReportCoverage;
  readonly prices: Prices;
  readonly priceBook: PriceBook;
  /** Whether rows are remembered between transactions. */
  readonly remembersRows: boolean;
}

export interface CallRowWriter {
  /** Where stored calls lie: by their own place, and by aliases. */
  readonly known: readonly KnownRows[];
  decode(row: ModelCallRow): StoredCall & { readonly product: string };
  /** Writes changed and new calls, and deletes those that are gone. */
  write(
    changed: readonly CallEntry[],
    created: readonly CallEntry[],
    gone: readonly CallEntry[],
    told: readonly ToldCall[],
  ): { inserted: number; changed: number; refused: number };
  forget(): void;
}

/** Who a call is counted under. */
interface Counting {
  readonly placeOf: (session: SessionEntry) => Pick<SessionEntry, "projectId" | "labelsId">;
  readonly agentOf: (task: TaskEntry) => number;
}

const AS_STORED: Counting = {
  placeOf: storedUnder,
  agentOf: ({ storedAgentId }) => storedAgentId,
};
const AS_SETTLED: Counting = { placeOf: (session) => session, agentOf: ({ agentId }) => agentId };

export function createCallRowWriter(database: Database, books: CallBooks): CallRowWriter {
  const { strings, sessions, tasks, changes, coverage, prices, priceBook, remembersRows } = books;
  const shapes = createCallShapes(database);
  const places = createKnownRows(database, "model_call", { isRemembered: remembersRows });
  const aliases = createCallAliases(database, remembersRows);
  const dissents = createCallDissents(database);
  const insert = database.prepare<(number | null)[]>(
    `INSERT OR IGNORE INTO model_call (${MODEL_CALL_COLUMNS.join(", ")})
     VALUES (${MODEL_CALL_COLUMNS.map(() => "?").join(", ")})`,
  );
  const bulk = createBulkInsert(database, "model_call", MODEL_CALL_COLUMNS, USUAL_VALUES);
  const update = database.prepare<(number | null)[]>(
    `UPDATE model_call SET ${MODEL_CALL_COLUMNS.map((column) => `${column} = ?`).join(", ")} WHERE id = ?`,
  );
  const removeRow = database.prepare<[number]>("DELETE FROM model_call WHERE id = ?");
  const ownersOf = (product: string, { base, taskId }: ModelCallState): CallOwners => {
    const { sessionId } = base.value;
    return {
      session: sessions.get(product, sessionId),
      task: taskId === undefined ? undefined : tasks.get(product, taskId.value, sessionId),
    };
  };

  const contribution = (
    { session, task }: CallOwners,
    state: ModelCallState,
    cost: CallCost,
    counting: Counting,
  ): CountedFact | undefined => {
    if (isSum(state)) return undefined;
    const { endedAtMillis } = state.base.value;
    const { projectId, labelsId } = counting.placeOf(session);
    return callContribution(
      {
        productId: session.productId,
        projectId,
        agentId: task === undefined ? NO_STRING : counting.agentOf(task),
        modelId: strings.idOf(state.model?.value),
      },
      {
        endedAtMillis,
        durationMillis: state.durationMillis?.value,
        firstChunkMillis: state.firstChunkMillis?.value,
        tokens: state.usage?.value.tokens,
        hasError: state.errorType !== undefined,
        errorTypeId: state.errorType === undefined ? undefined : strings.idOf(state.errorType.value),
        labelsId,
        costNanoUsd: cost.nanoUsd,
        isCostReported: cost.isReported,
      },
    );
  };

  /** Writes a row, unless another one is in its place. */
  const insertRow = (id: number, row: readonly (number | null)[]): boolean => {
    if (places.isFree(id)) {
      bulk.add(row);
    } else {
      bulk.flush();
      if (insert.run(...row).changes === 0) return false;
    }
    places.add(id, id);
    return true;
  };

  const moveTotals = ({ session, task }: CallOwners, added: CountedFact | undefined, sign: 1 | -1): void => {
    if (added === undefined) return;
    sessions.changeTotals(session, added, sign);
    if (task !== undefined) tasks.changeTotals(task, added, sign);
  };

  const reports = createToldCalls(books, { shapes, insertRow, addAlias: aliases.add, moveTotals });

  /** A call as it was stored no longer counts. */
  const discount = (product: string, stored: StoredCall): void => {
    changes.replace(stored.added, undefined);
    coverage.touch(stored.state.base.value.endedAtMillis);
    moveTotals(ownersOf(product, stored.state), stored.added, -1);
  };

  /** A call counts. */
  const count = (owners: CallOwners, state: ModelCallState, cost: CallCost): void => {
    const added = contribution(owners, state, cost, AS_SETTLED);
    changes.replace(undefined, added);
    coverage.touch(state.base.value.endedAtMillis);
    moveTotals(owners, added, 1);
  };

  /** A call counts as it is now, and no longer as it was stored. */
  const recount = (
    product: string,
    stored: StoredCall,
    owners: CallOwners,
    state: ModelCallState,
    cost: CallCost,
  ): void => {
    const added = contribution(owners, state, cost, AS_SETTLED);
    changes.replace(stored.added, added);
    coverage.touch(stored.state.base.value.endedAtMillis);
    coverage.touch(state.base.value.endedAtMillis);
    moveTotals(ownersOf(product, stored.state), stored.added, -1);
    moveTotals(owners, added, 1);
  };

  const remove = (id: number, { state }: StoredCall): void => {
    removeRow.run(id);
    places.remove(id);
    dissents.replace(id, state.witnesses.dissents, NO_DISSENTS);
  };

  const removeStored = ({ id, stored, product }: CallEntry): void => {
    if (id === undefined || stored === undefined) return;
    remove(id, stored);
    discount(product, stored);
  };

  const removeAbsorbed = ({ absorbed }: CallEntry): void => {
    for (const entry of absorbed) removeStored(entry);
  };

  /** Makes a row findable under every key and in every quarter hour, apart from where it lies or was findable. */
  const addAliases = (entry: CallEntry, place: CallPlace, known: StoredCall | undefined): void => {
    const placeQuarterHour = quarterHourOfRow(place.id);
    const knownKeys = known === undefined ? [] : keysOf(known.state);
    for (let quarterHour = entry.firstSeen; quarterHour <= entry.lastSeen; quarterHour++) {
      const wasSeen = known !== undefined && known.firstSeen <= quarterHour && quarterHour <= known.lastSeen;
      for (const key of keysOf(entry.state)) {
        if ((quarterHour === placeQuarterHour && key === place.key) || (wasSeen && knownKeys.includes(key))) continue;
        aliases.add(quarterHour, key, place.id);
      }
    }
  };

  /** Finds a free place and writes the row there. */
  const place = (entry: CallEntry, owners: CallOwners, cost: CallCost): boolean => {
    const rowIds = rowIdsOf(owners);
    const quarterHour = quarterHourOf(entry.state.base.value.endedAtMillis);
    for (const key of keysOf(entry.state)) {
      const firstSlot = firstSlotOf(quarterHour, key);
      for (let id = firstSlot; id < firstSlot + SLOTS; id++) {
        const row = encodeCall(entry.state, { id, key }, cost, rowIds, shapes, strings);
        if (!insertRow(id, row)) continue;
        addAliases(entry, { id, key }, undefined);
        dissents.replace(id, NO_DISSENTS, entry.state.witnesses.dissents);
        return true;
      }
    }
    return false;
  };

  const costOf = (entry: CallEntry): CallCost => {
    const { state, stored, absorbed, offered } = entry;
    const own = costOfCall(state, stored, priceBook, prices);
    if (offered === undefined && absorbed.length === 0) return own;
    const offers = [offered, ...absorbed.map((each) => each.offered)].filter((each) => each !== undefined);
    return offers.length === 0 ? own : costAmong(own, stored !== undefined, state, offers, prices);
  };

  const writeStored = (entry: CallEntry, id: number, stored: StoredCall): "same" | "changed" | "refused" => {
    const cost = costOf(entry);
    removeAbsorbed(entry);
    const owners = entry.owners ?? ownersOf(entry.product, entry.state);
    recount(entry.product, stored, owners, entry.state, cost);
    if (isMisplaced(entry.state, id, stored.placeKey)) {
      remove(id, stored);
      return place(entry, owners, cost) ? "changed" : "refused";
    }
    const at = { id, key: stored.placeKey };
    addAliases(entry, at, stored);
    if (stored.state === entry.state && isSameCost(stored.cost, cost)) return "same";
    dissents.replace(id, stored.state.witnesses.dissents, entry.state.witnesses.dissents);
    update.run(...encodeCall(entry.state, at, cost, rowIdsOf(owners), shapes, strings), id);
    return "changed";
  };

  const writeCreated = (entry: CallEntry): "inserted" | "refused" => {
    const cost = costOf(entry);
    removeAbsorbed(entry);
    const owners = entry.owners ?? ownersOf(entry.product, entry.state);
    if (!place(entry, owners, cost)) return "refused";
    count(owners, entry.state, cost);
    return "inserted";
  };

  return {
    known: [places, aliases.known],
    decode(row) {
      const session = sessions.byId(row.session_id);
      const task = row.task_id === 0 ? undefined : tasks.byId(row.task_id);
      const { state, cost, placeKey } = decodeCall(row, session.sessionId, task?.taskId, shapes, strings, dissents.of);
      const lies = quarterHourOfRow(row.id);
      const isSeenIn = (quarterHour: number): boolean =>
        keysOf(state).some((key) => aliases.has(quarterHour, key, row.id));
      let firstSeen = lies;
      let lastSeen = lies;
      while (isSeenIn(firstSeen - 1)) firstSeen -= 1;
      while (isSeenIn(lastSeen + 1)) lastSeen += 1;
      const owners = { session, task: state.taskId === undefined ? undefined : task };
      const added = contribution(owners, state, cost, AS_STORED);
      return { product: session.product, state, cost, added, placeKey, firstSeen, lastSeen };
    },
    write(changed, created, gone, told) {
      const counts = { inserted: 0, changed: 0, refused: 0, same: 0 };
      for (const entry of gone) removeStored(entry);
      for (const entry of changed) {
        if (entry.id !== undefined && entry.stored !== undefined) {
          counts[writeStored(entry, entry.id, entry.stored)] += 1;
        }
      }
      // In the order of the table, so that one page after the other is filled.
      for (const entry of inOrderOfRows(created, placeOf)) counts[writeCreated(entry)] += 1;
      for (const report of inOrderOfRows(told, firstPlaceOf)) {
        if (report.isTaken) continue;
        // Where all places of its first key are taken, its other key may have room.
        if (reports.write(report)) counts.inserted += 1;
        else counts[writeCreated(entryOf(report))] += 1;
      }
      bulk.flush();
      aliases.flush();
      places.settle();
      return counts;
    },
    forget() {
      bulk.discard();
      shapes.forget();
      places.forget();
      aliases.forget();
    },
  };
}

function isSameCost(a: CallCost, b: CallCost): boolean {
  return a.nanoUsd === b.nanoUsd && a.priceId === b.priceId && a.isReported === b.isReported;
}

/** Whether a row must move: by its keys, or because its time has moved away too far for questions to find it. */
function isMisplaced(state: ModelCallState, id: number, placeKey: number): boolean {
  const stray = quarterHourOf(state.base.value.endedAtMillis) - quarterHourOfRow(id);
  return !keysOf(state).includes(placeKey) || Math.abs(stray) > MAX_STRAY;
}

/** What few witnesses tell, or few calls have. */
const USUAL_VALUES = { first_chunk_ms: null, reasoning: 0, web_searches: 0 } as const;

function placeOf({ state: { requestKey, responseKey, base } }: CallEntry): number {
  return firstSlotOf(quarterHourOf(base.value.endedAtMillis), requestKey ?? responseKey ?? 0);
}

function firstPlaceOf({ requestKey, responseKey, quarterHour }: ToldCall): number {
  return firstSlotOf(quarterHour, requestKey ?? responseKey ?? 0);
}
