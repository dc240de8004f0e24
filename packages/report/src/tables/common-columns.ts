/** Columns that several tables share. */
import type { ModelBreakdown, ModelFields, UsageFields } from "../fields.ts";
import type { Column, Table } from "../render/table-model.ts";
import { costColumn } from "./costs.ts";

/** A row whose fields may be missing: totals and breakdowns have no tasks, or no name. */
export type Line<Sums, Row> = Sums & Partial<Omit<Row, keyof Sums>>;

/** Rows that show the share of each model under a row. */
export const MODEL_BREAKDOWN: Pick<Table<UsageFields & Partial<ModelFields>>, "subRows" | "subRowTitle"> = {
  subRows: (row) => (row.modelBreakdowns ?? []).map(lineOfModel),
  subRowTitle: (line) => line.modelsUsed?.[0] ?? "",
};

/** Tokens, calls and cost. */
export function usageColumns<Row extends UsageFields>(): readonly Column<Row>[] {
  return [
    { key: "calls", title: "Calls", kind: "count", value: (row) => row.calls },
    { key: "inputTokens", title: "Input", kind: "tokens", value: (row) => tokens(row, row.inputTokens) },
    { key: "outputTokens", title: "Output", kind: "tokens", value: (row) => tokens(row, row.outputTokens) },
    { key: "cacheReadTokens", title: "Cache rd", kind: "tokens", value: (row) => tokens(row, row.cacheReadTokens) },
    {
      key: "cacheCreationTokens",
      title: "Cache wr",
      kind: "tokens",
      value: (row) => tokens(row, row.cacheCreationTokens),
    },
    { key: "totalTokens", title: "Total", kind: "tokens", value: (row) => tokens(row, row.totalTokens) },
    costColumn<Row>(),
  ];
}

/** What only CSV shows of calls. */
export function originColumns<Row extends UsageFields>(): readonly Column<Row>[] {
  return [
    { key: "reportedCost", kind: "cost", value: (row) => row.reportedCost },
    { key: "unpricedCalls", kind: "count", value: (row) => row.unpricedCalls },
    { key: "callsWithoutUsage", kind: "count", value: (row) => row.callsWithoutUsage },
    { key: "callErrors", kind: "count", value: (row) => row.callErrors },
    { key: "undividedTokens", kind: "tokens", value: (row) => row.undividedTokens },
  ];
}

/** Gives columns their place in the order in which a narrow screen leaves them out: the first of `keys` first. */
export function dropInOrder<Row>(columns: readonly Column<Row>[], keys: readonly string[]): readonly Column<Row>[] {
  return columns.map((column) => {
    const position = keys.indexOf(column.key);
    return position === -1 ? column : { ...column, dropRank: keys.length - position };
  });
}

/** Tokens are unknown, not zero, when no call said how many. */
function tokens(row: UsageFields, count: number): number | null {
  return row.calls > 0 && row.callsWithoutUsage >= row.calls ? null : count;
}

function lineOfModel({ modelName, cost, ...fields }: ModelBreakdown): UsageFields & Partial<ModelFields> {
  return { ...fields, totalCost: cost, modelsUsed: [modelName] };
}
