/** A model call while a transaction works with it. */
import type { ModelCallFact } from "@moai-metrics/model";
import type { OfferedCost } from "../adopt/types.ts";
import type { CountedFact } from "../live/types.ts";
import { type ModelCallState, modelCallStateOf } from "../merge/model-call.ts";
import type { CostedCall } from "./call-cost.ts";
import type { OwnerRows } from "./model-call-codec.ts";
import type { SessionEntry } from "./session-rows.ts";
import type { TaskEntry } from "./task-rows.ts";

/** What a call belongs to. */
export interface CallOwners {
  readonly session: SessionEntry;
  readonly task: TaskEntry | undefined;
}

export function rowIdsOf({ session, task }: CallOwners): OwnerRows {
  return { sessionRowId: session.id, taskRowId: task?.id ?? 0 };
}

/** A call that the current transaction works with. */
export interface CallEntry {
  /** Row number; undefined for a call that is not in the file. */
  readonly id: number | undefined;
  readonly product: string;
  /** The first and the last quarter hour in which it was observed; there is no gap between them. */
  firstSeen: number;
  lastSeen: number;
  /** What is in the file and what that added to the rollups. */
  readonly stored: StoredCall | undefined;
  state: ModelCallState;
  /** Whom the state names, as long as they need not be looked up again. */
  owners: CallOwners | undefined;
  /** Rows that turned out to be the same call. */
  readonly absorbed: CallEntry[];
  /** What it costs in another store that it comes from. */
  readonly offered?: OfferedCost | undefined;
  isAbsorbed: boolean;
  /** To be deleted: a metric no longer tells it, or no longer counts. */
  isGone: boolean;
  isChanged: boolean;
}

/** A call as the file holds it. */
export interface StoredCall extends CostedCall {
  /** Undefined for a call that does not count. */
  readonly added: CountedFact | undefined;
  /** The key that decides where the row lies. */
  readonly placeKey: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/**
 * A call of which the transaction has heard once, and of which the file has nothing: as nearly all are. Its row follows from
 * the one report. It becomes an entry when another call may be the same.
 */
export interface ToldCall {
  readonly fact: ModelCallFact;
  readonly requestKey: number | undefined;
  readonly responseKey: number | undefined;
  readonly quarterHour: number;
  readonly owners: CallOwners;
  /** It has become an entry. */
  isTaken: boolean;
}

/** A call of which one report says everything. */
export function entryOf({ fact, quarterHour, owners }: Pick<ToldCall, "fact" | "quarterHour" | "owners">): CallEntry {
  const entry = newEntry(undefined, fact.product, quarterHour, modelCallStateOf(fact));
  entry.owners = owners;
  entry.isChanged = true;
  return entry;
}

/** @param quarterHour in which it was observed. */
export function newEntry(
  id: number | undefined,
  product: string,
  quarterHour: number,
  state: ModelCallState,
): CallEntry {
  return {
    id,
    product,
    firstSeen: quarterHour,
    lastSeen: quarterHour,
    stored: undefined,
    state,
    owners: undefined,
    absorbed: [],
    isAbsorbed: false,
    isGone: false,
    isChanged: false,
  };
}
