/** Shows what each witness told of the sessions that are asked for. */
import { PRODUCT_TELLINGS } from "@moai-metrics/agents/telling";
import {
  envelope,
  missedCallsTable,
  type ReconcileReport,
  type ReconcileTotals,
  reconcileReport,
  reconcileTable,
  renderJson,
  renderTable,
} from "@moai-metrics/report";
import { answer } from "../commands/answer.ts";
import type { ReconcileFlags } from "../commands/reconcile.ts";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import { resolveRange } from "../flags/range.ts";
import { printRows } from "../output/print-rows.ts";
import type { Screen } from "../output/screen.ts";

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
    const notes = notesOf(report.totals);
    printRows(context, screen, flags, { command: "reconcile", config, table, notes, whenEmpty: NO_SESSION });
    if (!flags.csv) showMissedCalls(context, screen, report);
  });
  if (flags.check && differ > 0) {
    throw new CheckError(
      `In ${differ} ${differ === 1 ? "session" : "sessions"} a witness told something else than the ledger holds. ` +
        "What that means: docs/reconcile.md.",
    );
  }
}

const NO_SESSION = "No session of this choice has a model call or a count of tokens to compare.";

/** Single calls that a witness told of and another one did not; the rest of them is in the document. */
function showMissedCalls(context: CliContext, screen: Screen, report: ReconcileReport): void {
  const { table, total } = missedCallsTable(report, MAX_MISSED_CALLS);
  if (total === 0) return;
  const more = total > table.rows.length ? [`The newest ${table.rows.length} of ${total}; all of them: --json.`] : [];
  const lines = ["", "Calls that a witness missed", ...renderTable(table, screen), ...more.map(screen.palette.faint)];
  context.write(`${lines.join("\n")}\n`);
}

const MAX_MISSED_CALLS = 10;

function notesOf({ sessions, agree, differ, oneWitness }: ReconcileTotals): readonly string[] {
  return [
    "",
    `${sessions} ${sessions === 1 ? "session" : "sessions"}: ${agree} agree, ${differ} differ, ${oneWitness} with one witness. ` +
      "The ledger counts each call once, whoever told of it; a gap is what a witness told minus that.",
  ];
}
