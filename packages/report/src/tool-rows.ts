/** One row per tool. */
import type { LedgerFilter, LedgerReader } from "@moai-metrics/store";
import { nameOrUnknown, ratio } from "./fields.ts";
import { sumOf } from "./measures.ts";
import type { Report } from "./usage-rows.ts";

/** What tools and their totals have in common. */
export interface ToolSums {
  readonly calls: number;
  readonly errors: number;
  /** Errors / calls, 0 to 1; `null` when there are no calls. */
  readonly errorRate: number | null;
  /** Summed duration of the calls whose end is known. */
  readonly durationMs: number;
}

/** One tool. */
export interface ToolReportRow extends ToolSums {
  readonly tool: string;
}

/** Tools by number of calls, most first. */
export function toolReport(ledger: LedgerReader, filter: LedgerFilter): Report<ToolReportRow, ToolSums> {
  const tools = ledger.tools(filter).map((share) => ({
    tool: nameOrUnknown(share.tool),
    ...sums(share.toolCalls, share.toolErrors, share.toolMillis),
  }));
  const totals = sums(
    sumOf(tools, (tool) => tool.calls),
    sumOf(tools, (tool) => tool.errors),
    sumOf(tools, (tool) => tool.durationMs),
  );
  return { rows: tools, totals };
}

function sums(calls: number, errors: number, durationMs: number): ToolSums {
  return { calls, errors, errorRate: ratio(errors, calls), durationMs };
}
