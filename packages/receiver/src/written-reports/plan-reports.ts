/** Which reports are missing or out of date. Pure. */
import type { Period } from "@moai-metrics/model";

/** A day or week that is over, and what its report depends on. */
export interface ClosedPeriod {
  readonly unit: "day" | "week";
  readonly period: Period;
  /** Of the figures of this period and of the one before, which its trends compare with. */
  readonly fingerprint: string;
}

/** Fingerprints that the written reports were made from, by the names of their files. */
export type WrittenMarks = Readonly<Record<string, string>>;

/** A report to write. */
export interface PlannedReport extends ClosedPeriod {
  /** `daily/2025-11-29.json`, relative to the folder of the reports. */
  readonly file: string;
}

/** Folders of reports inside of that of all reports. */
export const REPORT_FOLDERS = { day: "daily", week: "weekly" } as const;

/** Reports that are not there, or whose figures have changed since they were written; the newest first. */
export function planReports(
  closed: readonly ClosedPeriod[],
  written: WrittenMarks,
  present: ReadonlySet<string>,
): PlannedReport[] {
  return closed
    .map((each) => ({ ...each, file: `${REPORT_FOLDERS[each.unit]}/${each.period.label}.json` }))
    .filter(({ file, fingerprint }) => written[file] !== fingerprint || !present.has(file))
    .toSorted((a, b) => b.period.endMillis - a.period.endMillis);
}
