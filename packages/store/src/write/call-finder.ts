/** Finds the calls that a report may mean, in this transaction and in the file. */
import { isSameCall, type ModelCallState } from "../merge/model-call.ts";
import type { KnownRows } from "./known-rows.ts";

/** A call that the current transaction works with, as far as finding it goes. */
export interface FindableCall {
  readonly product: string;
  readonly state: ModelCallState;
  /** The first and the last quarter hour in which it was observed; there is no gap between them. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** A call that was told once: there is no state of it yet. */
export interface FindableReport {
  readonly requestKey: number | undefined;
  readonly responseKey: number | undefined;
}

/**
 * Two observations mean the same call only when their quarter hours are equal or adjacent, or when other observations
 * of the call lie between them: vendors' ids are unique, but stand-in servers hand out the same ones again.
 */
export interface CallFinder<T extends FindableCall, R extends FindableReport> {
  /** Makes a call findable under the keys of its state. */
  add(call: T): void;
  /** Takes a call away again, under the keys that it was added with. */
  remove(call: T): void;
  /** Whether no other call, neither in this transaction nor in the file, can be the same as a report of these keys. */
  isUnknown(quarterHour: number, requestKey: number | undefined, responseKey: number | undefined): boolean;
  /** Makes a report findable of which no other call is known. */
  addReport(report: R): void;
  /** A report has become a call. */
  exchange(report: R, call: T): void;
  /** Every other call that means the same as this one. */
  findSame(call: FindableCall): T[];
  forget(): void;
}

/** What finding needs to know of the file, and of reports. */
interface CallSources<T, R> {
  /** Where stored calls lie: by their own place, and by aliases. */
  readonly known: readonly KnownRows[];
  /** The call of a row number, or undefined when there is no such row any more. */
  load(id: number): T | undefined;
  isReport(found: T | R): found is R;
  /** Makes a call of a report, and exchanges them. */
  take(report: R): T;
}

export function createCallFinder<T extends FindableCall, R extends FindableReport>({
  known,
  load,
  isReport,
  take,
}: CallSources<T, R>): CallFinder<T, R> {
  // Nearly every key has one call, so lists are made for the others only. The map is exchanged, not emptied: once the
  // first of its tables is old, V8 keeps all that follow it alive, with every call that was in them.
  let byKey = new Map<number, T | R | (T | R)[]>();
  const listOf = (key: number): readonly (T | R)[] => {
    const calls = byKey.get(shortOf(key));
    if (calls === undefined) return [];
    return Array.isArray(calls) ? calls : [calls];
  };

  const addUnder = (key: number, call: T): void => {
    const short = shortOf(key);
    const others = byKey.get(short);
    if (others === undefined) byKey.set(short, call);
    else if (!listOf(key).includes(call)) byKey.set(short, [...listOf(key), call]);
  };

  const exchangeUnder = (key: number, report: R, call: T): void => {
    byKey.set(
      shortOf(key),
      listOf(key).map((each) => (each === report ? call : each)),
    );
  };

  /** Whether a call means the same as the wanted one, and was seen near it. */
  const isSame = (call: T, wanted: FindableCall): boolean =>
    (call as FindableCall) !== wanted &&
    call.product === wanted.product &&
    call.firstSeen - 1 <= wanted.lastSeen &&
    wanted.firstSeen - 1 <= call.lastSeen &&
    isSameCall(call.state, wanted.state);

  const findUnder = (key: number, wanted: FindableCall, found: T[]): void => {
    const consider = (call: T | undefined): void => {
      if (call !== undefined && isSame(call, wanted) && !found.includes(call)) found.push(call);
    };
    // Loading adds to the list that is read below, so it comes first.
    for (let quarterHour = wanted.firstSeen; quarterHour <= wanted.lastSeen; quarterHour++) {
      for (const rows of known) for (const id of rows.near(quarterHour, key)) consider(load(id));
    }
    const calls = byKey.get(shortOf(key));
    if (calls === undefined) return;
    if (!Array.isArray(calls)) consider(isReport(calls) ? take(calls) : calls);
    else for (const call of calls) consider(isReport(call) ? take(call) : call);
  };

  const isUnknownUnder = (key: number, quarterHour: number): boolean => {
    if (byKey.has(shortOf(key))) return false;
    for (let i = 0; i < known.length; i++) {
      if ((known[i] as KnownRows).near(quarterHour, key).length > 0) return false;
    }
    return true;
  };

  return {
    add(call) {
      const { requestKey, responseKey } = call.state;
      if (requestKey !== undefined) addUnder(requestKey, call);
      if (responseKey !== undefined) addUnder(responseKey, call);
    },
    remove(call) {
      for (const key of keysOf(call.state)) {
        const others = listOf(key).filter((other) => other !== call);
        if (others.length === 0) byKey.delete(shortOf(key));
        else byKey.set(shortOf(key), others);
      }
    },
    isUnknown(quarterHour, requestKey, responseKey) {
      if (requestKey !== undefined && !isUnknownUnder(requestKey, quarterHour)) return false;
      return responseKey === undefined || isUnknownUnder(responseKey, quarterHour);
    },
    addReport(report) {
      const { requestKey, responseKey } = report;
      if (requestKey !== undefined) byKey.set(shortOf(requestKey), report);
      if (responseKey !== undefined) byKey.set(shortOf(responseKey), report);
    },
    exchange(report, call) {
      const { requestKey, responseKey } = report;
      if (requestKey !== undefined) exchangeUnder(requestKey, report, call);
      if (responseKey !== undefined) exchangeUnder(responseKey, report, call);
    },
    findSame(wanted) {
      const found: T[] = [];
      const { requestKey, responseKey } = wanted.state;
      if (requestKey !== undefined) findUnder(requestKey, wanted, found);
      if (responseKey !== undefined) findUnder(responseKey, wanted, found);
      return found;
    },
    forget() {
      byKey = new Map();
    },
  };
}

/** 30 bits of a key: V8 finds whole numbers of this size much faster than longer ones. Calls themselves are compared. */
function shortOf(key: number): number {
  return key & 0x3fffffff;
}

/** The keys under which a call can be found; the first one decides where it lies. */
export function keysOf({ requestKey, responseKey }: ModelCallState): number[] {
  if (requestKey === undefined) return responseKey === undefined ? [] : [responseKey];
  return responseKey === undefined ? [requestKey] : [requestKey, responseKey];
}
