/** Which filters a question can honour; everything else is refused, never left out. */
import { TASK_KINDS, TASK_RESULTS } from "@moai-metrics/model";
import type { FactFilter } from "./types.ts";

/** What a question is about, as far as filters are concerned. */
export type FilterScope = "calls" | "tools" | "tasks" | "taskRows" | "sessions" | "overall";

type FilterName = keyof FactFilter;

const NO_TOOL_OF_CALLS = "model calls have no tool. Ask getToolCalls or a measure of tool calls instead";
const NO_TOOL_OF_TASKS = "tasks have no tool of their own. Ask getToolCalls or a measure of tool calls instead";
const MIXED_TOOLS = "it mixes facts with and without a tool. Ask aggregateByTime for toolCalls or toolDuration instead";
const MIXED_ERRORS = "it mixes facts that fail in different ways. Ask getTasks, getModelCalls or getToolCalls instead";

/** Why a scope cannot honour a filter, and what can. */
const REFUSALS: Readonly<Record<FilterScope, Readonly<Partial<Record<FilterName, string>>>>> = {
  calls: { tools: NO_TOOL_OF_CALLS },
  tools: { models: "tool calls have no model. Ask getModelCalls or a measure of model calls instead" },
  tasks: {
    tools: NO_TOOL_OF_TASKS,
    models: "tasks have no model of their own. Ask getTasks, or a measure of model calls, instead",
  },
  taskRows: { tools: NO_TOOL_OF_TASKS },
  sessions: { tools: MIXED_TOOLS, errorTypes: MIXED_ERRORS },
  overall: { tools: MIXED_TOOLS, errorTypes: MIXED_ERRORS },
};

/** Filters that the rollups know. */
const ROLLUP_FILTERS: readonly FilterName[] = ["range", "products", "projects", "agents", "models"];

const FILTERS = [
  ...ROLLUP_FILTERS,
  "sessionIds",
  "taskIds",
  "branches",
  "kinds",
  "results",
  "tools",
  "errorTypes",
  "tags",
] as const satisfies readonly FilterName[];

/**
 * The filter inside a question, with nothing else.
 * @throws RangeError for a filter that the scope cannot honour, and for values outside of an enumeration.
 */
export function requireFilter(method: string, scope: FilterScope, question: FactFilter): FactFilter {
  const given = FILTERS.filter((name) => question[name] !== undefined);
  for (const name of given) {
    const refusal = REFUSALS[scope][name];
    if (refusal !== undefined) throw new RangeError(`${method} cannot be filtered by ${name}: ${refusal}.`);
  }
  requireOneOf("kinds", question.kinds, ["", ...TASK_KINDS]);
  requireOneOf("results", question.results, ["open", ...TASK_RESULTS]);
  requireRange(question);
  return Object.fromEntries(given.map((name) => [name, question[name]]));
}

/**
 * Points carry attributes, and nothing that filters of facts look at, but the time.
 * @throws RangeError for a filter of facts, or a range that is none.
 */
export function refuseFactFilters(method: string, question: object): void {
  const asked: FactFilter = question;
  const given = FILTERS.find((name) => name !== "range" && asked[name] !== undefined);
  if (given !== undefined) {
    throw new RangeError(`${method} cannot be filtered by ${given}: points have attributes. Use attributes instead.`);
  }
  requireRange(asked);
}

/** The filters that only the ledger can honour, by name. */
export function ledgerFilters(filter: FactFilter): readonly FilterName[] {
  return FILTERS.filter((name) => filter[name] !== undefined && !ROLLUP_FILTERS.includes(name));
}

function requireOneOf(name: FilterName, values: readonly string[] | undefined, accepted: readonly string[]): void {
  const wrong = values?.find((value) => !accepted.includes(value));
  if (wrong === undefined) return;
  const list = accepted.map((value) => (value === "" ? '""' : value)).join(", ");
  throw new RangeError(`The filter ${name} does not know "${wrong}". Values: ${list}.`);
}

function requireRange({ range }: FactFilter): void {
  if (range === undefined) return;
  const { startMillis, endMillis } = range;
  if (!Number.isSafeInteger(startMillis) || !Number.isSafeInteger(endMillis) || startMillis > endMillis) {
    throw new RangeError(
      `The range from ${startMillis} to ${endMillis} is none: give whole milliseconds, the start not after the end.`,
    );
  }
}
