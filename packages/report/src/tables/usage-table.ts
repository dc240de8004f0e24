/** Tables of usage by period, agent, model, project or product. */
import type { PeriodUnit } from "@moai-metrics/model";
import type { UsageFields } from "../fields.ts";
import type { Column, Table } from "../render/table-model.ts";
import type { Report, UsageDimension, UsageRow } from "../usage-rows.ts";
import { dropInOrder, type Line, MODEL_BREAKDOWN, originColumns, usageColumns } from "./common-columns.ts";
import { shortPaths } from "./short-names.ts";

/** A row of usage, its totals, or the share of one model in it. */
export type UsageLine = Line<UsageFields, UsageRow>;

/** What a usage table shows. */
export interface UsageTableOptions {
  /** The period of the rows; without it the first dimension leads. */
  readonly unit?: PeriodUnit | undefined;
  readonly dimensions: readonly UsageDimension[];
  /** Show the share of each model under every row. */
  readonly isBrokenDown: boolean;
}

const PERIOD_COLUMNS = {
  day: { key: "date", title: "Day", kind: "text", value: (row) => row.date ?? null },
  week: { key: "week", title: "Week", kind: "text", value: (row) => row.week ?? null },
  month: { key: "month", title: "Month", kind: "text", value: (row) => row.month ?? null },
} as const satisfies Record<PeriodUnit, Column<UsageLine>>;

const DIMENSION_TITLES = {
  product: "Product",
  project: "Project",
  agent: "Agent",
  model: "Model",
  spec: "SPEC",
} as const satisfies Record<UsageDimension, string>;

const NAME_MIN_WIDTH = 20;
/** Where four names share a row. */
const CROWDED_NAME_MIN_WIDTH = 12;

const TASK_COLUMNS: readonly Column<UsageLine>[] = [
  { key: "tasksCompleted", title: "Tasks", kind: "count", value: (row) => row.tasksCompleted ?? null },
  { key: "successRate", title: "Success", kind: "percent", value: (row) => row.successRate ?? null },
  { key: "averageDurationMs", title: "Average", kind: "duration", value: (row) => row.averageDurationMs ?? null },
];

const TASK_DETAIL_COLUMNS: readonly Column<UsageLine>[] = [
  { key: "unknownShare", title: "No result", kind: "percent", value: (row) => row.unknownShare ?? null },
  { key: "toolCalls", title: "Tools", kind: "count", value: (row) => row.toolCalls ?? null },
  { key: "toolErrors", kind: "count", value: (row) => row.toolErrors ?? null },
];

const SESSIONS: Column<UsageLine> = {
  key: "sessions",
  title: "Sessions",
  kind: "count",
  value: (row) => row.sessions ?? null,
};

const CALL_ERRORS: Column<UsageLine> = {
  key: "callErrors",
  title: "Errors",
  kind: "count",
  value: (row) => row.callErrors,
};

const MODELS: Column<UsageLine> = {
  key: "modelsUsed",
  title: "Models",
  kind: "text",
  minWidth: 16,
  value: (row) => row.modelsUsed?.join(" ") ?? null,
  shortValue: (row) => row.modelsUsed?.join(", ") ?? "",
};

/** What a narrow screen leaves out of rows by period, first to last. */
const PERIOD_DROP_ORDER = [
  "modelsUsed",
  "callErrors",
  "toolCalls",
  "unknownShare",
  "averageDurationMs",
  "sessions",
  "successRate",
  "tasksCompleted",
  "calls",
  "cacheCreationTokens",
  "cacheReadTokens",
  "inputTokens",
  "outputTokens",
];

/** What a narrow screen leaves out of rows by agent, project or product, first to last. */
const TASK_DROP_ORDER = [
  "modelsUsed",
  "toolCalls",
  "unknownShare",
  "cacheCreationTokens",
  "cacheReadTokens",
  "inputTokens",
  "outputTokens",
  "calls",
];

/** What a narrow screen leaves out of rows by model, first to last. */
const MODEL_DROP_ORDER = ["callErrors", "cacheCreationTokens", "cacheReadTokens", "calls"];

/** Lays out a usage report. */
export function usageTable(report: Report<UsageRow>, options: UsageTableOptions): Table<UsageLine> {
  const rows: readonly UsageLine[] = report.rows;
  return {
    columns: [...leadColumns(rows, options), ...bodyColumns(options)],
    rows,
    totals: report.totals,
    ...(options.isBrokenDown && MODEL_BREAKDOWN),
  };
}

function leadColumns(rows: readonly UsageLine[], { unit, dimensions }: UsageTableOptions): Column<UsageLine>[] {
  const projects = shortPaths(rows.flatMap((row) => row.project ?? []));
  const names = dimensions.map((dimension): Column<UsageLine> => {
    const nameOf = (row: UsageLine): string => row[dimension] ?? "";
    return {
      key: dimension,
      title: DIMENSION_TITLES[dimension],
      kind: "text",
      minWidth: dimensions.length > 3 ? CROWDED_NAME_MIN_WIDTH : NAME_MIN_WIDTH,
      value: nameOf,
      ...(dimension === "project" && { shortValue: (row: UsageLine) => projects.get(nameOf(row)) ?? "" }),
    };
  });
  return unit === undefined ? names : [PERIOD_COLUMNS[unit], ...names];
}

function bodyColumns({ unit, dimensions }: UsageTableOptions): readonly Column<UsageLine>[] {
  const usage = usageColumns<UsageLine>();
  const origins = originColumns<UsageLine>();
  if (dimensions.includes("model")) {
    const [calls, ...rest] = usage;
    const withErrors = calls === undefined ? rest : [calls, CALL_ERRORS, ...rest];
    return dropInOrder(
      [...withErrors, ...origins.filter((column) => column.key !== CALL_ERRORS.key)],
      unit === undefined ? MODEL_DROP_ORDER : PERIOD_DROP_ORDER,
    );
  }
  if (unit !== undefined) {
    const sessions = dimensions.length === 0 ? [SESSIONS] : [];
    const columns = [...sessions, ...TASK_COLUMNS, ...usage, ...TASK_DETAIL_COLUMNS, MODELS, ...origins];
    return dropInOrder(columns, PERIOD_DROP_ORDER);
  }
  return dropInOrder([...TASK_COLUMNS, ...usage, ...TASK_DETAIL_COLUMNS, MODELS, ...origins], TASK_DROP_ORDER);
}
