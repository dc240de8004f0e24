/** `daily`, `weekly`, `monthly`: usage per calendar period. */
import type { PeriodUnit } from "@moai-metrics/model";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { refuseTagFlag } from "../flags/by-session.ts";
import {
  addBreakdownFlag,
  addCommonFlags,
  addCsvFlag,
  addFilterFlags,
  addGroupFlag,
  addJsonFlag,
  addRangeFlags,
  addSortFlags,
  addWeekFlag,
  type CommonFlags,
  type FilterFlags,
  type FormatFlags,
  type RangeFlags,
  type RowFlags,
} from "../flags/declare.ts";
import { resolveRange } from "../flags/range.ts";
import { answer } from "./answer.ts";

type Flags = CommonFlags & FormatFlags & FilterFlags & RangeFlags & RowFlags;

const COMMANDS = [
  { name: "daily", unit: "day", counted: "days" },
  { name: "weekly", unit: "week", counted: "weeks" },
  { name: "monthly", unit: "month", counted: "months" },
] as const satisfies readonly { name: string; unit: PeriodUnit; counted: string }[];

/** Adds the three commands. */
export function addUsageByPeriodCommands(program: Command, context: CliContext): void {
  for (const { name, unit, counted } of COMMANDS) {
    const command = program.command(name).description(`tokens, cost and tasks per ${unit}`);
    addRangeFlags(command, counted);
    if (unit === "week") addWeekFlag(command);
    refuseTagFlag(addFilterFlags(command));
    addGroupFlag(command);
    addBreakdownFlag(command);
    addSortFlags(command);
    addCommonFlags(addCsvFlag(addJsonFlag(command)));
    command.action((flags: Flags) => showUsage(context, name, unit, flags));
  }
}

async function showUsage(context: CliContext, command: string, unit: PeriodUnit, flags: Flags): Promise<void> {
  await answer(context, flags, async ({ ledger, screen, config, filter }) => {
    const { usageByPeriod, usageTable } = await import("@moai-metrics/report");
    const { printRows } = await import("../output/print-rows.ts");
    const { costNotes } = await import("../output/cost-notes.ts");
    const { calendar } = screen;
    // CSV has no rows under rows: there a breakdown is a row per model.
    const dimensions = [
      ...new Set([...(flags.groupBy ?? []), ...(flags.csv && flags.breakdown ? ["model" as const] : [])]),
    ];
    const report = usageByPeriod(ledger.store.ledger, {
      unit,
      calendar,
      filter,
      range: resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: unit }),
      weekStart: flags.startOfWeek,
      groupBy: dimensions,
    });
    const table = usageTable(report, { unit, dimensions, isBrokenDown: flags.breakdown ?? false });
    printRows(context, screen, flags, { command, config, table, notes: costNotes(report.totals) });
  });
}
