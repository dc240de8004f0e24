/** Writes the reports of days and weeks that are over into a folder, and again those that late facts have changed. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ZoneCalendar } from "@moai-metrics/model";
import { periodReportDocument, renderJson } from "@moai-metrics/report";
import type { LedgerFilter, Store } from "@moai-metrics/store";
import { closedPeriods } from "./closed-periods.ts";
import { planReports, type WrittenMarks } from "./plan-reports.ts";

/** What to write, and where. */
export interface WriteReportsOptions {
  /** Folder of the reports: `daily/` and `weekly/` lie in it. */
  readonly folder: string;
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  readonly hasDays: boolean;
  readonly hasWeeks: boolean;
  /** Whether reports tell agents apart. */
  readonly hasAgents: boolean;
  /** Only these projects; everything by default. */
  readonly filter?: Pick<LedgerFilter, "projects"> | undefined;
  /** Whether facts came since the last time: without any, a folder that is up to date for today is left alone. */
  readonly hasNewFacts: boolean;
  /** Stops after this long and goes on the next time. Default: never. */
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
  /** The day on which everything was up to date, by the same settings. */
  readonly upToDate: string;
  readonly reports: WrittenMarks;
}

const MARKS_FILE = ".written.json";
const NOTHING: WriteReportsOutcome = { written: [], left: 0 };

/** @throws the system's error when the folder cannot be written. */
export function writeReports(
  store: Pick<Store, "ledger" | "query">,
  options: WriteReportsOptions,
): WriteReportsOutcome {
  const { folder, calendar, nowMillis, hasDays, hasWeeks, hasAgents, filter = {}, maxMillis } = options;
  if (!hasDays && !hasWeeks) return NOTHING;
  const marks = readMarks(join(folder, MARKS_FILE));
  const today = [calendar.dateOf(nowMillis), calendar.timeZone, hasDays, hasWeeks, hasAgents].join(" ");
  if (!options.hasNewFacts && marks.upToDate === today) return NOTHING;

  const closed = closedPeriods(store.ledger, { calendar, nowMillis, filter, hasDays, hasWeeks }).map((each) => ({
    ...each,
    fingerprint: `${each.fingerprint} ${calendar.timeZone} ${hasAgents}`,
  }));
  const planned = planReports(closed, marks.reports);
  const reports: Record<string, string> = { ...marks.reports };
  const written: string[] = [];
  const startedAt = performance.now();
  for (const { unit, period, file, fingerprint } of planned) {
    if (maxMillis !== undefined && performance.now() - startedAt > maxMillis) break;
    const document = periodReportDocument(store, { unit, date: period.firstDate, calendar, filter, hasAgents });
    replaceFile(join(folder, file), renderJson(document));
    reports[file] = fingerprint;
    written.push(file);
  }
  const left = planned.length - written.length;
  if (left === 0 || written.length > 0) {
    replaceFile(
      join(folder, MARKS_FILE),
      JSON.stringify({ upToDate: left === 0 ? today : "", reports } satisfies Marks),
    );
  }
  return { written, left };
}

/** Marks that cannot be read are forgotten: then every report is made again. */
function readMarks(path: string): Marks {
  try {
    const { upToDate, reports } = JSON.parse(readFileSync(path, "utf8")) as Partial<Marks>;
    return { upToDate: upToDate ?? "", reports: reports ?? {} };
  } catch {
    return { upToDate: "", reports: {} };
  }
}

/** There whole or not at all. */
function replaceFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(partial, text, { mode: 0o600 });
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
