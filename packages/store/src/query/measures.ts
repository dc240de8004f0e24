/** The closed table of measures: what each one counts, in which unit, and what the rollups and the ledger know of it. */
import { type Distribution, type RollupSum, TASK_SUMS } from "../rollup/types.ts";

/** Which facts a measure is about. A model call counts when it is complete, a tool call when it starts, a task when it
 * ends. */
export type Population = "calls" | "tools" | "tasks";

/** Every fact of a population adds one to one of these; of tasks only those that have ended do. */
export const PRESENCE: Readonly<Record<Population, readonly RollupSum[]>> = {
  calls: ["calls", "call_errors"],
  tools: ["tool_calls"],
  tasks: TASK_SUMS,
};

/** Values of single facts: those that the rollups keep distributions of, and those that only the ledger knows. */
export type FactValue =
  | Distribution
  | "tokens"
  | "input"
  | "cache_read"
  | "cache_write"
  | "cache_write_5m"
  | "cache_write_1h"
  | "output"
  | "reasoning"
  | "cost_nano_usd";

interface MeasureBase {
  readonly population: Population;
  /** Unit as in UCUM: `ms`, `{token}`, `1`; money is `nUSD`, billionths of a dollar. */
  readonly unit: string;
  readonly description: string;
}

/** A number that only adds up. */
interface Total extends MeasureBase {
  readonly kind: "total";
  readonly sum: readonly RollupSum[];
}

/** A value that single facts have. */
interface Amount extends MeasureBase {
  readonly kind: "amount";
  readonly sum: readonly RollupSum[];
  /** Number of facts that have the value: these added up, less those of `countLess`. */
  readonly count: readonly RollupSum[];
  readonly countLess: readonly RollupSum[];
  readonly value: FactValue;
}

/** A share, from 0 to 1. */
interface Ratio extends MeasureBase {
  readonly kind: "ratio";
  readonly numerator: readonly RollupSum[];
  readonly denominator: readonly RollupSum[];
}

export type MeasureDefinition = Total | Amount | Ratio;

const total = <P extends Population>(
  population: P,
  unit: string,
  sum: readonly RollupSum[],
  description: string,
): Total & { readonly population: P } => ({ kind: "total", population, unit, sum, description });

const tokens = (value: FactValue, sum: readonly RollupSum[], description: string) =>
  ({
    kind: "amount",
    population: "calls",
    unit: "{token}",
    sum,
    count: ["calls"],
    countLess: ["calls_without_usage"],
    value,
    description,
  }) as const satisfies Amount;

const distribution = <P extends Population>(
  population: P,
  unit: string,
  value: Distribution,
  description: string,
): Amount & { readonly population: P } => ({
  kind: "amount",
  population,
  unit,
  sum: [value],
  count: [`${value}_count`],
  countLess: [],
  value,
  description,
});

const ALL_RESULTS = [
  "tasks_success",
  "tasks_failure",
  "tasks_timeout",
  "tasks_cancelled",
  "tasks_unknown",
] as const satisfies readonly RollupSum[];

/** Every measure by its name. */
export const MEASURES = {
  tokens: tokens(
    "tokens",
    ["input", "cache_read", "cache_write_5m", "cache_write_1h", "output"],
    "all tokens of a model call",
  ),
  inputTokens: tokens("input", ["input"], "input tokens outside of any cache"),
  cacheReadTokens: tokens("cache_read", ["cache_read"], "input tokens read from a cache"),
  cacheWriteTokens: tokens("cache_write", ["cache_write_5m", "cache_write_1h"], "input tokens written to a cache"),
  cacheWrite5mTokens: tokens("cache_write_5m", ["cache_write_5m"], "written to a cache that lives five minutes"),
  cacheWrite1hTokens: tokens("cache_write_1h", ["cache_write_1h"], "written to a cache that lives one hour"),
  outputTokens: tokens("output", ["output"], "output tokens, reasoning included"),
  reasoningTokens: tokens("reasoning", ["reasoning"], "the part of the output spent on reasoning"),
  cost: {
    kind: "amount",
    population: "calls",
    unit: "nUSD",
    sum: ["cost_nano_usd"],
    count: ["calls"],
    countLess: ["calls_without_usage", "unpriced_calls"],
    value: "cost_nano_usd",
    description: "known cost of a model call; counted are calls with usage and a price",
  },
  calls: total("calls", "{call}", ["calls"], "model calls that were answered"),
  callErrors: total("calls", "{call}", ["call_errors"], "model calls that failed"),
  callsWithoutUsage: total("calls", "{call}", ["calls_without_usage"], "answered calls whose tokens are not known"),
  unpricedCalls: total("calls", "{call}", ["unpriced_calls"], "calls with usage whose price is not known"),
  callDuration: distribution("calls", "ms", "call_ms", "duration of a model call"),
  firstChunk: distribution("calls", "ms", "first_chunk_ms", "time to the first chunk of a model call"),
  toolCalls: total("tools", "{call}", ["tool_calls"], "tool calls"),
  toolErrors: total("tools", "{call}", ["tool_errors"], "tool calls that failed"),
  toolDuration: distribution("tools", "ms", "tool_ms", "duration of a tool call"),
  tasks: total("tasks", "{task}", ALL_RESULTS, "tasks that ended"),
  successfulTasks: total("tasks", "{task}", ["tasks_success"], "tasks that succeeded"),
  failedTasks: total("tasks", "{task}", ["tasks_failure"], "tasks that failed"),
  timedOutTasks: total("tasks", "{task}", ["tasks_timeout"], "tasks that ran out of time"),
  cancelledTasks: total("tasks", "{task}", ["tasks_cancelled"], "tasks that were interrupted"),
  unknownTasks: total("tasks", "{task}", ["tasks_unknown"], "tasks whose end no one saw"),
  taskDuration: distribution("tasks", "ms", "task_ms", "duration of a task"),
  taskTokens: distribution("tasks", "{token}", "task_tokens", "tokens of a task's own calls"),
  successRate: {
    kind: "ratio",
    population: "tasks",
    unit: "1",
    numerator: ["tasks_success"],
    denominator: ["tasks_success", "tasks_failure", "tasks_timeout"],
    description: "success / (success + failure + timeout)",
  },
} as const satisfies Record<string, MeasureDefinition>;

export type Measure = keyof typeof MEASURES;

type MeasureOf<P extends Population, K extends MeasureDefinition["kind"]> = {
  [M in Measure]: (typeof MEASURES)[M] extends { population: P; kind: K } ? M : never;
}[Measure];

/** Measures of model calls that only add up: `calls`, `callErrors`, … */
export type CallTotal = MeasureOf<"calls", "total">;
/** Measures that single model calls have: tokens, cost, durations. */
export type CallAmount = MeasureOf<"calls", "amount">;
export type ToolTotal = MeasureOf<"tools", "total">;
export type ToolAmount = MeasureOf<"tools", "amount">;
export type TaskTotal = MeasureOf<"tasks", "total">;
export type TaskAmount = MeasureOf<"tasks", "amount">;
export type TaskRatio = MeasureOf<"tasks", "ratio">;

/** What can be made of the values of a measure. */
export const AGGREGATE_FUNCTIONS = ["avg", "sum", "count", "min", "max", "percentile"] as const;
export type AggregateFunction = (typeof AGGREGATE_FUNCTIONS)[number];

const FUNCTIONS_OF: Record<MeasureDefinition["kind"], readonly AggregateFunction[]> = {
  total: ["sum", "count"],
  amount: AGGREGATE_FUNCTIONS,
  ratio: ["avg"],
};

/**
 * The definition of a measure, after a check that the function can be asked of it.
 * @throws RangeError naming the measure, the function and what is accepted.
 */
export function requireMeasure(measure: Measure, wanted: AggregateFunction): MeasureDefinition {
  if (!Object.hasOwn(MEASURES, measure)) {
    throw new RangeError(`There is no measure "${measure}". Measures: ${Object.keys(MEASURES).join(", ")}.`);
  }
  const definition = MEASURES[measure];
  const accepted = FUNCTIONS_OF[definition.kind];
  if (!accepted.includes(wanted)) {
    throw new RangeError(`${measure} has no "${wanted}". Functions of ${measure}: ${accepted.join(", ")}.`);
  }
  return definition;
}

/** What a measure is asked when no function is given: rates and durations are averaged, everything else is summed. */
export function defaultFunction(measure: Measure): AggregateFunction {
  const definition = requireKnown(measure);
  if (definition.kind === "ratio" || definition.unit === "ms") return "avg";
  return "sum";
}

function requireKnown(measure: Measure): MeasureDefinition {
  return requireMeasure(
    measure,
    Object.hasOwn(MEASURES, measure) && MEASURES[measure].kind === "total" ? "sum" : "avg",
  );
}
