/** Generated filters and measures. */
import { TASK_RESULTS, type TimeRange } from "@moai-metrics/model";
import fc from "fast-check";
import { MEASURES, type Measure } from "../../src/query/measures.ts";
import type { FactFilter } from "../../src/query/types.ts";
import {
  AGENTS,
  BRANCHES,
  ERROR_TYPES,
  MODELS,
  PRODUCTS,
  PROJECTS,
  SESSIONS,
  TAG_KEYS,
  TAG_VALUES,
  TASKS,
  TOOLS,
} from "./true-facts.ts";

const QUARTER_HOUR = 900_000;
const HOSTILE = ["', 1) OR 1=1 --", '"', "%", "\u0000", "](((", "'; DELETE FROM session; --"];

type FilterName = keyof FactFilter;

/** Filters that questions about a population can have. */
export const FILTERS_OF: Record<
  "calls" | "tools" | "tasks" | "taskRows" | "sessions" | "overall",
  readonly FilterName[]
> = {
  calls: [
    "range",
    "products",
    "projects",
    "agents",
    "models",
    "sessionIds",
    "taskIds",
    "branches",
    "kinds",
    "results",
    "errorTypes",
    "tags",
  ],
  tools: [
    "range",
    "products",
    "projects",
    "agents",
    "sessionIds",
    "taskIds",
    "branches",
    "kinds",
    "results",
    "tools",
    "errorTypes",
    "tags",
  ],
  tasks: [
    "range",
    "products",
    "projects",
    "agents",
    "sessionIds",
    "taskIds",
    "branches",
    "kinds",
    "results",
    "errorTypes",
    "tags",
  ],
  taskRows: [
    "range",
    "products",
    "projects",
    "agents",
    "models",
    "sessionIds",
    "taskIds",
    "branches",
    "kinds",
    "results",
    "errorTypes",
    "tags",
  ],
  sessions: [
    "range",
    "products",
    "projects",
    "agents",
    "models",
    "sessionIds",
    "taskIds",
    "branches",
    "kinds",
    "results",
    "tags",
  ],
  overall: [
    "range",
    "products",
    "projects",
    "agents",
    "models",
    "sessionIds",
    "taskIds",
    "branches",
    "kinds",
    "results",
    "tags",
  ],
};

/** Ranges on quarter hours, between them, empty, and beyond all facts. */
export function rangeWithin(startMillis: number, endMillis: number): fc.Arbitrary<TimeRange> {
  const wide = 3 * QUARTER_HOUR;
  const moment = fc.oneof(
    fc.integer({ min: startMillis - wide, max: endMillis + wide }),
    fc
      .integer({ min: startMillis - wide, max: endMillis + wide })
      .map((millis) => Math.floor(millis / QUARTER_HOUR) * QUARTER_HOUR),
  );
  return fc.tuple(moment, moment).map(([a, b]) => ({ startMillis: Math.min(a, b), endMillis: Math.max(a, b) }));
}

/** A filter with a few of the given fields. */
export function filterOf(names: readonly FilterName[], range: fc.Arbitrary<TimeRange>): fc.Arbitrary<FactFilter> {
  const some = (...values: readonly string[]): fc.Arbitrary<string[]> =>
    fc.uniqueArray(
      fc.oneof(
        { weight: 8, arbitrary: fc.constantFrom(...values) },
        { weight: 1, arbitrary: fc.constantFrom(...HOSTILE) },
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
  const all: Record<FilterName, fc.Arbitrary<unknown>> = {
    range,
    products: some(...PRODUCTS),
    projects: some(...PROJECTS, ""),
    agents: some(...AGENTS, ""),
    models: some(...MODELS, ""),
    sessionIds: some(...SESSIONS),
    taskIds: fc.uniqueArray(fc.constantFrom(...TASKS), { minLength: 1, maxLength: 20 }),
    branches: some(...BRANCHES, ""),
    kinds: fc.uniqueArray(fc.constantFrom("prompt", "subagent", ""), { minLength: 1 }),
    results: fc.uniqueArray(fc.constantFrom("open", ...TASK_RESULTS), { minLength: 1, maxLength: 4 }),
    tools: some(...TOOLS, ""),
    errorTypes: some(...ERROR_TYPES, ""),
    tags: fc.dictionary(fc.constantFrom(...TAG_KEYS), some(...TAG_VALUES), { minKeys: 1, maxKeys: 2 }),
  };
  // Most filters have no field or few: many together leave nothing over.
  return fc
    .subarray(
      [...names].filter((name) => name !== "range"),
      { maxLength: 2 },
    )
    .chain((chosen) =>
      fc.record({
        range: fc.option(all.range, { nil: undefined, freq: 3 }),
        ...Object.fromEntries(chosen.map((name) => [name, all[name]])),
      }),
    )
    .map(
      (filter) => Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as FactFilter,
    );
}

/** A measure and a function that it has. */
export const askedFunction = fc.constantFrom(...(Object.keys(MEASURES) as Measure[])).chain((measure) => {
  const { kind } = MEASURES[measure];
  const functions =
    kind === "amount"
      ? ["avg", "sum", "count", "min", "max", "percentile"]
      : kind === "ratio"
        ? ["avg"]
        : ["sum", "count"];
  return fc.record({
    measure: fc.constant(measure),
    function: fc.constantFrom(...functions),
    percentile: fc.constantFrom(0, 0.01, 0.25, 0.5, 0.9, 0.95, 0.999, 1),
  });
});
