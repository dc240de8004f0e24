/** `report task`: one task. */
import {
  costNotes,
  renderCsv,
  taskMetricsDocument,
  taskReport,
  taskTable,
  toPlainText,
  withoutColumns,
} from "@moai-metrics/report";
import { rowsPage } from "@moai-metrics/report/pages";
import { answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import { writeReport } from "./write-report.ts";

/** Reports the task with this id. */
export async function reportTask(context: CliContext, id: string, flags: ReportFlags): Promise<void> {
  await answer(context, flags, ({ ledger: { store }, screen, config }) => {
    const document = taskMetricsDocument(store, id);
    if (document === undefined) {
      throw new CommandError(`There is no task ${toPlainText(id)}. Tasks with their ids: moai-metrics task --json`);
    }
    const sessionIds = [document.task_metrics.session_id];
    const task = () => {
      const report = taskReport(store.ledger, { filter: { sessionIds } });
      return { ...report, rows: report.rows.filter(({ taskId }) => taskId === document.task_metrics.key) };
    };
    const tableOf = (report: ReturnType<typeof task>) => taskTable(report, { isBrokenDown: false });
    writeReport(context, { screen, config, command: "task" }, flags, {
      document: () => document,
      csv: (hidden) => renderCsv(withoutColumns(tableOf(task()), hidden)),
      page: () => {
        const report = task();
        return rowsPage(tableOf(report), {
          title: `Task ${id}`,
          subtitle: `${document.task_metrics.agent}, ${document.task_metrics.result}`,
          question: "What did it take?",
          timeZone: screen.timeZone,
          notes: report.rows.flatMap(costNotes),
        });
      },
    });
  });
}
