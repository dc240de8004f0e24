/** `report sessions|tasks|models|tools|projects`: the row commands as pages. */
import {
  costNotes,
  envelope,
  renderCsv,
  sessionReport,
  sessionTable,
  type Table,
  taskReport,
  taskTable,
  toolReport,
  toolTable,
  usageByDimension,
  usageTable,
  withoutColumns,
} from "@moai-metrics/report";
import { type RowsPageOptions, rowsPage } from "@moai-metrics/report/pages";
import type { LedgerFilter, Store } from "@moai-metrics/store";
import { answer } from "../commands/answer.ts";
import type { ReportFlags, RowsReportName } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { withTags } from "../flags/by-session.ts";
import { resolveRange } from "../flags/range.ts";
import { sorted } from "../output/print-rows.ts";
import { subtitleOf } from "./report-agents.ts";
import { type ReportForms, writeReport } from "./write-report.ts";

/** Makes every form of a report from its table, and what stands under it. */
type MakeForms = <Row>(table: Table<Row>, notes: readonly string[]) => ReportForms;

interface RowsReport extends Pick<RowsPageOptions, "title" | "question" | "chart"> {
  /** The row command whose document it is. */
  readonly command: string;
  readonly ask: (store: Store, filter: LedgerFilter, make: MakeForms) => ReportForms;
}

const usageOf =
  (dimension: "model" | "project"): RowsReport["ask"] =>
  (store, filter, make) => {
    const report = usageByDimension(store.ledger, { dimensions: [dimension], filter });
    return make(usageTable(report, { dimensions: [dimension], isBrokenDown: false }), costNotes(report.totals));
  };

const REPORTS: Readonly<Record<RowsReportName, RowsReport>> = {
  sessions: {
    command: "session",
    title: "Sessions",
    question: "What happened in each session?",
    ask: (store, filter, make) => {
      const report = sessionReport(store.ledger, { filter });
      return make(sessionTable(report, { isBrokenDown: false }), costNotes(report.totals));
    },
  },
  tasks: {
    command: "task",
    title: "Tasks",
    question: "What did each task take?",
    ask: (store, filter, make) => {
      const report = taskReport(store.ledger, { filter });
      return make(taskTable(report, { isBrokenDown: false }), costNotes(report.totals));
    },
  },
  models: {
    command: "model",
    title: "Models",
    question: "Which models cost what?",
    chart: { name: "model", value: "totalCost", title: "Cost by model, US dollars" },
    ask: usageOf("model"),
  },
  tools: {
    command: "tool",
    title: "Tools",
    question: "Which tools are used, and which fail?",
    chart: { name: "tool", value: "calls", title: "Calls by tool" },
    ask: (store, filter, make) => make(toolTable(toolReport(store.ledger, filter)), []),
  },
  projects: {
    command: "project",
    title: "Projects",
    question: "Where did it go?",
    chart: { name: "project", value: "totalTokens", title: "Tokens by project" },
    ask: usageOf("project"),
  },
};

/** Reports rows over the range of the flags; over everything without one. */
export async function reportRows(context: CliContext, name: RowsReportName, flags: ReportFlags): Promise<void> {
  const { command, ask, title, question, chart } = REPORTS[name];
  await answer(context, flags, ({ ledger: { store }, screen, config, filter }) => {
    const { calendar, timeZone } = screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
    const subtitle = subtitleOf(range, calendar);
    const make: MakeForms = (whole, notes) => {
      const table = sorted(whole, flags);
      return {
        document: () => envelope(command, table.rows, table.totals),
        csv: (hidden) => renderCsv(withoutColumns(table, hidden)),
        page: () => rowsPage(table, { title, subtitle, question, timeZone, chart, notes }),
      };
    };
    writeReport(
      context,
      { screen, config, command },
      flags,
      ask(store, { ...withTags(store, flags, filter), range }, make),
    );
  });
}
