/** How good the code is: one row for each thing that is measured, with its trend. */
import type { PeriodUnit, QualityMeasure, Weekday, ZoneCalendar } from "@moai-metrics/model";
import type { LedgerReader, QualityFilter, QualityRow } from "@moai-metrics/store";
import { nameOrUnknown } from "./fields.ts";
import type { Report } from "./usage-rows.ts";

/** What to tell. */
export interface QualityQuestion {
  readonly filter: QualityFilter;
  readonly calendar: ZoneCalendar;
  /** How fine the trend is: one entry per day, week or month in which something was measured. */
  readonly unit: PeriodUnit;
  readonly weekStart?: Weekday | undefined;
}

/** A score, and what it was computed from. */
interface QualityScore {
  /** From 0 to 1; of a benchmark any number. */
  readonly score: number;
  /** Covered lines, or files without errors; `null` where only the score was told. */
  readonly good: number | null;
  /** All lines, or all linted files. */
  readonly total: number | null;
}

/** The last measurement of a period. */
interface QualityTrendEntry extends QualityScore {
  readonly period: string;
  /** Against the entry before, or what was measured last before the range; `null` for the first of all. */
  readonly change: number | null;
}

/** What is measured: every one of these has a trend of its own. */
interface QualitySeries {
  readonly project: string;
  readonly measure: QualityMeasure;
  readonly benchmark: string | null;
  readonly tool: string | null;
}

/** The latest measurement of one thing. */
export interface QualityReportRow extends QualitySeries, QualityScore {
  readonly measuredAt: string;
  /** What was measured last before the range; without a range, the measurement before this one. */
  readonly previousScore: number | null;
  readonly previousAt: string | null;
  /** `score − previousScore`: of shares a difference of shares. */
  readonly change: number | null;
  /** Measurements in the range. */
  readonly measurements: number;
  /** Oldest first. */
  readonly trend: readonly QualityTrendEntry[];
}

/** What all rows have together. */
export interface QualityTotals {
  readonly measurements: number;
}

/** One entry of a trend, with what it is about. */
export interface QualityPeriodRow extends QualitySeries, QualityTrendEntry {}

/** Things that were measured in the range, by project, measure, benchmark and tool. */
export function qualityReport(
  ledger: Pick<LedgerReader, "quality">,
  { filter, calendar, unit, weekStart }: QualityQuestion,
): Report<QualityReportRow, QualityTotals> {
  const { range, ...wanted } = filter;
  // A score holds until it is measured again, so what came before the range is asked for, too.
  const until = range === undefined ? undefined : { startMillis: 0, endMillis: range.endMillis };
  const all = Map.groupBy(ledger.quality({ ...wanted, range: until }), keyOf);
  const periodOf = createPeriodLookup(calendar, unit, weekStart);
  const rows = [...all.values()].flatMap((series): QualityReportRow[] => {
    const inside = series.filter(({ atMillis }) => atMillis >= (range?.startMillis ?? 0));
    const latest = inside.at(-1);
    if (latest === undefined) return [];
    const before = series[series.length - inside.length - 1];
    const previous = range === undefined ? inside.at(-2) : before;
    return [
      {
        ...seriesOf(latest),
        ...scoreOf(latest),
        measuredAt: new Date(latest.atMillis).toISOString(),
        previousScore: previous?.score ?? null,
        previousAt: previous === undefined ? null : new Date(previous.atMillis).toISOString(),
        change: previous === undefined ? null : latest.score - previous.score,
        measurements: inside.length,
        trend: trendOf(inside, before, periodOf),
      },
    ];
  });
  return { rows, totals: { measurements: rows.reduce((sum, { measurements }) => sum + measurements, 0) } };
}

/** The trends of a report, entry by entry. */
export function qualityByPeriod({
  rows,
  totals,
}: Report<QualityReportRow, QualityTotals>): Report<QualityPeriodRow, QualityTotals> {
  const entries = rows.flatMap(({ project, measure, benchmark, tool, trend }) =>
    trend.map((entry) => ({ ...entry, project, measure, benchmark, tool })),
  );
  return { rows: entries, totals };
}

function trendOf(
  inside: readonly QualityRow[],
  before: QualityRow | undefined,
  periodOf: (millis: number) => string,
): QualityTrendEntry[] {
  const lastOfPeriods = new Map(inside.map((row) => [periodOf(row.atMillis), row]));
  let earlier = before?.score;
  return [...lastOfPeriods].map(([period, row]) => {
    const change = earlier === undefined ? null : row.score - earlier;
    earlier = row.score;
    return { period, ...scoreOf(row), change };
  });
}

/** Rows come in order of time, so most of them lie in the period of the one before. */
function createPeriodLookup(
  calendar: ZoneCalendar,
  unit: PeriodUnit,
  weekStart: Weekday | undefined,
): (millis: number) => string {
  let current = { startMillis: 0, endMillis: 0, label: "" };
  return (millis) => {
    if (millis >= current.startMillis && millis < current.endMillis) return current.label;
    current = calendar.periods({ startMillis: millis, endMillis: millis + 1 }, unit, weekStart)[0] ?? current;
    return current.label;
  };
}

function keyOf({ project, measure, benchmark, tool }: QualityRow): string {
  return JSON.stringify([project, measure, benchmark, tool]);
}

function seriesOf({ project, measure, benchmark, tool }: QualityRow): QualitySeries {
  return { project: nameOrUnknown(project), measure, benchmark: benchmark || null, tool: tool || null };
}

function scoreOf({ score, counts }: QualityRow): QualityScore {
  return { score, good: counts?.good ?? null, total: counts?.total ?? null };
}
