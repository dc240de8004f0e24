/** Reads rows batch by batch, newest first, until a page is full. */
import type { QueryContext } from "./context.ts";
import { decodeCursor, encodeCursor, type Place, requireLimit } from "./paging.ts";
import type { FactFilter, Page, PageQuestion } from "./types.ts";

/** A row with its place. */
interface PlacedRow<Row> {
  readonly row: Row;
  readonly place: Place;
}

/** The rows of one batch that are wanted, and the place of the last one that was looked at. */
export interface Batch<Row> {
  readonly rows: readonly PlacedRow<Row>[];
  /** Where the next batch begins; undefined behind the last row. */
  readonly next: Place | undefined;
}

/** Fills a page from batches. `read` gives the rows behind a place; `wanted` is how many are still missing. */
export function readPage<Row>(
  context: QueryContext,
  method: string,
  filter: FactFilter,
  { limit, cursor, signal }: PageQuestion,
  read: (after: Place | undefined, wanted: number | undefined) => Batch<Row>,
): Page<Row> {
  requireLimit(method, limit);
  let after = decodeCursor(method, filter, cursor);
  const found: PlacedRow<Row>[] = [];
  return context.inOneState(() => {
    for (;;) {
      signal?.throwIfAborted();
      // One row more than the page holds tells whether there is a next page.
      const { rows, next } = read(after, limit === undefined ? undefined : limit + 1 - found.length);
      for (const row of rows) found.push(row);
      after = next;
      if (next === undefined || (limit !== undefined && found.length > limit)) break;
    }
    const shown = limit === undefined ? found : found.slice(0, limit);
    const last = found.length > shown.length ? shown.at(-1)?.place : undefined;
    return {
      rows: shown.map(({ row }) => row),
      nextCursor: last === undefined ? undefined : encodeCursor(method, filter, last),
      deletedBeforeMillis: deletedBefore(context, filter),
    };
  });
}

/** Before which moment rows that the filter asks for are missing. */
export function deletedBefore(context: QueryContext, { range }: FactFilter): number | undefined {
  const start = context.ledgerStartMillis();
  if (start === undefined || start <= 0) return undefined;
  return range === undefined || range.startMillis < start ? start : undefined;
}
