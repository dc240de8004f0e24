/** Marks of what was measured in a period, so that a report is written again when a measurement comes late. */
import type { Period, QualityMeasure } from "@moai-metrics/model";
import type { LedgerFilter, LedgerReader, QualityRow } from "@moai-metrics/store";

/** A measurement, and the score that its change is against. */
type Measured = readonly [row: QualityRow, previousScore: number | undefined];

/** Asks once; the mark of a period in which nothing was measured is empty. */
export function createQualityPrint(
  ledger: Pick<LedgerReader, "quality">,
  filter: Pick<LedgerFilter, "projects">,
  measures: readonly QualityMeasure[] | undefined,
): (period: Period) => string {
  const rows = ledger.quality({ ...filter, measures });
  const measured = rows.map((row, index): Measured => {
    const before = rows[index - 1];
    return [row, before !== undefined && isSameThing(row, before) ? before.score : undefined];
  });
  return ({ startMillis, endMillis }) =>
    measured
      .filter(([{ atMillis }]) => atMillis >= startMillis && atMillis < endMillis)
      .map(([{ project, measure, benchmark, tool, atMillis, score, counts }, previous]) =>
        JSON.stringify([project, measure, benchmark, tool, atMillis, score, counts?.total, previous]),
      )
      .join("");
}

function isSameThing(a: QualityRow, b: QualityRow): boolean {
  return a.project === b.project && a.measure === b.measure && a.benchmark === b.benchmark && a.tool === b.tool;
}
