/** `task`: one row per task. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addTagFlag, refuseFromFlag, refuseGroupFlag, type TagFlags, withTags } from "../flags/by-session.ts";
import {
  addBreakdownFlag,
  addCommonFlags,
  addCsvFlag,
  addFilterFlags,
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

type Flags = CommonFlags & FormatFlags & FilterFlags & RangeFlags & RowFlags & TagFlags;

/** Adds the command. */
export function addTaskCommand(program: Command, context: CliContext): void {
  const command = program
    .command("task")
    .description("agent, result, duration, files, tokens and cost per task; a task's figures are its own");
  addRangeFlags(command, "tasks");
  addTagFlag(refuseFromFlag(refuseGroupFlag(addFilterFlags(command))));
  addBreakdownFlag(command);
  addSortFlags(command);
  addCommonFlags(addCsvFlag(addJsonFlag(command)));
  command.action((flags: Flags) => showTasks(context, flags));
}

async function showTasks(context: CliContext, flags: Flags): Promise<void> {
  await answer(context, flags, async ({ ledger, screen, config, filter }) => {
    const { costNotes, taskReport, taskTable } = await import("@moai-metrics/report");
    const { printRows } = await import("../output/print-rows.ts");
    const { calendar } = screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now() });
    const report = taskReport(ledger.store.ledger, {
      filter: { ...withTags(ledger.store, flags, filter), range },
      last: flags.last,
    });
    const table = taskTable(report, { isBrokenDown: flags.breakdown ?? false });
    printRows(context, screen, flags, { command: "task", config, table, notes: costNotes(report.totals) });
  });
}
