/** `report quality`: what was measured, and how it changes. */
import { DAY_MILLIS, type PeriodUnit, type TimeRange } from "@moai-metrics/model";
import { envelope, qualityReport, qualityTable, renderCsv } from "@moai-metrics/report";
import { qualityPage } from "@moai-metrics/report/pages";
import { shownMeasures } from "@moai-metrics/settings";
import { answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { resolveRange } from "../flags/range.ts";
import { tellWhatIsOff } from "../output/what-is-off.ts";
import { subtitleOf } from "./report-agents.ts";
import { writeReport } from "./write-report.ts";

/** More days than these make a chart of weeks. */
const MAX_DAYS = 62;

/** Reports quality over the range of the flags; over everything without one. */
export async function reportQuality(
  context: CliContext,
  flags: ReportFlags & { readonly by?: PeriodUnit },
): Promise<void> {
  await answer(context, flags, (input) => {
    const { store } = input.ledger;
    const { calendar, timeZone } = input.screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
    const filter = { range, projects: input.filter.projects, measures: shownMeasures(input.config) };
    const unit = flags.by ?? (isShort(range) ? "day" : "week");
    const report = qualityReport(store.ledger, { filter, calendar, unit, weekStart: flags.startOfWeek });
    writeReport(context, { screen: input.screen, config: input.config, command: "quality" }, flags, {
      document: () => envelope("quality", report.rows, report.totals),
      csv: () => renderCsv(qualityTable(report)),
      page: () => qualityPage(report, { subtitle: subtitleOf(range, calendar), timeZone, range }),
    });
    if (report.rows.length === 0) tellWhatIsOff(context, input);
  });
}

function isShort(range: TimeRange | undefined): boolean {
  return range !== undefined && range.endMillis - range.startMillis <= MAX_DAYS * DAY_MILLIS;
}
