/** Finds the calls that a report may mean, in this transaction and in the file. */
import type { Database } from "better-sqlite3";
import { isSameCall, type ModelCallState } from "../merge/model-call.ts";
import { createKnownRows } from "./known-rows.ts";

/** A call that the current transaction works with, as far as finding it goes. */
export interface FindableCall {
  readonly product: string;
  readonly state: ModelCallState;
  /** The quarter hours in which it was observed, as far as this transaction knows. */
  readonly quarterHours: readonly number[];
}

/**
 * Two observations mean the same call only when their quarter hours are equal or adjacent, or when other observations
 * of the call lie between them: vendors' ids are unique, but stand-in servers hand out the same ones again.
 */
export interface CallFinder<T extends FindableCall> {
  /** Makes a call findable under the keys of its state. */
  add(call: T): void;
  /** Takes a call away again, under the keys that it was added with. */
  remove(call: T): void;
  /** Every call that an observation may mean. */
  findSame(product: string, quarterHour: number, state: ModelCallState): T[];
  forget(): void;
}

/** @param load the call of a row number, or undefined when there is no such row any more. */
export function createCallFinder<T extends FindableCall>(
  database: Database,
  load: (id: number) => T | undefined,
): CallFinder<T> {
  const sixPlaces = "id IN (?, ?, ?, ?, ?, ?)";
  const knownRows = createKnownRows(database, {
    tables: ["model_call", "model_call_alias"],
    byPlaces: `
      SELECT id FROM model_call WHERE ${sixPlaces} AND request_key = ?
      UNION ALL SELECT id FROM model_call WHERE ${sixPlaces} AND response_key = ?
      UNION ALL SELECT call_id FROM model_call_alias WHERE ${sixPlaces} AND key = ?`,
    lookups: 3,
    byRange: `
      SELECT request_key, id FROM model_call WHERE id BETWEEN ? AND ? AND request_key IS NOT NULL
      UNION ALL SELECT response_key, id FROM model_call WHERE id BETWEEN ? AND ? AND response_key IS NOT NULL
      UNION ALL SELECT key, call_id FROM model_call_alias WHERE id BETWEEN ? AND ?`,
    ranges: 3,
  });
  const byKey = new Map<number, T[]>();

  return {
    add(call) {
      for (const key of keysOf(call.state)) {
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, [call]);
        else if (!known.includes(call)) known.push(call);
      }
    },
    remove(call) {
      for (const key of keysOf(call.state)) {
        const known = byKey.get(key);
        if (known !== undefined) known.splice(known.indexOf(call), 1);
      }
    },
    findSame(product, quarterHour, state) {
      const same: T[] = [];
      const consider = (call: T | undefined): void => {
        if (call === undefined || call.product !== product || same.includes(call)) return;
        if (isSameCall(call.state, state)) same.push(call);
      };
      for (const key of keysOf(state)) {
        // Loading adds to the list that is being read, so it comes first.
        for (const id of knownRows.idsOf(quarterHour, key)) consider(load(id));
        for (const call of byKey.get(key) ?? []) {
          if (call.quarterHours.some((seen) => Math.abs(seen - quarterHour) <= 1)) consider(call);
        }
      }
      return same;
    },
    forget() {
      byKey.clear();
      knownRows.forget();
    },
  };
}

/** The keys under which a call can be found; the first one decides where it lies. */
export function keysOf({ requestKey, responseKey }: ModelCallState): number[] {
  if (requestKey === undefined) return responseKey === undefined ? [] : [responseKey];
  return responseKey === undefined ? [requestKey] : [requestKey, responseKey];
}
