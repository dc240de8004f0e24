/** `dashboard --once` and `--json`: one frame, or the figures behind it. */
import type { AnswerInput } from "../commands/answer.ts";
import type { CliContext } from "../context.ts";
import type { DashboardFlags } from "./dashboard-flags.ts";

/** Where there is no screen, every section has room. */
const PIPE_ROWS = 32;

/** Prints what was asked for. A frame is as wide as the environment says, and never smaller than the least screen. */
export async function showOnce(context: CliContext, flags: DashboardFlags, input: AnswerInput): Promise<void> {
  const [{ dashboardReport, NO_READINGS, renderJson }, { createReceiverReadings }, { readStoreFiles }] =
    await Promise.all([
      import("@moai-metrics/report"),
      import("./readings/receiver-readings.ts"),
      import("./readings/process-readings.ts"),
    ]);
  const { ledger, screen, config, filter } = input;
  const { storage } = ledger;
  const dashboard = dashboardReport(
    ledger.store,
    {
      ...{ period: flags.period, groupBy: flags.groupBy, trendUnit: flags.by },
      ...{ calendar: screen.calendar, nowMillis: context.now(), filter, config },
    },
    {
      ...NO_READINGS,
      // Of data that is not the user's own, neither means anything.
      store: storage === undefined ? null : (readStoreFiles(ledger.store.path)?.sizes ?? null),
      receiver: storage === undefined ? null : await createReceiverReadings(storage).read(),
    },
  );
  if (flags.json) {
    context.write(renderJson({ dashboard }));
    return;
  }
  const label = context.dataLabel;
  if (isForReaders(context, flags)) {
    const { renderSpoken } = await import("./screen/render-spoken.ts");
    context.write(`${renderSpoken(dashboard, label).join("\n")}\n`);
    return;
  }
  const [{ initialState }, { renderScreen }, { LEAST_COLUMNS, LEAST_ROWS }] = await Promise.all([
    import("./state.ts"),
    import("./screen/render-screen.ts"),
    import("./screen/layout.ts"),
  ]);
  const state = initialState({
    columns: Math.max(LEAST_COLUMNS, screen.columns),
    rows: context.environment.isTerminal ? Math.max(LEAST_ROWS, screen.rows - 1) : PIPE_ROWS,
    period: flags.period,
    groupBy: flags.groupBy,
    trendUnit: flags.by,
    label,
  });
  const lines = renderScreen({ ...state, dashboard, isOnce: true }, screen.palette);
  context.write(`${lines.join("\n").trimEnd()}\n`);
}

/** Whether a screen reader reads: then sentences are better than drawings. */
export function isForReaders({ environment }: CliContext, { screenReader = false }: DashboardFlags): boolean {
  return screenReader || environment.variables["INK_SCREEN_READER"] === "true";
}
