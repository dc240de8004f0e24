/** Takes in what a run left behind, and renders its summary. */
import {
  alertsOf,
  atMoment,
  budgetReport,
  createPalette,
  hiddenFields,
  renderBudgets,
  watchSettings,
} from "@moai-metrics/report";
import type { CliContext } from "../context.ts";
import { tidyUp } from "../ledger/tidy-up.ts";
import { writeDueReports } from "../ledger/write-due-reports.ts";
import { resolveScreen } from "../output/screen.ts";
import type { RunFlags } from "./run-command.ts";
import { type FinishedRun, storeRun } from "./store-run.ts";
import { summaryLines } from "./summary-lines.ts";

/** More than this nobody reads below a command's output. */
const MAX_BUDGETS = 3;

/** Stores the run and returns the lines of its summary: five, then budgets and warnings where there are some. */
export async function summarizeRun(context: CliContext, flags: RunFlags, run: FinishedRun): Promise<string[]> {
  const products = new Set(run.told.map(({ product }) => product));
  if (run.agent !== undefined) products.add(run.agent);
  const ledger = await context.openLedger(flags, { products: [...products] });
  try {
    const { store } = ledger;
    const { config } = await context.loadConfig(flags);
    const screen = resolveScreen(context, flags);
    const figures = storeRun(ledger, run);
    const budgets = budgetReport(store, {
      ...watchSettings(config),
      calendar: screen.calendar,
      range: atMoment(context.now()),
      filter: {},
    });
    const sessionIds = new Set(figures.sessionIds);
    const peaks = budgets.tokenWarnings.peaks.filter(({ sessionId }) => sessionIds.has(sessionId));
    const warnings = alertsOf({
      ...budgets,
      budgets: [],
      unpricedModels: [],
      tokenWarnings: { ...budgets.tokenWarnings, peaks },
    });
    await tidyUp(context, ledger, screen.timeZone);
    writeDueReports(context, ledger);
    // They go where standard error goes; there, the command may have left its line unfinished.
    const { isProgressVisible } = context.environment;
    const palette = isProgressVisible ? screen.palette : createPalette(false);
    return [
      ...(isProgressVisible ? [""] : []),
      ...summaryLines(figures, hiddenFields("session", config)),
      ...renderBudgets(budgets, { columns: screen.columns, palette, maxLines: MAX_BUDGETS }),
      ...warnings.map(({ message }) => message),
    ];
  } finally {
    ledger.close();
  }
}
