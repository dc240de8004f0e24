/** `report daily`, `report weekly`, `report monthly`. */
import { addDays, type PeriodUnit, type ZoneCalendar } from "@moai-metrics/model";
import { periodReportDocument, renderCsv, usageByDimension, usageTable, withoutColumns } from "@moai-metrics/report";
import { periodPage } from "@moai-metrics/report/pages";
import { createPriceBook, shownMeasures } from "@moai-metrics/settings";
import { readBudgets } from "../budget/read-budgets.ts";
import { answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { writeReport } from "./write-report.ts";

/** Reports one period: that of `--date`, else the newest that is over. */
export async function reportPeriod(context: CliContext, unit: PeriodUnit, flags: ReportFlags): Promise<void> {
  await answer(context, flags, (input) => {
    const { screen, config, filter } = input;
    const { store } = input.ledger;
    const { calendar } = screen;
    const weekStart = flags.startOfWeek;
    const date = dateOf(flags, unit, calendar, context.now());
    const startMillis = calendar.startOf(date);
    const [period] = calendar.periods({ startMillis, endMillis: startMillis + 1 }, unit, weekStart);
    const budgets = readBudgets(input, { nowMillis: context.now(), range: period, weekStart });
    const question = { unit, date, calendar, filter, weekStart, budgets, qualityMeasures: shownMeasures(config) };
    writeReport(context, { screen, config, command: "agent" }, flags, {
      document: () => periodReportDocument(store, question),
      page: () =>
        periodPage(store, { ...question, comparedBy: flags.compare ? createPriceBook(config.prices) : undefined }),
      csv: (hidden) => {
        const report = usageByDimension(store.ledger, { dimensions: ["agent"], filter: { ...filter, range: period } });
        return renderCsv(withoutColumns(usageTable(report, { dimensions: ["agent"], isBrokenDown: false }), hidden));
      },
    });
  });
}

/** A day of the newest period that is over, unless one was named. */
function dateOf(
  { date, startOfWeek }: Pick<ReportFlags, "date" | "startOfWeek">,
  unit: PeriodUnit,
  calendar: ZoneCalendar,
  nowMillis: number,
): string {
  const today = calendar.dateOf(nowMillis);
  if (date?.kind === "date") return date.date;
  if (date?.kind === "relative") return addDays(today, -date.days);
  const startMillis = calendar.startOf(today);
  const [current] = calendar.periods({ startMillis, endMillis: startMillis + 1 }, unit, startOfWeek);
  return addDays(current?.firstDate ?? today, -1);
}
