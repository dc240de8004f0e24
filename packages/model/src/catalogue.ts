/** The metrics we emit, as data: instrument, unit, description, buckets and the attributes they may carry. */
import { type ConventionKey, conventionBuckets, conventionUnit } from "./conventions.ts";

/** OpenTelemetry's synchronous instruments. */
export type InstrumentKind = "counter" | "up_down_counter" | "histogram" | "gauge";

/** One metric. Attributes that are not listed never reach it; ids are never listed. */
export interface MetricDefinition {
  readonly key: ConventionKey;
  readonly instrument: InstrumentKind;
  readonly valueType: "int" | "double";
  /** UCUM. */
  readonly unit: string;
  readonly description: string;
  /** Upper bounds of the buckets; histograms only. */
  readonly buckets: readonly number[] | undefined;
  readonly attributes: readonly ConventionKey[];
}

const INFERENCE_ATTRIBUTES = [
  "operationName",
  "provider",
  "requestModel",
  "responseModel",
  "serverAddress",
  "serverPort",
  "agentName",
] as const satisfies readonly ConventionKey[];

/** Every metric of the catalogue, by key. */
export const METRICS = {
  inferenceDuration: define("inferenceDuration", "histogram", "double", "Duration of model calls, retries included.", [
    ...INFERENCE_ATTRIBUTES,
    "errorType",
  ]),
  timeToFirstChunk: define(
    "timeToFirstChunk",
    "histogram",
    "double",
    "Time from the request to the first chunk of a streamed reply.",
    INFERENCE_ATTRIBUTES,
  ),
  inputTokens: defineUsage("inputTokens", "Input tokens, cached ones included."),
  outputTokens: defineUsage("outputTokens", "Output tokens, reasoning included."),
  cacheReadTokens: defineUsage("cacheReadTokens", "Input tokens read from a prompt cache."),
  cacheWriteTokens: defineUsage("cacheWriteTokens", "Input tokens written to a prompt cache."),
  reasoningTokens: defineUsage("reasoningTokens", "Output tokens spent on reasoning."),
  callInputTokens: define("callInputTokens", "histogram", "int", "Input tokens of one model call.", [
    ...INFERENCE_ATTRIBUTES,
    "errorType",
  ]),
  callOutputTokens: define("callOutputTokens", "histogram", "int", "Output tokens of one model call.", [
    ...INFERENCE_ATTRIBUTES,
    "errorType",
  ]),
  tokenUsage: define("tokenUsage", "histogram", "int", "Tokens of one model call, by type.", [
    ...INFERENCE_ATTRIBUTES,
    "tokenType",
  ]),
  invokeAgentDuration: define("invokeAgentDuration", "histogram", "double", "Duration of agent runs.", [
    "agentName",
    "errorType",
  ]),
  invokeAgentInferenceCalls: define(
    "invokeAgentInferenceCalls",
    "histogram",
    "int",
    "Model calls of one agent run, without those of its subagents.",
    ["agentName"],
  ),
  invokeAgentToolCalls: define(
    "invokeAgentToolCalls",
    "histogram",
    "int",
    "Tool calls of one agent run, without those of its subagents.",
    ["agentName"],
  ),
  executeToolDuration: define("executeToolDuration", "histogram", "double", "Duration of tool calls.", [
    "toolName",
    "toolType",
    "agentName",
    "errorType",
  ]),
  sessionDuration: define("sessionDuration", "histogram", "double", "Duration of sessions.", ["product"]),
  taskCount: define("taskCount", "counter", "int", "Tasks that ended.", ["agentName", "taskKind", "taskResult"]),
  taskDuration: define("taskDuration", "histogram", "double", "Duration of tasks.", [
    "agentName",
    "taskKind",
    "taskResult",
  ]),
  taskTokens: define("taskTokens", "histogram", "int", "Tokens of one task, without those of its children.", [
    "agentName",
    "taskKind",
  ]),
  errors: define("errors", "counter", "int", "Failed tasks, model calls and tool calls.", [
    "product",
    "agentName",
    "errorType",
  ]),
  taskActive: define("taskActive", "up_down_counter", "int", "Tasks that are running.", ["agentName"]),
  taskFiles: define("taskFiles", "counter", "int", "Files that tasks changed, distinct per task.", [
    "agentName",
    "fileChange",
  ]),
  taskLines: define("taskLines", "counter", "int", "Lines that tasks added and removed.", ["agentName", "lineChange"]),
  cost: define("cost", "counter", "double", "Cost of model calls that have a price.", [
    "product",
    "agentName",
    "requestModel",
    "costOrigin",
  ]),
  testCoverage: define("testCoverage", "gauge", "double", "Share of the code that tests cover.", ["project"]),
  lintScore: define("lintScore", "gauge", "double", "Score that a linter gave.", ["project"]),
  benchmarkScore: define("benchmarkScore", "gauge", "double", "Score of a benchmark.", ["project", "benchmarkName"]),
  budgetLimit: define("budgetLimit", "gauge", "double", "What a budget allows, in the unit of its measure.", [
    "budgetName",
    "budgetMeasure",
  ]),
  budgetUsage: define("budgetUsage", "gauge", "double", "What was used of a budget, by what used most of it.", [
    "budgetName",
    "budgetMeasure",
  ]),
} as const satisfies Record<string, MetricDefinition>;

/** A key of the catalogue. */
export type MetricKey = keyof typeof METRICS;

function define(
  key: ConventionKey,
  instrument: InstrumentKind,
  valueType: "int" | "double",
  description: string,
  attributes: readonly ConventionKey[],
): MetricDefinition {
  const buckets = instrument === "histogram" ? conventionBuckets(key) : undefined;
  return Object.freeze({
    key,
    instrument,
    valueType,
    unit: conventionUnit(key),
    description,
    buckets,
    attributes: Object.freeze([...attributes]),
  });
}

function defineUsage(key: ConventionKey, description: string): MetricDefinition {
  return define(key, "counter", "int", description, [...INFERENCE_ATTRIBUTES, "tokenModality"]);
}
