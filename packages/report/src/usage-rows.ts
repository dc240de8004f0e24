/** Rows of usage by period and by dimension. */
import type { Period, PeriodUnit, TimeRange, Weekday, ZoneCalendar } from "@moai-metrics/model";
import type { Dimension, LedgerFilter, LedgerReader, UsageGroup } from "@moai-metrics/store";
import {
  compareNames,
  type ModelFields,
  modelFields,
  nameOrUnknown,
  type TaskFields,
  taskFields,
  type UsageFields,
  usageFields,
} from "./fields.ts";
import { groupBy, sumMeasures } from "./measures.ts";

/** One row of usage. The period and the dimensions that were asked for are present, the others absent. */
export interface UsageRow extends UsageFields, ModelFields, TaskFields {
  /** `2026-11-22`, a day of the zone. */
  readonly date?: string;
  /** `2026-W47`, or the first day of a week that does not start on Monday. */
  readonly week?: string;
  /** `2026-11`. */
  readonly month?: string;
  /** The SPEC of MoAI-ADK that its sessions worked on. */
  readonly spec?: string;
  readonly product?: string;
  readonly project?: string;
  readonly agent?: string;
  readonly model?: string;
  /** Sessions with activity; only where rows are not split by a dimension. */
  readonly sessions?: number;
  readonly toolCalls: number;
  readonly toolErrors: number;
}

/** Rows and their totals. */
export interface Report<Row, Totals = Row> {
  readonly rows: readonly Row[];
  readonly totals: Totals;
}

/** How to group by time. */
export interface PeriodQuestion {
  readonly unit: PeriodUnit;
  readonly calendar: ZoneCalendar;
  /** Everything but the range. */
  readonly filter: Omit<LedgerFilter, "range">;
  /** Which time to cover; periods are cut at its ends. Default: all that the ledger knows. */
  readonly range?: TimeRange | undefined;
  readonly weekStart?: Weekday | undefined;
  /** Further dimensions to split rows by. */
  readonly groupBy?: readonly Dimension[] | undefined;
}

/** Usage per day, week or month, oldest first. Periods in which nothing happened have no row. */
export function usageByPeriod(
  ledger: Pick<LedgerReader, "usage" | "span" | "sessionCounts">,
  question: PeriodQuestion,
): Report<UsageRow> {
  const { unit, filter, groupBy: dimensions = [] } = question;
  const periods = periodsOf(ledger, question);
  const groups = periods.length === 0 ? [] : ledger.usage({ ...filter, periods, by: withModel(dimensions) });
  const isSplit = dimensions.length > 0;
  const whole = isSplit ? undefined : wholeOf(periods);
  // The last one counts each session once, in however many periods it was active.
  const sessions = whole === undefined ? [] : ledger.sessionCounts([...periods, whole], filter);
  const sessionsOf = new Map(periods.map((period, index) => [period.label, sessions[index]]));

  const rows = rowsOf(groups, dimensions, (group) => group.period?.label ?? "").map(({ first, fields }) => ({
    ...periodField(unit, first.period),
    ...fields,
    ...sessionField(isSplit ? undefined : sessionsOf.get(first.period?.label ?? "")),
  }));
  return { rows, totals: { ...rowFields(groups), ...sessionField(sessions[periods.length]) } };
}

/** What rows can be split by. */
export type UsageDimension = Dimension | "spec";

/** How to group by dimensions over one range. */
export interface DimensionQuestion {
  /** With `spec`, sums are made of the facts that the ledger holds instead of the rollups. */
  readonly dimensions: readonly UsageDimension[];
  readonly filter: LedgerFilter;
}

/** Where rows by dimension come from. A source that knows sums only has no SPECs. */
export type UsageSource = Pick<LedgerReader, "usage"> & Partial<Pick<LedgerReader, "usageBySpec">>;

/**
 * Usage per agent, model, project or product, most tokens first.
 * @throws RangeError for `spec` where the source knows none.
 */
export function usageByDimension(ledger: UsageSource, question: DimensionQuestion): Report<UsageRow> {
  const { dimensions, filter } = question;
  const by = withModel(dimensions.filter((dimension) => dimension !== "spec"));
  if (!dimensions.includes("spec")) return dimensionReport(ledger.usage({ ...filter, by }), dimensions);
  if (ledger.usageBySpec === undefined) throw new RangeError("This source knows no SPECs: leave spec out.");
  return dimensionReport(ledger.usageBySpec({ ...filter, by }), dimensions);
}

/** The same from groups that were asked for before; they must be grouped by the dimensions and by model at least. */
export function dimensionReport(
  groups: readonly UsageGroup[],
  dimensions: readonly UsageDimension[],
): Report<UsageRow> {
  const rows = rowsOf(groups, dimensions, () => "")
    .map(({ fields }) => fields)
    .toSorted((a, b) => b.totalTokens - a.totalTokens || compareNames(nameIn(a, dimensions), nameIn(b, dimensions)));
  return { rows, totals: rowFields(groups) };
}

/** The names of the models with calls that have no known price. */
export function unpricedModels(report: Report<UsageRow>): string[] {
  return report.totals.modelBreakdowns
    .filter((breakdown) => breakdown.unpricedCalls > 0)
    .map((breakdown) => breakdown.modelName);
}

function withModel(dimensions: readonly Dimension[]): readonly Dimension[] {
  return dimensions.includes("model") ? dimensions : [...dimensions, "model"];
}

function rowsOf(
  groups: readonly UsageGroup[],
  dimensions: readonly UsageDimension[],
  periodOf: (group: UsageGroup) => string,
): { first: UsageGroup; fields: UsageRow }[] {
  const keyOf = (group: UsageGroup): string =>
    dimensions.length === 0
      ? periodOf(group)
      : JSON.stringify([periodOf(group), ...dimensions.map((dimension) => group[dimension])]);
  const rows: { first: UsageGroup; fields: UsageRow }[] = [];
  for (const members of groupBy(groups, keyOf).values()) {
    const first = members[0];
    if (first === undefined || isOnlyTasksWithoutModel(members, dimensions)) continue;
    const names = Object.fromEntries(dimensions.map((dimension) => [dimension, nameOrUnknown(first[dimension] ?? "")]));
    rows.push({ first, fields: { ...names, ...rowFields(members) } });
  }
  return rows;
}

/** Tasks and tool calls have no model: in a table of models they would be a row about nothing, unless they have tokens. */
function isOnlyTasksWithoutModel(members: readonly UsageGroup[], dimensions: readonly UsageDimension[]): boolean {
  return dimensions.includes("model") && members.every(isWithoutCalls);
}

function isWithoutCalls({ calls, callErrors, tokens }: UsageGroup): boolean {
  return calls === 0 && callErrors === 0 && tokens.undivided === undefined;
}

function rowFields(groups: readonly UsageGroup[]): UsageRow {
  const byModel = [...groupBy(groups, (group) => group.model ?? "").entries()];
  const shares = byModel.map(([model, members]) => ({ model, measures: oneOf(members) ?? sumMeasures(members) }));
  const measures = sumMeasures(shares.map((share) => share.measures));
  return {
    ...usageFields(measures),
    ...modelFields(shares),
    ...taskFields(measures),
    toolCalls: measures.toolCalls,
    toolErrors: measures.toolErrors,
  };
}

/** The only one of them, which is its own sum; undefined where there are several. */
function oneOf<Item>(items: readonly Item[]): Item | undefined {
  return items.length === 1 ? items[0] : undefined;
}

function periodField(unit: PeriodUnit, period: Period | undefined): { date?: string; week?: string; month?: string } {
  const label = period?.label ?? "";
  switch (unit) {
    case "day":
      return { date: label };
    case "week":
      return { week: label };
    case "month":
      return { month: label };
  }
}

function sessionField(sessions: number | undefined): { sessions?: number } {
  return sessions === undefined ? {} : { sessions };
}

function nameIn(row: UsageRow, dimensions: readonly UsageDimension[]): string {
  return dimensions.map((dimension) => row[dimension]).join("\u0000");
}

function periodsOf(ledger: Pick<LedgerReader, "span">, { range, unit, calendar, weekStart }: PeriodQuestion): Period[] {
  const span = ledger.span();
  if (span === undefined) return [];
  const startMillis = Math.max(span.startMillis, range?.startMillis ?? span.startMillis);
  const endMillis = Math.min(span.endMillis + 1, range?.endMillis ?? span.endMillis + 1);
  if (startMillis >= endMillis) return [];
  const periods = calendar.periods({ startMillis, endMillis }, unit, weekStart);
  return range === undefined ? periods : cutAt(periods, range);
}

/** Periods that reach beyond the range end at its edges. */
function cutAt(periods: readonly Period[], range: TimeRange): Period[] {
  return periods.map((period) => ({
    ...period,
    startMillis: Math.max(period.startMillis, range.startMillis),
    endMillis: Math.min(period.endMillis, range.endMillis),
  }));
}

function wholeOf(periods: readonly Period[]): Period | undefined {
  const first = periods[0];
  const last = periods.at(-1);
  return first && last && { ...first, lastDate: last.lastDate, endMillis: last.endMillis };
}
