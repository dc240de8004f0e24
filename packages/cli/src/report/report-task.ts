/** `report task`: one task. */
import {
  renderCsv,
  type Table,
  type TaskLine,
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
    const table = (): Table<TaskLine> => {
      const report = taskReport(store.ledger, { filter: { sessionIds } });
      const rows = report.rows.filter(({ taskId }) => taskId === document.task_metrics.key);
      return taskTable({ ...report, rows }, { isBrokenDown: false });
    };
    writeReport(context, { screen, config, command: "task" }, flags, {
      document: () => document,
      csv: (hidden) => renderCsv(withoutColumns(table(), hidden)),
      page: () =>
        rowsPage(table(), {
          title: `Task ${id}`,
          subtitle: `${document.task_metrics.agent}, ${document.task_metrics.result}`,
          question: "What did it take?",
          timeZone: screen.timeZone,
          notes: [],
        }),
    });
  });
}
