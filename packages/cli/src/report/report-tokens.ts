/** `report tokens`: the tokens of one session. */
import {
  costNotes,
  renderCsv,
  taskReport,
  taskTable,
  tokenUsageDocument,
  toPlainText,
  withoutColumns,
} from "@moai-metrics/report";
import { rowsPage } from "@moai-metrics/report/pages";
import { answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { writeReport } from "./write-report.ts";

/** Reports the session whose id begins as `--session` says. */
export async function reportTokens(context: CliContext, flags: ReportFlags): Promise<void> {
  const prefix = flags.session ?? "";
  await answer(context, flags, ({ ledger: { store }, screen, config }) => {
    if (!config.tokens.showsPerSession) throw new CommandError(SWITCHED_OFF);
    const sessionId = findSession(
      store.ledger.sessions({}).map((session) => session.sessionId),
      prefix,
    );
    const tasks = () => taskReport(store.ledger, { filter: { sessionIds: [sessionId] } });
    const tableOf = (report: ReturnType<typeof tasks>) => taskTable(report, { isBrokenDown: false });
    writeReport(context, { screen, config, command: "task" }, flags, {
      document: () => tokenUsageDocument(store, sessionId),
      csv: (hidden) => renderCsv(withoutColumns(tableOf(tasks()), hidden)),
      page: () => {
        const report = tasks();
        return rowsPage(tableOf(report), {
          title: `Tokens of session ${sessionId}`,
          subtitle: "Every task with its own calls",
          question: "Which tasks used the tokens?",
          timeZone: screen.timeZone,
          chart: { name: "taskId", value: "totalTokens", title: "Tokens by task" },
          notes: costNotes(report.totals),
        });
      },
    });
  });
}

const SWITCHED_OFF =
  "Tokens of sessions are not shown: token_tracking.track_per_session is off. " +
  "To see them: moai-metrics config set token_tracking.track_per_session true";

/** @throws CommandError when no session, or more than one, begins so. */
function findSession(ids: readonly string[], prefix: string): string {
  const found = ids.includes(prefix) ? [prefix] : ids.filter((id) => id.startsWith(prefix));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new CommandError(
    found.length === 0
      ? `No session begins with ${toPlainText(prefix)}. Sessions: moai-metrics session`
      : `${found.length} sessions begin with ${toPlainText(prefix)}. Give more of the id.`,
  );
}
