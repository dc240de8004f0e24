/** Writes the reports of days and weeks that are over into a folder, and again those that late facts have changed. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { QualityMeasure, ZoneCalendar } from "@moai-metrics/model";
import { periodReportDocument, renderJson, withoutKeys } from "@moai-metrics/report";
import type { LedgerFilter, RollupState, Store } from "@moai-metrics/store";
import { replaceFile } from "../replace-file.ts";
import { closedPeriods, type DayPrints } from "./closed-periods.ts";
import { digest } from "./digest.ts";
import { type ClosedPeriod, planReports, REPORT_FOLDERS, type WrittenMarks } from "./plan-reports.ts";
import { createQualityPrint } from "./quality-print.ts";

/** What to write, and where. */
export interface WriteReportsOptions {
  /** Folder of the reports: `daily/` and `weekly/` lie in it. */
  readonly folder: string;
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  readonly hasDays: boolean;
  readonly hasWeeks: boolean;
  /** Keys that the documents leave out. */
  readonly hidden: ReadonlySet<string>;
  /** Measures of quality that reports tell. Default: all. */
  readonly qualityMeasures?: readonly QualityMeasure[] | undefined;
  /** Only these projects; everything by default. */
  readonly filter?: Pick<LedgerFilter, "projects"> | undefined;
  /** Stops after this long, but not before the first one, and goes on the next time. Default: never. */
  readonly maxMillis?: number | undefined;
}

/** What was written. */
export interface WriteReportsOutcome {
  readonly written: readonly string[];
  /** Reports left for the next time. */
  readonly left: number;
}

/** What the folder knows of itself, so that nothing is made twice. */
interface Marks {
  /** The state in which nothing was left to write: the same again needs no look at the days. */
  readonly settled: string;
  readonly prints: DayPrints;
  readonly reports: WrittenMarks;
}

const QUALITY_MARK_LENGTH = 8;
const MARKS_FILE = ".written.json";
const NO_MARKS: Marks = { settled: "", prints: { generation: -1, timeZone: "", days: {} }, reports: {} };

/** @throws the system's error when the folder cannot be written. */
export function writeReports(store: Pick<Store, "ledger">, options: WriteReportsOptions): WriteReportsOutcome {
  const { folder, calendar, hidden, filter = {}, qualityMeasures, maxMillis = Infinity } = options;
  const due = findDue(store, options);
  if (due === undefined) return { written: [], left: 0 };
  const startedAt = performance.now();
  const { planned, marks, marksText, prints, state, hasClosed } = due;
  const reports: Record<string, string> = { ...marks.reports };
  const written: string[] = [];
  for (const { unit, period, file, fingerprint } of planned) {
    if (written.length > 0 && performance.now() - startedAt > maxMillis) break;
    const document = periodReportDocument(store, { unit, date: period.firstDate, calendar, filter, qualityMeasures });
    replaceFile(join(folder, file), renderJson(withoutKeys(document, hidden)));
    reports[file] = fingerprint;
    written.push(file);
  }
  const left = planned.length - written.length;
  const text = JSON.stringify({ settled: left === 0 ? (state ?? "") : "", prints, reports } satisfies Marks);
  if (text !== marksText && hasClosed) replaceFile(join(folder, MARKS_FILE), text);
  return { written, left };
}

/** A report that should be there and is not. */
export interface MissingReport {
  readonly path: string;
  /** When its day or week was over. */
  readonly dueSinceMillis: number;
}

/** Reports of closed days and weeks that are not there. Writes nothing. */
export function missingReports(store: Pick<Store, "ledger">, options: WriteReportsOptions): MissingReport[] {
  const due = findDue(store, options);
  return (due?.planned ?? [])
    .filter(({ file }) => due?.present.has(file) === false)
    .map(({ file, period }) => ({ path: join(options.folder, file), dueSinceMillis: period.endMillis }));
}

/** Reports that are missing or out of date, the newest first, and what to remember; undefined when all are as they should be. */
function findDue(store: Pick<Store, "ledger">, options: WriteReportsOptions) {
  const { folder, calendar, nowMillis, hasDays, hasWeeks, hidden, filter = {}, qualityMeasures } = options;
  if (!hasDays && !hasWeeks) return undefined;
  const marksText = readIfThere(join(folder, MARKS_FILE));
  const marks = parseMarks(marksText);
  const present = filesIn(folder);
  const state = stateText(store.ledger.rollupState(), options);
  if (state === marks.settled && Object.keys(marks.reports).every((file) => present.has(file))) return undefined;
  const { closed, prints } = closedPeriods(store.ledger, { calendar, nowMillis, filter, earlier: marks.prints });
  const qualityPrint = createQualityPrint(store.ledger, filter, qualityMeasures);
  const printOf = ({ fingerprint, period }: ClosedPeriod): string =>
    [[fingerprint, ...hidden].join(" -"), ...qualityMark(qualityPrint(period))].join(" ");
  const planned = planReports(
    closed
      .filter(({ unit }) => (unit === "day" ? hasDays : hasWeeks))
      .map((each) => ({ ...each, fingerprint: printOf(each) })),
    marks.reports,
    present,
  );
  return { planned, marks, marksText, prints, present, state, hasClosed: closed.length > 0 };
}

/** Everything that reports depend on, where no closed day can change without it; undefined where one can. */
function stateText(
  { generation, openDays, watermarkMillis, measurements }: RollupState,
  { calendar, nowMillis, hasDays, hasWeeks, hidden, filter = {}, qualityMeasures }: WriteReportsOptions,
): string | undefined {
  const today = calendar.dateOf(nowMillis);
  const todayMillis = calendar.startOf(today);
  if (openDays.some((dayMillis) => dayMillis < todayMillis)) return undefined;
  const { projects = [] } = filter;
  return JSON.stringify([
    ...[generation, watermarkMillis, today, calendar.timeZone, hasDays, hasWeeks],
    ...[[...hidden], projects, qualityMeasures ?? [], measurements],
  ]);
}

/** Nothing where nothing was measured, so that a report without quality keeps its mark. */
function qualityMark(text: string): readonly string[] {
  return text === "" ? [] : [digest(text, QUALITY_MARK_LENGTH)];
}

/** Reports that lie in a folder: `daily/2025-11-29.json`. */
function filesIn(folder: string): ReadonlySet<string> {
  const names = Object.values(REPORT_FOLDERS).flatMap((inner) => {
    try {
      return readdirSync(join(folder, inner)).map((name) => `${inner}/${name}`);
    } catch {
      return [];
    }
  });
  return new Set(names);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** Marks that cannot be read are forgotten: then every report is made again. */
function parseMarks(text: string | undefined): Marks {
  try {
    const { settled = "", prints, reports } = JSON.parse(text ?? "") as Partial<Marks>;
    return { settled, prints: { ...NO_MARKS.prints, ...prints }, reports: reports ?? {} };
  } catch {
    return NO_MARKS;
  }
}
