/** What happened today, in the last seven days and this month, each against the same stretch before. */
import { addDays, addMonths, type Period, type TimeRange, type ZoneCalendar } from "@moai-metrics/model";
import type { LedgerFilter, LedgerReader } from "@moai-metrics/store";
import { type TaskFields, taskFields, type UsageFields, usageFields } from "./fields.ts";
import { sumMeasures } from "./measures.ts";
import { difference, rangeUntilNow, relativeChange, stretchBefore } from "./stretches.ts";
import { dimensionReport, type UsageRow, unpricedModels } from "./usage-rows.ts";

/** Relative changes against the stretch before (0.1 = 10 % more); `null` without anything to compare with. */
interface OverviewChanges {
  readonly sessions: number | null;
  readonly tasksCompleted: number | null;
  /** Difference of the two rates, not their ratio. */
  readonly successRate: number | null;
  readonly averageDurationMs: number | null;
  readonly totalTokens: number | null;
  readonly totalCost: number | null;
}

/** One stretch of time that ends now. */
export interface OverviewPeriod extends UsageFields, TaskFields {
  /** First day, inclusive. */
  readonly from: string;
  /** Last day, inclusive. */
  readonly to: string;
  readonly sessions: number;
  readonly changes: OverviewChanges;
}

/** The overview as data. */
export interface Overview {
  /** Today in the zone. */
  readonly date: string;
  readonly timeZone: string;
  readonly today: OverviewPeriod;
  readonly last7Days: OverviewPeriod;
  readonly thisMonth: OverviewPeriod;
  /** What `byAgent`, `byModel` and `unpricedModels` cover: the last seven days, or all when those are empty. */
  readonly detailPeriod: "last7Days" | "all";
  readonly byAgent: readonly UsageRow[];
  readonly byModel: readonly UsageRow[];
  readonly unpricedModels: readonly string[];
  /** The oldest day that the ledger holds; `null` when it is empty. */
  readonly oldestDate: string | null;
}

/** What the overview is about. */
export interface OverviewQuestion {
  readonly calendar: ZoneCalendar;
  readonly nowMillis: number;
  /** Everything but the range. */
  readonly filter: Omit<LedgerFilter, "range">;
}

/** Builds the overview. */
export function overviewReport(ledger: LedgerReader, question: OverviewQuestion): Overview {
  const { calendar, nowMillis, filter } = question;
  const today = calendar.dateOf(nowMillis);
  const monthStart = `${today.slice(0, 7)}-01`;
  const span = ledger.span();
  const [todayPeriod, last7Days, thisMonth] = comparedPeriods(ledger, question, [
    [today, addDays(today, -1)],
    [addDays(today, -6), addDays(today, -13)],
    [monthStart, addMonths(monthStart, -1)],
  ]);
  const hasRecent = last7Days.calls + last7Days.callErrors + last7Days.sessions > 0;
  const range = hasRecent ? rangeUntilNow(calendar, last7Days.from, nowMillis) : undefined;
  // One question for both tables: reading the rollups is what takes the time.
  const groups = ledger.usage({ ...filter, range, by: ["agent", "model"] });
  const byModel = dimensionReport(groups, ["model"]);
  return {
    date: today,
    timeZone: calendar.timeZone,
    today: todayPeriod,
    last7Days,
    thisMonth,
    detailPeriod: hasRecent ? "last7Days" : "all",
    byAgent: dimensionReport(groups, ["agent"]).rows,
    byModel: byModel.rows,
    unpricedModels: unpricedModels(byModel),
    oldestDate: span === undefined ? null : calendar.dateOf(span.startMillis),
  };
}

/** The first date of a period, and that of the period it is compared with. */
type Comparison = readonly [from: string, before: string];

/** All periods in one question each to the rollups and to the sessions: asking once per period takes three times as long. */
function comparedPeriods(
  ledger: LedgerReader,
  { calendar, nowMillis, filter }: OverviewQuestion,
  comparisons: readonly [Comparison, Comparison, Comparison],
): [OverviewPeriod, OverviewPeriod, OverviewPeriod] {
  const periods = comparisons.flatMap(([from, before], i) => {
    const range = rangeUntilNow(calendar, from, nowMillis);
    return [named(`now ${i}`, range), named(`before ${i}`, stretchBefore(calendar, before, range))];
  });
  const groups = Map.groupBy(ledger.usage({ ...filter, periods }), ({ period }) => period?.label);
  const sessions = ledger.sessionCounts(periods, filter);
  const figuresOf = (label: string) => {
    const measures = sumMeasures(groups.get(label) ?? []);
    const count = sessions[periods.findIndex((period) => period.label === label)] ?? 0;
    return { sessions: count, ...usageFields(measures), ...taskFields(measures) };
  };
  const to = calendar.dateOf(nowMillis);
  const compared = (i: 0 | 1 | 2): OverviewPeriod => {
    const now = figuresOf(`now ${i}`);
    const then = figuresOf(`before ${i}`);
    return {
      from: comparisons[i][0],
      to,
      ...now,
      changes: {
        sessions: relativeChange(now.sessions, then.sessions),
        tasksCompleted: relativeChange(now.tasksCompleted, then.tasksCompleted),
        successRate: difference(now.successRate, then.successRate),
        averageDurationMs: relativeChange(now.averageDurationMs, then.averageDurationMs),
        totalTokens: relativeChange(now.totalTokens, then.totalTokens),
        totalCost: relativeChange(now.totalCost, then.totalCost),
      },
    };
  };
  return [compared(0), compared(1), compared(2)];
}

/** A stretch that need not be a calendar period, as one. */
function named(label: string, range: TimeRange): Period {
  return { ...range, label, firstDate: "", lastDate: "" };
}
