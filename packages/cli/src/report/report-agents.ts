/** `report agents`: every agent over a period. */

import type { TimeRange, ZoneCalendar } from "@moai-metrics/model";
import {
  agentMetricsDocument,
  COST_NOTE,
  renderCsv,
  type Table,
  type UsageLine,
  usageByDimension,
  usageTable,
  withoutColumns,
} from "@moai-metrics/report";
import { rowsPage } from "@moai-metrics/report/pages";
import { answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import { resolveRange } from "../flags/range.ts";
import { sorted } from "../output/print-rows.ts";
import { writeReport } from "./write-report.ts";

/** Reports agents over the range of the flags; over everything without one. */
export async function reportAgents(context: CliContext, flags: ReportFlags): Promise<void> {
  await answer(context, flags, ({ ledger: { store }, screen, config, filter }) => {
    const { calendar } = screen;
    const range = resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
    const asked = { ...filter, range };
    const isByAgent = config.agents.aggregatesByType;
    const table = (): Table<UsageLine> => {
      const report = usageByDimension(store.ledger, { dimensions: ["agent"], filter: asked });
      return sorted(usageTable(report, { dimensions: ["agent"], isBrokenDown: false }), flags);
    };
    writeReport(context, { screen, config, command: "agent" }, flags, {
      document: () => agentMetricsDocument(store.ledger, { filter: asked, calendar, isByAgent }),
      csv: (hidden) => renderCsv(withoutColumns(table(), hidden)),
      page: () =>
        rowsPage(table(), {
          title: "Agents",
          subtitle: subtitleOf(range, calendar),
          question: "Who did the work?",
          timeZone: screen.timeZone,
          chart: { name: "agent", value: "totalTokens", title: "Tokens by agent" },
          notes: [COST_NOTE],
        }),
    });
  });
}

/** The days that a report covers. */
export function subtitleOf(range: TimeRange | undefined, { dateOf, timeZone }: ZoneCalendar): string {
  const days =
    range === undefined ? "All that was recorded" : `${dateOf(range.startMillis)} to ${dateOf(range.endMillis - 1)}`;
  return `${days}, days of ${timeZone}`;
}
