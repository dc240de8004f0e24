/** Which fields the settings keep off the screen and out of documents. Pure. */
import type { MetricsConfig } from "@moai-metrics/settings";
import type { Page } from "./page/types.ts";
import type { Table } from "./render/table-model.ts";

const SESSION_DURATIONS = ["wallDurationMs", "activeDurationMs"];
const SESSION_TASKS = [
  "tasksCompleted",
  "tasksByResult",
  "successRate",
  "unknownShare",
  "averageDurationMs",
  "openTasks",
];
const TOKENS_AND_COST = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheCreationTokens",
  "totalTokens",
  "undividedTokens",
  "totalCost",
  "reportedCost",
  "unpricedCalls",
  "callsWithoutUsage",
  "modelBreakdowns",
];
const TASK_DURATIONS = ["durationMs", "endedAt", "averageDurationMs"];

/** Names of the fields that a row command leaves out. */
export function hiddenFields(command: string, { session, tokens, tasks }: MetricsConfig): ReadonlySet<string> {
  const isSession = command === "session";
  return new Set([
    ...(isSession && !session.showsDuration ? SESSION_DURATIONS : []),
    ...(isSession && !session.showsTasks ? SESSION_TASKS : []),
    ...(isSession && !tokens.showsPerSession ? TOKENS_AND_COST : []),
    ...(tasks.showsDuration ? [] : TASK_DURATIONS),
  ]);
}

/** Names of the keys that the PRD's documents leave out. */
export function hiddenKeys({ session, tasks, agents }: MetricsConfig): ReadonlySet<string> {
  return new Set([
    ...(session.showsDuration ? [] : ["total_duration_hours"]),
    ...(tasks.showsDuration ? [] : ["ended_at", "duration_ms", "avg_duration_ms", "avg_duration_s"]),
    ...(agents.aggregatesDaily ? [] : ["by_agent"]),
  ]);
}

/** The table without those columns. */
export function withoutColumns<Row>(table: Table<Row>, hidden: ReadonlySet<string>): Table<Row> {
  if (hidden.size === 0) return table;
  return { ...table, columns: table.columns.filter(({ key }) => !hidden.has(key)) };
}

/** A row without those fields. */
export function withoutFields<T>(row: T, hidden: ReadonlySet<string>): T {
  if (hidden.size === 0 || typeof row !== "object" || row === null) return row;
  return Object.fromEntries(Object.entries(row).filter(([key]) => !hidden.has(key))) as T;
}

/** A document without those keys, however deep they lie. */
export function withoutKeys<T>(document: T, hidden: ReadonlySet<string>): T {
  if (hidden.size === 0 || typeof document !== "object" || document === null) return document;
  if (Array.isArray(document)) return document.map((each) => withoutKeys(each, hidden)) as T;
  return Object.fromEntries(
    Object.entries(document).flatMap(([key, value]) => (hidden.has(key) ? [] : [[key, withoutKeys(value, hidden)]])),
  ) as T;
}

/** A page without the figures, columns and sections that are about those fields. */
export function withoutParts(page: Page, hidden: ReadonlySet<string>): Page {
  if (hidden.size === 0) return page;
  return {
    ...page,
    figures: page.figures.filter(({ key }) => !hidden.has(key)),
    sections: page.sections
      .filter(({ about }) => about === undefined || !hidden.has(about))
      .map((section) => {
        if (section.table === undefined) return section;
        const { columns, rows } = section.table;
        const isShown = columns.map(({ key }) => !hidden.has(key));
        return {
          ...section,
          table: {
            columns: columns.filter((_, i) => isShown[i]),
            rows: rows.map((row) => row.filter((_, i) => isShown[i])),
          },
        };
      }),
  };
}
