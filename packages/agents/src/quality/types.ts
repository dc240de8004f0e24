/** What the files of testing and linting tools say of a project. */
import type { QualityCounts, QualityMeasure } from "@moai-metrics/model";

/** Formats that are read. */
export type QualityFormat = "lcov" | "istanbul-summary" | "istanbul-final" | "cobertura" | "eslint" | "biome" | "ruff";

/** What one file says. No path, no name and no message of the file is in it. */
export interface QualityReading {
  readonly format: QualityFormat;
  readonly measure: QualityMeasure;
  /** Who measured it; the format where the file does not say. */
  readonly tool: string;
  readonly counts: QualityCounts;
  /** When it was measured, where the file says so. */
  readonly atMillis?: number | undefined;
  /** Files that a linter names and did not look at. */
  readonly notLinted?: number | undefined;
}

/** A file that cannot be used. The message follows the file's name: `is cut off inside a record`. */
export class QualityReportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "QualityReportError";
  }
}

/** Counts that can be a share. @throws QualityReportError for none of anything, or more than all. */
export function countsOf(good: number, total: number, things: string): QualityCounts {
  if (total === 0) throw new QualityReportError(`holds no ${things}`);
  if (!Number.isSafeInteger(good) || !Number.isSafeInteger(total) || good < 0 || good > total) {
    throw new QualityReportError(`says that ${good} of ${total} ${things} are good, which cannot be`);
  }
  return { good, total };
}
