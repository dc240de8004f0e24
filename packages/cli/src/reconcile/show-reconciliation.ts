/** Shows what each witness told of the sessions that are asked for. */
import { PRODUCT_TELLINGS } from "@moai-metrics/agents/telling";
import { envelope, type ReconcileTotals, reconcileReport, reconcileTable, renderJson } from "@moai-metrics/report";
import { answer } from "../commands/answer.ts";
import type { ReconcileFlags } from "../commands/reconcile.ts";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import { resolveRange } from "../flags/range.ts";
import { printRows } from "../output/print-rows.ts";

/** @throws CheckError with `--check`, when witnesses differ. */
export async function showReconciliation(
  context: CliContext,
  id: string | undefined,
  flags: ReconcileFlags,
): Promise<void> {
  let differ = 0;
  await answer(context, flags, ({ ledger, screen, config, filter }) => {
    const nowMillis = context.now();
    const range = resolveRange(flags, { calendar: screen.calendar, nowMillis });
    const report = reconcileReport(ledger.store, {
      filter: { ...filter, range },
      idPrefix: id,
      last: flags.last,
      tellings: PRODUCT_TELLINGS,
      nowMillis,
    });
    differ = report.totals.differ;
    if (flags.json) {
      context.write(renderJson(envelope("reconcile", report.sessions, report.totals)));
      return;
    }
    const table = reconcileTable(report, { isCompact: !flags.csv });
    printRows(context, screen, flags, { command: "reconcile", config, table, notes: notesOf(report.totals) });
  });
  if (flags.check && differ > 0) {
    throw new CheckError(
      `In ${differ} ${differ === 1 ? "session" : "sessions"} a witness told something else than the ledger holds. ` +
        "What that means: docs/reconcile.md.",
    );
  }
}

function notesOf({ sessions, agree, differ, oneWitness }: ReconcileTotals): readonly string[] {
  return [
    "",
    `${sessions} ${sessions === 1 ? "session" : "sessions"}: ${agree} agree, ${differ} differ, ${oneWitness} with one witness. ` +
      "The ledger counts each call once, whoever told of it; a gap is what a witness told minus that.",
  ];
}
