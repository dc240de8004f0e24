/** `daily`, `weekly`, `monthly`: usage per calendar period. */
import type { PeriodUnit, TimeRange } from "@moai-metrics/model";
import type { LedgerReader } from "@moai-metrics/store";
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { refuseTagFlag } from "../flags/by-session.ts";
import {
  addBreakdownFlag,
  addCommonFlags,
  addCsvFlag,
  addFilterFlags,
  addFromFlag,
  addGroupFlag,
  addJsonFlag,
  addRangeFlags,
  addSortFlags,
  addWeekFlag,
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

type Flags = CommonFlags & FormatFlags & FilterFlags & RangeFlags & RowFlags & FromFlags;

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
    addCommonFlags(addFromFlag(addCsvFlag(addJsonFlag(command))));
    command.action((flags: Flags) => showUsage(context, name, unit, flags));
  }
}

async function showUsage(context: CliContext, command: string, unit: PeriodUnit, flags: Flags): Promise<void> {
  const { costNotes, usageByPeriod, usageTable } = await import("@moai-metrics/report");
  const { printRows } = await import("../output/print-rows.ts");
  // CSV has no rows under rows: there a breakdown is a row per model.
  const dimensions = [
    ...new Set([...(flags.groupBy ?? []), ...(flags.csv && flags.breakdown ? ["model" as const] : [])]),
  ];
  const rangeOf = ({ calendar }: Screen): TimeRange | undefined =>
    resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: unit });
  const show = (
    { screen, config, filter }: Pick<AnswerInput, "screen" | "config" | "filter">,
    ledger: Pick<LedgerReader, "usage" | "span" | "sessionCounts">,
    range: TimeRange | undefined,
    notes: readonly string[],
  ): void => {
    const { calendar } = screen;
    const weekStart = flags.startOfWeek;
    const report = usageByPeriod(ledger, { unit, calendar, filter, range, weekStart, groupBy: dimensions });
    const table = usageTable(report, { unit, dimensions, isBrokenDown: flags.breakdown ?? false });
    printRows(context, screen, flags, { command, config, table, notes: [...costNotes(report.totals), ...notes] });
  };
  const { from } = flags;
  if (from === undefined) {
    await answer(context, flags, (input) => show(input, input.ledger.store.ledger, rangeOf(input.screen), []));
    return;
  }
  const { answerFrom, FROM_NOTE } = await import("../prometheus/answer-from.ts");
  const edgesOf = (range: TimeRange, { calendar }: Screen): number[] =>
    calendar.periods(range, unit, flags.startOfWeek).map((period) => Math.max(period.startMillis, range.startMillis));
  await answerFrom(context, { ...flags, from }, rangeOf, edgesOf, (input) =>
    show(input, input.reader, input.range, [FROM_NOTE]),
  );
}
