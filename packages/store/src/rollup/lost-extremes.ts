/** Least and greatest values that were taken back: the ledger tells which ones are now. */
import { projectOfSheet, quarterHourOfSheet } from "./places.ts";
import type { Sheet } from "./sheet.ts";
import { cellOf, type Summary, type SummaryTable } from "./summary.ts";
import { DISTRIBUTION_COUNT } from "./sums.ts";

/** Quarter hours that sheets alone do not tell, with a bit for each distribution whose extremes are lost. */
export type Untold = ReadonlyMap<number, number>;

/** Instead of these bits where a quarter hour holds less than nothing: the ledger has to tell all of it. */
export const ALL_LOST = -1;

/** Quarter hours that are read from the ledger together. */
export interface UntoldSpan {
  readonly from: number;
  /** Exclusive. */
  readonly behind: number;
  /** A bit for each distribution that lost extremes in any of them, or {@link ALL_LOST}. */
  readonly lost: number;
}

/** Neighbours together, so that a day of late facts is read once. Pure. */
export function planRecovery(untold: Untold): UntoldSpan[] {
  const spans: UntoldSpan[] = [];
  for (const [from, lost] of [...untold].sort(([a], [b]) => a - b)) {
    const last = spans.at(-1);
    if (last?.behind === from && (lost === ALL_LOST) === (last.lost === ALL_LOST)) {
      spans[spans.length - 1] = { from: last.from, behind: from + 1, lost: last.lost | lost };
    } else {
      spans.push({ from, behind: from + 1, lost });
    }
  }
  return spans;
}

/**
 * Finds the lost extremes of a span among its values.
 * @param first quarter hour of the table's first slot.
 * @param sheets every value of these distributions that counts in the span.
 */
export function replaceExtremes(
  { cells }: SummaryTable,
  first: number,
  { from, behind, lost }: UntoldSpan,
  sheets: ReadonlyMap<number, Sheet>,
): void {
  const distributions = Array.from({ length: DISTRIBUTION_COUNT }, (_, d) => d).filter((d) => (lost & (1 << d)) !== 0);
  for (const { slots } of cells.values()) {
    for (let slot = from - first; slot < behind - first; slot++) {
      for (const d of slots[slot] === undefined ? [] : distributions) setExtremes(slots[slot], d, Infinity, -Infinity);
    }
  }
  for (const [id, sheet] of sheets) {
    for (const { productId, agentId, modelId, values } of sheet.values()) {
      const { key } = cellOf(productId, projectOfSheet(id), agentId, modelId);
      const summary = cells.get(key)?.slots[quarterHourOfSheet(id) - first];
      for (const d of distributions) {
        // Thousands of values are too many for the arguments of a call.
        let [min, max] = [Infinity, -Infinity];
        for (const value of values[d]?.keys() ?? []) {
          if (value < min) min = value;
          if (value > max) max = value;
        }
        setExtremes(summary, d, min, max);
      }
    }
  }
}

function setExtremes(summary: Summary | undefined, distribution: number, min: number, max: number): void {
  if (summary === undefined) return;
  summary.min[distribution] = min;
  summary.max[distribution] = max;
}
