/** Least and greatest values that were taken back: the ledger tells which ones are now. */
import { MAX_STRAY } from "../write/row-places.ts";
import { sheetId } from "./places.ts";
import { cellIn, type Sheet } from "./sheet.ts";
import type { Cell, SummaryTable } from "./summary.ts";
import { DISTRIBUTION_COUNT } from "./sums.ts";

/** A cell of which a quarter hour lost extremes. */
export interface LostCell {
  readonly quarterHour: number;
  readonly cell: Cell;
  /** A bit for each distribution that lost its least or greatest value. */
  readonly distributions: number;
}

/** Instead of cells where a quarter hour holds less than nothing: the ledger has to tell all of it. */
export const ALL_LOST = "all";

/** Quarter hours that sheets alone do not tell, with what is lost of each. */
export type Untold = ReadonlyMap<number, readonly LostCell[] | typeof ALL_LOST>;

/** Notes what sheets do not tell. */
export interface UntoldNotes {
  readonly untold: Untold;
  /** To be called once for a cell of a quarter hour, also when nothing is lost. */
  noteCell(lost: LostCell): void;
  noteAll(quarterHour: number): void;
}

export function createUntoldNotes(): UntoldNotes {
  const untold = new Map<number, LostCell[] | typeof ALL_LOST>();
  return {
    untold,
    noteCell(lost) {
      if (lost.distributions === 0) return;
      const known = untold.get(lost.quarterHour);
      if (known === undefined) untold.set(lost.quarterHour, [lost]);
      else if (known !== ALL_LOST) known.push(lost);
    },
    noteAll: (quarterHour) => void untold.set(quarterHour, ALL_LOST),
  };
}

/** Quarter hours that are read from the ledger together. */
export interface UntoldSpan {
  readonly from: number;
  /** Exclusive. */
  readonly behind: number;
  readonly lost: readonly LostCell[] | typeof ALL_LOST;
}

/** Whoever reads a span reads so many quarter hours on each side of it, too: rows may lie there. */
const MARGIN = 2 * MAX_STRAY;

/** Those that lie close together are read at once, so that a day of late facts is read once. Pure. */
export function planRecovery(untold: Untold): UntoldSpan[] {
  const spans: UntoldSpan[] = [];
  for (const [from, lost] of [...untold].sort(([a], [b]) => a - b)) {
    const next = { from, behind: from + 1, lost };
    const last = spans.at(-1);
    const together = last && join(last, next);
    if (together === undefined) spans.push(next);
    else spans[spans.length - 1] = together;
  }
  return spans;
}

/** Undefined where they had better be read one by one. */
function join(last: UntoldSpan, next: UntoldSpan): UntoldSpan | undefined {
  const [from, behind] = [last.from, next.behind];
  if (last.lost === ALL_LOST || next.lost === ALL_LOST) {
    return last.lost === next.lost && last.behind === next.from ? { from, behind, lost: ALL_LOST } : undefined;
  }
  return next.from - last.behind <= MARGIN ? { from, behind, lost: [...last.lost, ...next.lost] } : undefined;
}

/**
 * Finds lost extremes among the values that count.
 * @param first quarter hour of the table's first slot.
 * @param sheets every value of these cells in their quarter hours.
 */
export function replaceExtremes(
  { cells }: SummaryTable,
  first: number,
  lost: readonly LostCell[],
  sheets: ReadonlyMap<number, Sheet>,
): void {
  for (const { quarterHour, cell, distributions } of lost) {
    const summary = cells.get(cell.key)?.slots[quarterHour - first];
    if (summary === undefined) continue;
    const sheet = sheets.get(sheetId(quarterHour, cell.projectId));
    const values = sheet && cellIn(sheet, cell)?.values;
    for (let d = 0; d < DISTRIBUTION_COUNT; d++) {
      if ((distributions & (1 << d)) === 0) continue;
      // Thousands of values are too many for the arguments of a call.
      let [min, max] = [Infinity, -Infinity];
      for (const value of values?.[d]?.keys() ?? []) {
        if (value < min) min = value;
        if (value > max) max = value;
      }
      summary.min[d] = min;
      summary.max[d] = max;
    }
  }
}
