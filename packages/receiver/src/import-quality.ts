/** Imports reports of testing and linting tools. */
import { resolve } from "node:path";
import { type QualityReading, QualityReportError, readQualityReport } from "@moai-metrics/agents/quality";
import type { QualityFact } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";

/** What to import. */
export interface QualityImportOptions {
  /** Files as they were named; relative ones lie in `folder`. */
  readonly files: readonly string[];
  readonly folder: string;
  /** Absolute path of the project that they are about. */
  readonly project: string;
  /** When all of them were measured. Default: what a file says, else when it was last changed. */
  readonly atMillis?: number | undefined;
  /** How many files Ruff looked at. */
  readonly linted?: number | undefined;
}

/** One report that was read. */
export interface ImportedReport extends Omit<QualityReading, "atMillis"> {
  /** As it was named. */
  readonly file: string;
  readonly score: number;
  readonly atMillis: number;
  /** `known`: it was imported before; `refused`: it was not stored, for a reason. */
  readonly state: "new" | "known" | "changed" | "refused";
  readonly reason?: string | undefined;
}

/** One file that could not be used. */
export interface FailedReport {
  readonly file: string;
  /** Follows the name of the file: `is not JSON, or is cut off`. */
  readonly problem: string;
}

/** What an import did. */
export interface QualityImportOutcome {
  readonly project: string;
  readonly reports: readonly ImportedReport[];
  readonly failed: readonly FailedReport[];
}

/**
 * Reads every file and stores what it says; a broken one does not keep the others from being imported. The same file
 * again is the same measurement.
 * @throws StoreError when the store cannot be written.
 */
export function importQuality(store: Pick<Store, "write">, options: QualityImportOptions): QualityImportOutcome {
  const reports: ImportedReport[] = [];
  const failed: FailedReport[] = [];
  for (const file of options.files) {
    try {
      const report = readFile(file, options);
      const rival = reports.find((other) => areRivals(report, other));
      if (rival !== undefined) throw new QualityReportError(rivalry(rival.file));
      reports.push({ ...report, ...write(store, options.project, report) });
    } catch (error) {
      failed.push({ file, problem: problemOf(error) });
    }
  }
  return { project: options.project, reports, failed };
}

type ReadReport = Omit<ImportedReport, "state" | "reason">;

function readFile(file: string, { folder, atMillis, linted }: QualityImportOptions): ReadReport {
  const { atMillis: saidAtMillis, modifiedAtMillis, ...reading } = readQualityReport(resolve(folder, file), { linted });
  const { good, total } = reading.counts;
  return { file, ...reading, score: good / total, atMillis: atMillis ?? saidAtMillis ?? modifiedAtMillis };
}

function write(
  store: Pick<Store, "write">,
  project: string,
  { measure, tool, counts, score, atMillis }: ReadReport,
): Pick<ImportedReport, "state" | "reason"> {
  const fact: QualityFact = {
    kind: "quality",
    witness: "toolReport",
    measure,
    project,
    tool,
    atMillis,
    score,
    counts,
  };
  const { inserted, changed, refused } = store.write({ facts: [fact] });
  const [reason] = Object.keys(refused);
  if (reason !== undefined) return { state: "refused", reason };
  return { state: inserted > 0 ? "new" : changed > 0 ? "changed" : "known" };
}

/** Both would be one measurement, and one of them would be lost without a word. */
function areRivals(a: ReadReport, b: ReadReport): boolean {
  const isSameKey = a.measure === b.measure && a.tool === b.tool && a.atMillis === b.atMillis;
  return isSameKey && (a.counts.good !== b.counts.good || a.counts.total !== b.counts.total);
}

function rivalry(file: string): string {
  return (
    `says something else than ${file} for the same project, tool and time: ` +
    "import it by itself, with the --project that it is about"
  );
}

/** @throws what has nothing to do with the file. */
function problemOf(error: unknown): string {
  if (error instanceof QualityReportError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "is not there";
  if (syscall !== undefined) return `cannot be read (${code})`;
  throw error;
}
