/** `session`: one row per session. */
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
export function addSessionCommand(program: Command, context: CliContext): void {
  const command = program
    .command("session [id]")
    .description("duration, tasks, tools, files, errors, tokens and cost per session; with an id, one session in full");
  addRangeFlags(command, "sessions");
  addTagFlag(refuseFromFlag(refuseGroupFlag(addFilterFlags(command))));
  addBreakdownFlag(command);
  addSortFlags(command);
  addCommonFlags(addCsvFlag(addJsonFlag(command)));
  command.action((id: string | undefined, flags: Flags) => showSessions(context, id, flags));
}

async function showSessions(context: CliContext, id: string | undefined, flags: Flags): Promise<void> {
  await answer(context, flags, async ({ ledger, screen, config, filter }) => {
    const { costNotes, hiddenFields, renderSessionCard, sessionReport, sessionTable, toPlainText } = await import(
      "@moai-metrics/report"
    );
    const { printRows } = await import("../output/print-rows.ts");
    const { calendar } = screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now() });
    const report = sessionReport(ledger.store.ledger, {
      filter: { ...withTags(ledger.store, flags, filter), range },
      idPrefix: id,
      last: flags.last,
    });
    const [only] = report.rows;
    if (id !== undefined && only !== undefined && report.rows.length === 1 && !flags.json && !flags.csv) {
      const label = context.dataLabel === undefined ? [] : [screen.palette.warning(context.dataLabel), ""];
      context.write(`${[...label, ...renderSessionCard(only, screen, hiddenFields("session", config))].join("\n")}\n`);
      return;
    }
    if (id !== undefined && only === undefined) {
      context.warn(`No session begins with ${toPlainText(id)} here. Sessions: moai-metrics session`);
    }
    const table = sessionTable(report, { isBrokenDown: flags.breakdown ?? false });
    printRows(context, screen, flags, { command: "session", config, table, notes: costNotes(report.totals) });
  });
}
