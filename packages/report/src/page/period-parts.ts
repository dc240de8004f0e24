/** What pages of a period are made of, whoever is asked. */
import type { Period, PeriodUnit, TimeRange, Weekday, ZoneCalendar } from "@moai-metrics/model";
import type { Dimension, LedgerFilter, LedgerReader } from "@moai-metrics/store";
import { taskFields, usageFields } from "../fields.ts";
import { sumMeasures } from "../measures.ts";
import { formatCostOf } from "../tables/costs.ts";
import { shortPaths } from "../tables/short-names.ts";
import { usageTable } from "../tables/usage-table.ts";
import { type UsageRow, usageByDimension } from "../usage-rows.ts";
import { pageTable } from "./page-table.ts";
import type { PageFigure, PageSection } from "./types.ts";

/** Which facts a page is about. */
export type PageFilter = Omit<LedgerFilter, "range" | "sessionIds">;

/** Who knows usage, and the number of sessions if they know any. */
export type UsageSource = Pick<LedgerReader, "usage"> & Partial<Pick<LedgerReader, "sessionCounts">>;

/** How pages of periods are called. */
export const PERIOD_TITLES = { day: "Daily report", week: "Weekly report", month: "Monthly report" } as const;

const MAX_BARS = 12;
const USAGE_KEYS = ["tasksCompleted", "successRate", "averageDurationMs", "calls", "totalTokens", "totalCost"];
const MODEL_KEYS = [
  "calls",
  "inputTokens",
  "cacheReadTokens",
  "cacheCreationTokens",
  "outputTokens",
  "totalTokens",
  "totalCost",
];

/** What tells which period is meant. */
export interface PeriodChoice {
  readonly unit: PeriodUnit;
  readonly calendar: ZoneCalendar;
  readonly weekStart?: Weekday | undefined;
}

/** The period that a day lies in. */
export function periodOf({ unit, calendar, weekStart }: PeriodChoice, date: string): Period {
  const startMillis = calendar.startOf(date);
  const [period] = calendar.periods({ startMillis, endMillis: startMillis + 1 }, unit, weekStart);
  if (period === undefined) throw new RangeError(`No ${unit} contains ${date}.`);
  return period;
}

/** The time of a period alone. */
export function rangeOf({ startMillis, endMillis }: TimeRange): TimeRange {
  return { startMillis, endMillis };
}

/** The figures at the top, each with its change against the period before. */
export function figuresOf(
  ledger: UsageSource,
  filter: PageFilter,
  range: TimeRange,
  before: TimeRange,
): readonly PageFigure[] {
  const fieldsOf = (asked: TimeRange) => {
    const measures = sumMeasures(ledger.usage({ ...filter, range: asked }));
    const period = { ...asked, label: "", firstDate: "", lastDate: "" };
    return {
      ...usageFields(measures),
      ...taskFields(measures),
      sessions: ledger.sessionCounts === undefined ? null : (ledger.sessionCounts([period], filter)[0] ?? 0),
    };
  };
  const [now, then] = [fieldsOf(range), fieldsOf(before)];
  type Name = "totalCost" | "totalTokens" | "tasksCompleted" | "successRate" | "averageDurationMs" | "sessions";
  const figure = (title: string, name: Name, kind: PageFigure["kind"], moreIsGood?: boolean): PageFigure => {
    const [value, earlier] = [now[name], then[name]];
    const isPoints = kind === "percent";
    const change =
      value === null || earlier === null || (!isPoints && earlier === 0)
        ? undefined
        : isPoints
          ? value - earlier
          : (value - earlier) / earlier;
    const isGood = moreIsGood === undefined || change === undefined ? undefined : change > 0 === moreIsGood;
    return {
      key: name,
      title,
      kind,
      value,
      text: name === "totalCost" ? formatCostOf(now) : undefined,
      change: change === undefined ? undefined : { value: change, isPoints, isGood },
    };
  };
  return [
    figure("Cost", "totalCost", "cost"),
    figure("Tokens", "totalTokens", "tokens"),
    figure("Tasks completed", "tasksCompleted", "count"),
    figure("Success rate", "successRate", "percent", true),
    figure("Average duration", "averageDurationMs", "duration", false),
    ...(ledger.sessionCounts === undefined ? [] : [figure("Sessions", "sessions", "count")]),
  ];
}

/** Who did the work, with what, and where. */
export function usageSections(ledger: UsageSource, filter: PageFilter, range: TimeRange): readonly PageSection[] {
  return [
    byName(ledger, filter, range, "agent", "Who did the work?", USAGE_KEYS),
    byName(ledger, filter, range, "model", "Which models cost what?", MODEL_KEYS),
    byName(ledger, filter, range, "project", "Where did it go?", USAGE_KEYS),
  ];
}

function byName(
  ledger: UsageSource,
  filter: PageFilter,
  range: TimeRange,
  dimension: Dimension,
  question: string,
  keys: readonly string[],
): PageSection {
  const report = usageByDimension(ledger, { dimensions: [dimension], filter: { ...filter, range } });
  const shortNames = shortPaths(report.rows.map((row) => row[dimension] ?? ""));
  const nameOf = (row: UsageRow): string =>
    dimension === "project" ? (shortNames.get(row.project ?? "") ?? "") : (row[dimension] ?? "");
  const points = report.rows.slice(0, MAX_BARS).map((row) => ({ label: nameOf(row), value: row.totalTokens }));
  return {
    question,
    chart: points.length < 2 ? undefined : { form: "bars", title: `Tokens by ${dimension}`, kind: "tokens", points },
    table: pageTable(usageTable(report, { dimensions: [dimension], isBrokenDown: false }), [dimension, ...keys]),
  };
}
