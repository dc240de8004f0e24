/** `agent`, `model`, `project`: usage per name. */
import type { Dimension } from "@moai-metrics/store";
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
  { name: "agent", description: "tasks, success rate, duration, tokens and cost per agent" },
  { name: "model", description: "calls, tokens and cost per model" },
  { name: "project", description: "tasks, tokens and cost per project" },
] as const satisfies readonly { name: Dimension; description: string }[];

/** Adds the three commands. */
export function addUsageByDimensionCommands(program: Command, context: CliContext): void {
  for (const { name, description } of COMMANDS) {
    const command = program.command(name).description(description);
    addRangeFlags(command, "days");
    refuseTagFlag(addFilterFlags(command));
    addGroupFlag(command);
    if (name !== "model") addBreakdownFlag(command);
    addSortFlags(command);
    addCommonFlags(addCsvFlag(addJsonFlag(command)));
    command.action((flags: Flags) => showUsage(context, name, flags));
  }
}

async function showUsage(context: CliContext, dimension: Dimension, flags: Flags): Promise<void> {
  await answer(context, flags, async ({ ledger, screen, config, filter }) => {
    const { usageByDimension, usageTable } = await import("@moai-metrics/report");
    const { printRows } = await import("../output/print-rows.ts");
    const { costNotes } = await import("../output/cost-notes.ts");
    const { calendar } = screen;
    const breakdown: readonly Dimension[] = flags.csv && flags.breakdown ? ["model"] : [];
    const dimensions = [...new Set([dimension, ...(flags.groupBy ?? []), ...breakdown])];
    const range = resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
    const report = usageByDimension(ledger.store.ledger, { dimensions, filter: { ...filter, range } });
    const table = usageTable(report, { dimensions, isBrokenDown: flags.breakdown ?? false });
    printRows(context, screen, flags, { command: dimension, config, table, notes: costNotes(report.totals) });
  });
}
