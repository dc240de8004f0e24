/** Shows the overview. Apart from the command's declaration, so that the bare command need not load commander. */
import type { Alert, Overview, OverviewOptions } from "@moai-metrics/report";
import { type AnswerInput, answer } from "../commands/answer.ts";
import type { CliContext, OpenLedger } from "../context.ts";
import type { CommonFlags, FilterFlags, FormatFlags } from "../flags/declare.ts";
import type { Screen } from "../output/screen.ts";

/** Flags of the overview. */
export type OverviewFlags = CommonFlags & FormatFlags & FilterFlags;

/** The line that the prompt takes after the screen. */
const PROMPT_ROWS = 1;

const RETENTION_NOTE =
  "Claude Code deletes its transcripts after 30 days (cleanupPeriodDays); what was read stays here.";

/** The whole command: opens, catches up, shows, closes. */
export async function runOverview(context: CliContext, flags: OverviewFlags): Promise<void> {
  await answer(context, flags, (input) => showOverview(context, flags, input));
}

/** Prints the overview of an open ledger, or where was looked when it is empty. */
export async function showOverview(context: CliContext, flags: OverviewFlags, input: AnswerInput): Promise<void> {
  const { ledger, screen, filter } = input;
  const [{ hiddenFields, overviewReport, renderJson, telemetryAlerts, withoutKeys }, { readBudgets }] =
    await Promise.all([import("@moai-metrics/report"), import("../budget/read-budgets.ts")]);
  const hidden = hiddenFields("overview", input.config);
  const nowMillis = context.now();
  const overview = overviewReport(ledger.store.ledger, { calendar: screen.calendar, nowMillis, filter });
  const budgets = readBudgets(input, { nowMillis });
  const telemetry = telemetryAlerts(ledger.store.ledger, nowMillis);
  if (flags.json) {
    const heard = telemetry.map(({ subject: product, message, next }) => ({ product, message, next }));
    context.write(renderJson({ overview: withoutKeys(overview, hidden), budget: budgets, telemetry: heard }));
    return;
  }
  const lines =
    overview.oldestDate === null
      ? await emptyScreen(ledger)
      : await overviewScreen(context, ledger, screen, overview, { hidden, budgets, telemetry });
  context.write(`${lines.join("\n")}\n`);
}

async function overviewScreen(
  context: CliContext,
  ledger: OpenLedger,
  screen: Screen,
  overview: Overview,
  {
    hidden,
    budgets,
    telemetry,
  }: Pick<OverviewOptions, "hidden" | "budgets"> & { readonly telemetry: readonly Alert[] },
): Promise<readonly string[]> {
  const { renderOverview } = await import("@moai-metrics/report");
  const isOwnData = context.dataLabel === undefined;
  return renderOverview(overview, {
    columns: screen.columns,
    rows: Math.min(screen.rows, 24) - PROMPT_ROWS,
    palette: screen.palette,
    label: context.dataLabel,
    hidden,
    budgets,
    notes: [
      ...telemetry.map(({ message, next }) => `${message} ${next}`),
      ...(isOwnData ? await machineNotes(ledger) : []),
      ...(isOwnData ? [`Oldest day kept: ${overview.oldestDate}. ${RETENTION_NOTE}`] : []),
      `Next: ${context.nextStep}`,
    ],
  });
}

/** What there is to say when nothing was ever recorded. */
async function emptyScreen(ledger: OpenLedger): Promise<readonly string[]> {
  const { searchedLines } = await import("../output/transcript-notes.ts");
  return [
    "No agent data found.",
    ...(ledger.caughtUp === undefined ? [] : ["Looked for transcripts in:", ...searchedLines(ledger.caughtUp.sources)]),
    ...(await machineNotes(ledger)),
    "See it with simulated data: moai-metrics demo",
    "Transcripts elsewhere: moai-metrics import --path FOLDER",
  ];
}

async function machineNotes(ledger: OpenLedger): Promise<readonly string[]> {
  const { skippedNote } = await import("../output/transcript-notes.ts");
  return skippedNote(ledger.store.skipped());
}
