/** Pages of rows: where one ends and the next begins. */
import { hash53 } from "@moai-metrics/model";
import type { FactFilter } from "./types.ts";

/** Where a page ended: the time and row number of its last row. */
export interface Place {
  readonly millis: number;
  readonly id: number;
}

/** The place behind which lies everything that is older than a moment. */
export function placeBehind(millis: number): Place {
  return { millis: millis - 1, id: Number.MAX_SAFE_INTEGER };
}

/** Opaque text for a place; it only fits the method and the filter that it was made for. */
export function encodeCursor(method: string, filter: FactFilter, { millis, id }: Place): string {
  return Buffer.from(JSON.stringify([millis, id, fingerprint(method, filter)])).toString("base64url");
}

/** @throws RangeError for a text that is no cursor of this method and filter. */
export function decodeCursor(method: string, filter: FactFilter, cursor: string | undefined): Place | undefined {
  if (cursor === undefined) return undefined;
  const [millis, id, made] = parse(cursor);
  if (!Number.isSafeInteger(millis) || !Number.isSafeInteger(id) || made !== fingerprint(method, filter)) {
    throw wrongCursor(method);
  }
  return { millis: millis as number, id: id as number };
}

/** A cursor of another kind, marked with the method and question that it was made for. */
export function markCursor(method: string, question: object, cursor: string): string {
  return `${cursor}.${fingerprint(method, question)}`;
}

/** Such a cursor without its mark. @throws RangeError for one of another method or question. */
export function unmarkCursor(method: string, question: object, marked: string): string {
  const mark = `.${fingerprint(method, question)}`;
  if (!marked.endsWith(mark)) throw wrongCursor(method);
  return marked.slice(0, -mark.length);
}

function wrongCursor(method: string): RangeError {
  return new RangeError(
    `The cursor is not one of ${method} with this filter. Pass nextCursor of the page before, and the same filter.`,
  );
}

function parse(cursor: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

function fingerprint(method: string, filter: object): number {
  const fields = Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return hash53(JSON.stringify([method, fields]));
}

/** @throws RangeError for anything but a whole number from 1. */
export function requireLimit(method: string, limit: number | undefined): void {
  if (limit === undefined || (Number.isSafeInteger(limit) && limit >= 1)) return;
  throw new RangeError(`${method} cannot be limited to ${limit}. Give a whole number from 1, or none for all.`);
}
