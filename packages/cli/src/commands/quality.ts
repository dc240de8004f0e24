/** `quality`: test coverage, lint scores and benchmarks, and how they change. */
import type { PeriodUnit } from "@moai-metrics/model";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { refuseFromFlag } from "../flags/by-session.ts";
import {
  addCommonFlags,
  addCsvFlag,
  addJsonFlag,
  addProjectFlag,
  addRangeFlags,
  addSortFlags,
  addTrendFlag,
  addWeekFlag,
  type CommonFlags,
  type FilterFlags,
  type FormatFlags,
  type RangeFlags,
  type RowFlags,
} from "../flags/declare.ts";
import { resolveRange } from "../flags/range.ts";
import { answer } from "./answer.ts";

type Flags = CommonFlags & FormatFlags & FilterFlags & RangeFlags & RowFlags & { readonly by?: PeriodUnit };

/** Adds the command. */
export function addQualityCommand(program: Command, context: CliContext): void {
  const command = program.command("quality").description("test coverage, lint scores and benchmarks per project");
  addTrendFlag(command);
  addRangeFlags(command, "days");
  addWeekFlag(command);
  addProjectFlag(command);
  addSortFlags(command);
  refuseFromFlag(addCommonFlags(addCsvFlag(addJsonFlag(command))));
  command.action((flags: Flags) => showQuality(context, flags));
}

async function showQuality(context: CliContext, flags: Flags): Promise<void> {
  await answer(context, flags, async (input) => {
    const { ledger, screen, config, filter } = input;
    const { changeNote, QUALITY_NOTE } = await import("@moai-metrics/report/pages");
    const { qualityByPeriod, qualityPeriodTable, qualityReport, qualityTable } = await import("@moai-metrics/report");
    const [{ shownMeasures }, { printRows }, { tellWhatIsOff }] = await Promise.all([
      import("@moai-metrics/settings"),
      import("../output/print-rows.ts"),
      import("../output/what-is-off.ts"),
    ]);
    const { calendar } = screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
    const asked = { range, projects: filter.projects, measures: shownMeasures(config) };
    const unit = flags.by ?? "day";
    const report = qualityReport(ledger.store.ledger, { filter: asked, calendar, unit, weekStart: flags.startOfWeek });
    const view = { command: "quality", config, totals: report.totals };
    if (flags.by === undefined) {
      const notes = [changeNote(range), QUALITY_NOTE];
      printRows(context, screen, flags, { ...view, table: qualityTable(report), notes });
    } else {
      printRows(context, screen, flags, { ...view, table: qualityPeriodTable(qualityByPeriod(report)), notes: [] });
    }
    if (report.rows.length === 0) tellWhatIsOff(context, input);
  });
}
