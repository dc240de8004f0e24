/** `report agents`: every agent over a period. */

import type { TimeRange, ZoneCalendar } from "@moai-metrics/model";
import {
  agentMetricsDocument,
  costNotes,
  type Report,
  renderCsv,
  type Table,
  type UsageLine,
  type UsageRow,
  usageByDimension,
  usageTable,
  withoutColumns,
} from "@moai-metrics/report";
import { rowsPage } from "@moai-metrics/report/pages";
import type { LedgerReader } from "@moai-metrics/store";
import { type AnswerInput, answer } from "../commands/answer.ts";
import type { ReportFlags } from "../commands/report.ts";
import type { CliContext } from "../context.ts";
import type { FromFlags } from "../flags/declare.ts";
import { resolveRange } from "../flags/range.ts";
import { sorted } from "../output/print-rows.ts";
import type { Screen } from "../output/screen.ts";
import { writeReport } from "./write-report.ts";

/** Reports agents over the range of the flags; over everything without one. */
export async function reportAgents(context: CliContext, flags: ReportFlags & FromFlags): Promise<void> {
  const rangeOf = ({ calendar }: Screen): TimeRange | undefined =>
    resolveRange(flags, { calendar, nowMillis: context.now(), lastUnit: "day" });
  const { from } = flags;
  if (from === undefined) {
    await answer(context, flags, (input) => {
      show(context, flags, input, input.ledger.store.ledger, rangeOf(input.screen), []);
    });
    return;
  }
  const { answerFrom, FROM_NOTE } = await import("../prometheus/answer-from.ts");
  await answerFrom(
    context,
    { ...flags, from },
    rangeOf,
    () => [],
    (input) => show(context, flags, input, input.reader, input.range, [FROM_NOTE]),
  );
}

function show(
  context: CliContext,
  flags: ReportFlags,
  { screen, config, filter }: Pick<AnswerInput, "screen" | "config" | "filter">,
  ledger: Pick<LedgerReader, "usage" | "span">,
  range: TimeRange | undefined,
  notes: readonly string[],
): void {
  const { calendar } = screen;
  const asked = { ...filter, range };
  const isByAgent = config.agents.aggregatesByType;
  const report = () => usageByDimension(ledger, { dimensions: ["agent"], filter: asked });
  const tableOf = (rows: Report<UsageRow>): Table<UsageLine> =>
    sorted(usageTable(rows, { dimensions: ["agent"], isBrokenDown: false }), flags);
  writeReport(context, { screen, config, command: "agent" }, flags, {
    document: () => agentMetricsDocument(ledger, { filter: asked, calendar, isByAgent }),
    csv: (hidden) => renderCsv(withoutColumns(tableOf(report()), hidden)),
    page: () => {
      const rows = report();
      return rowsPage(tableOf(rows), {
        title: "Agents",
        subtitle: subtitleOf(range, calendar),
        question: "Who did the work?",
        timeZone: screen.timeZone,
        chart: { name: "agent", value: "totalTokens", title: "Tokens by agent" },
        notes: [...costNotes(rows.totals), ...notes],
      });
    },
  });
}

/** The days that a report covers. */
export function subtitleOf(range: TimeRange | undefined, { dateOf, timeZone }: ZoneCalendar): string {
  const days =
    range === undefined ? "All that was recorded" : `${dateOf(range.startMillis)} to ${dateOf(range.endMillis - 1)}`;
  return `${days}, days of ${timeZone}`;
}
