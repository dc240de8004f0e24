/** `tool`: one row per tool. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { addTagFlag, refuseFromFlag, refuseGroupFlag, type TagFlags, withTags } from "../flags/by-session.ts";
import {
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
export function addToolCommand(program: Command, context: CliContext): void {
  const command = program.command("tool").description("calls, failures and duration per tool");
  addRangeFlags(command, "days");
  addTagFlag(refuseFromFlag(refuseGroupFlag(addFilterFlags(command))));
  addSortFlags(command);
  addCommonFlags(addCsvFlag(addJsonFlag(command)));
  command.action((flags: Flags) => showTools(context, flags));
}

async function showTools(context: CliContext, flags: Flags): Promise<void> {
  if (flags.model !== undefined) {
    throw new UsageError("--model: calls of tools have no model. Leave it out, or see moai-metrics model.");
  }
  await answer(context, flags, async ({ ledger, screen, config, filter }) => {
    const { toolReport, toolTable } = await import("@moai-metrics/report");
    const { printRows } = await import("../output/print-rows.ts");
    const { calendar } = screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
    const report = toolReport(ledger.store.ledger, { ...withTags(ledger.store, flags, filter), range });
    printRows(context, screen, flags, { command: "tool", config, table: toolTable(report), notes: [] });
  });
}
