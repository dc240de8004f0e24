/** `report daily`, `report weekly`, `report monthly`. */
import { addDays, type Period, type PeriodUnit, type TimeRange, type ZoneCalendar } from "@moai-metrics/model";
import {
  COST_NOTE,
  periodReportDocument,
  renderCsv,
  usageByDimension,
  usageTable,
  withoutColumns,
} from "@moai-metrics/report";
import { periodPage, usagePage } from "@moai-metrics/report/pages";
import { createPriceBook, shownMeasures } from "@moai-metrics/settings";
import type { LedgerReader } from "@moai-metrics/store";
import { readBudgets } from "../budget/read-budgets.ts";
import { type AnswerInput, answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { type ReportForms, writeReport } from "./write-report.ts";

/** Reports one period: that of `--date`, else the newest that is over. */
export async function reportPeriod(context: CliContext, unit: PeriodUnit, flags: ReportFlags): Promise<void> {
  const { from } = flags;
  if (flags.compare && flags.format === "csv") {
    throw new UsageError("--compare explains the cost of the whole, and CSV has a row for each agent. Leave one out.");
  }
  if (from !== undefined) {
    await reportPeriodFrom(context, unit, { ...flags, from });
    return;
  }
  await answer(context, flags, (input) => {
    const { screen, config, filter } = input;
    const { store } = input.ledger;
    const { calendar } = screen;
    const weekStart = flags.startOfWeek;
    const { date, period } = periodOf(flags, unit, calendar, context.now());
    const budgets = readBudgets(input, { nowMillis: context.now(), range: period, weekStart });
    const comparedBy = flags.compare ? createPriceBook(config.prices) : undefined;
    const asked = { unit, date, calendar, filter, weekStart, budgets, comparedBy };
    const question = { ...asked, qualityMeasures: shownMeasures(config) };
    writeReport(context, { screen, config, command: "agent" }, flags, {
      document: () => periodReportDocument(store, question),
      page: () => periodPage(store, question),
      csv: csvOf(store.ledger, filter, period),
    });
  });
}

/** The same as far as Prometheus knows it. */
async function reportPeriodFrom(
  context: CliContext,
  unit: PeriodUnit,
  flags: ReportFlags & { readonly from: string },
): Promise<void> {
  if (flags.compare) {
    throw new UsageError("--compare asks for the prices of single calls, which --from does not know. Leave one out.");
  }
  const { answerFrom, FROM_NOTE } = await import("../prometheus/answer-from.ts");
  const weekStart = flags.startOfWeek;
  const timesOf = (calendar: ZoneCalendar) => {
    const { date, period } = periodOf(flags, unit, calendar, context.now());
    const [before = period] = calendar.periods(
      { startMillis: period.startMillis - 1, endMillis: period.startMillis },
      unit,
      weekStart,
    );
    return { date, period, before };
  };
  await answerFrom(
    context,
    flags,
    ({ calendar }): TimeRange => {
      const { before, period } = timesOf(calendar);
      return { startMillis: before.startMillis, endMillis: period.endMillis };
    },
    (_, { calendar }) => calendar.periods(timesOf(calendar).period, "day").map(({ startMillis }) => startMillis),
    ({ reader: { usage }, screen, config, filter }) => {
      const { calendar } = screen;
      const { date, period } = timesOf(calendar);
      const question = { unit, date, calendar, filter, weekStart };
      writeReport(context, { screen, config, command: "agent" }, flags, {
        document: () => periodReportDocument({ ledger: { usage } }, question),
        page: () => usagePage({ usage }, { ...question, notes: [COST_NOTE, FROM_NOTE] }),
        csv: csvOf({ usage }, filter, period),
      });
    },
  );
}

function csvOf(
  ledger: Pick<LedgerReader, "usage">,
  filter: AnswerInput["filter"],
  { startMillis, endMillis }: TimeRange,
): ReportForms["csv"] {
  return (hidden) => {
    const range = { startMillis, endMillis };
    const report = usageByDimension(ledger, { dimensions: ["agent"], filter: { ...filter, range } });
    return renderCsv(withoutColumns(usageTable(report, { dimensions: ["agent"], isBrokenDown: false }), hidden));
  };
}

/** The period that is meant, and a day of it: of the newest that is over, unless one was named. */
function periodOf(
  { date: named, startOfWeek }: Pick<ReportFlags, "date" | "startOfWeek">,
  unit: PeriodUnit,
  calendar: ZoneCalendar,
  nowMillis: number,
): { readonly date: string; readonly period: Period } {
  const today = calendar.dateOf(nowMillis);
  const around = (date: string): Period => {
    const startMillis = calendar.startOf(date);
    const [period] = calendar.periods({ startMillis, endMillis: startMillis + 1 }, unit, startOfWeek);
    if (period === undefined) throw new RangeError(`No ${unit} contains ${date}.`);
    return period;
  };
  if (named?.kind === "date") return { date: named.date, period: around(named.date) };
  const date = named?.kind === "relative" ? addDays(today, -named.days) : addDays(around(today).firstDate, -1);
  return { date, period: around(date) };
}
