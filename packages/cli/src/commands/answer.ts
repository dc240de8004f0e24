/** The way every command that shows data goes: open, catch up, choose, answer, close. */
import type { MetricsConfig } from "@moai-metrics/settings";
import type { LedgerFilter } from "@moai-metrics/store";
import type { CliContext, OpenLedger } from "../context.ts";
import type { CommonFlags, FilterFlags } from "../flags/declare.ts";
import { tidyUp } from "../ledger/tidy-up.ts";
import type { Screen } from "../output/screen.ts";

/** What a command answers from. */
export interface AnswerInput {
  readonly ledger: OpenLedger;
  readonly screen: Screen;
  /** The settings that hold where the command was typed. */
  readonly config: MetricsConfig;
  readonly filter: Omit<LedgerFilter, "range">;
}

/**
 * Opens the store, resolves the filter and hands both over; afterwards tells on standard error what could not be read
 * and, with `--verbose`, what was skipped.
 */
export async function answer(
  context: CliContext,
  flags: CommonFlags & FilterFlags,
  show: (input: AnswerInput) => void | Promise<void>,
): Promise<void> {
  const [ledger, { resolveScreen }, { resolveFilter }, notes] = await Promise.all([
    context.openLedger(flags),
    import("../output/screen.ts"),
    import("../flags/filter.ts"),
    import("../output/transcript-notes.ts"),
  ]);
  try {
    const { filter, warnings } = resolveFilter(flags, ledger.store.ledger, context.environment.workingFolder);
    for (const warning of warnings) context.warn(warning);
    const screen = resolveScreen(context, flags);
    const { config } = await context.loadConfig(flags);
    await show({ ledger, screen, config, filter });
    for (const line of notes.failureLines(ledger.caughtUp)) context.warn(line);
    if (flags.verbose) for (const line of notes.skippedLines(ledger.store.skipped())) context.warn(line);
    await tidyUp(context, ledger, screen.timeZone);
    if (ledger.caughtUp !== undefined) {
      const { writeDueReports } = await import("../ledger/write-due-reports.ts");
      writeDueReports(context, ledger);
    }
  } finally {
    ledger.close();
  }
}
