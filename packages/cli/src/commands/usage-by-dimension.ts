/** `agent`, `model`, `project`: usage per name. */
import type { TimeRange } from "@moai-metrics/model";
import type { UsageDimension } from "@moai-metrics/report";
import type { Dimension, LedgerReader } from "@moai-metrics/store";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import { refuseTagFlag } from "../flags/by-session.ts";
import {
  addBreakdownFlag,
  addCommonFlags,
  addCsvFlag,
  addFilterFlags,
  addFromFlag,
  addJsonFlag,
  addRangeFlags,
  addSortFlags,
  addUsageGroupFlag,
  type CommonFlags,
  type FilterFlags,
  type FormatFlags,
  type FromFlags,
  type RangeFlags,
  type RowFlags,
} from "../flags/declare.ts";
import { resolveRange } from "../flags/range.ts";
import type { Screen } from "../output/screen.ts";
import { type AnswerInput, answer } from "./answer.ts";

type Flags = CommonFlags &
  FormatFlags &
  FilterFlags &
  RangeFlags &
  FromFlags &
  Omit<RowFlags, "groupBy"> & { readonly groupBy?: readonly UsageDimension[] };

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
    addUsageGroupFlag(command);
    if (name !== "model") addBreakdownFlag(command);
    addSortFlags(command);
    addCommonFlags(addFromFlag(addCsvFlag(addJsonFlag(command))));
    command.action((flags: Flags) => showUsage(context, name, flags));
  }
}

async function showUsage(context: CliContext, dimension: Dimension, flags: Flags): Promise<void> {
  const { costNotes, usageByDimension, usageTable } = await import("@moai-metrics/report");
  const { printRows } = await import("../output/print-rows.ts");
  const breakdown: readonly Dimension[] = flags.csv && flags.breakdown ? ["model"] : [];
  const dimensions = [...new Set<UsageDimension>([dimension, ...(flags.groupBy ?? []), ...breakdown])];
  const rangeOf = ({ calendar }: Screen): TimeRange | undefined =>
    resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
  const show = (
    { screen, config, filter }: Pick<AnswerInput, "screen" | "config" | "filter">,
    ledger: Pick<LedgerReader, "usage"> & Partial<Pick<LedgerReader, "usageBySpec">>,
    range: TimeRange | undefined,
    notes: readonly string[],
  ): void => {
    const report = usageByDimension(ledger, { dimensions, filter: { ...filter, range } });
    const table = usageTable(report, { dimensions, isBrokenDown: flags.breakdown ?? false });
    const all = [...costNotes(report.totals), ...notes];
    printRows(context, screen, flags, { command: dimension, config, table, notes: all });
  };
  const { from } = flags;
  if (from !== undefined && dimensions.includes("spec")) {
    throw new UsageError("--from knows no SPECs: they are tags of sessions. Leave --from out, or spec.");
  }
  if (from === undefined) {
    await answer(context, flags, (input) => show(input, input.ledger.store.ledger, rangeOf(input.screen), []));
    return;
  }
  const { answerFrom, FROM_NOTE } = await import("../prometheus/answer-from.ts");
  await answerFrom(
    context,
    { ...flags, from },
    rangeOf,
    () => [],
    (input) => show(input, input.reader, input.range, [FROM_NOTE]),
  );
}
