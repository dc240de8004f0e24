/**
 * The names that travel: every metric, attribute, span operation and schema address, per generation of the
 * OpenTelemetry GenAI conventions. Code refers to the keys of this table and never writes a name of its own.
 *
 * - `g1`: core conventions up to v1.36.
 * - `g2`: core conventions v1.37 to v1.41.
 * - `g3`: the conventions' own repository, from mid-2026 on.
 *
 * All of them are on the wire today. A name that a generation does not have is left out of its row. Names of our own
 * (`moai.…`) and of stable conventions are the same in every generation.
 */

/** Goes up whenever a name, a unit or a bucket boundary changes. */
export const CONVENTIONS_VERSION = 1;

/** Generations of the GenAI conventions, oldest first. */
export const GENERATIONS = ["g1", "g2", "g3"] as const;
export type Generation = (typeof GENERATIONS)[number];

/** Which names are emitted: one generation, or `both` g3 and g2. */
export const EMISSIONS = ["g3", "g2", "both"] as const;
export type Emission = (typeof EMISSIONS)[number];

/** What is emitted unless configured otherwise. */
export const DEFAULT_EMISSION: Emission = "g3";

/** One row: what a key stands for, and its name in each generation that has it. */
export interface Convention {
  readonly kind: "metric" | "attribute" | "operation" | "schema";
  readonly names: Readonly<Partial<Record<Generation, string>>>;
  /** UCUM unit, metrics only. */
  readonly unit?: string;
  /** Upper bounds of the histogram buckets, histograms only. */
  readonly buckets?: readonly number[];
}

/** Bucket boundaries that the conventions give. */
const BUCKETS = {
  callSeconds: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  tokens: [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864],
  agentSeconds: [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 102.4, 204.8, 409.6],
  calls: [1, 2, 4, 8, 16, 32, 64, 128],
  /** Ours: agents work from a second to a working day. */
  workSeconds: [1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 28800],
} as const;

const always = (name: string) => ({ g1: name, g2: name, g3: name });
const sinceG2 = (name: string) => ({ g2: name, g3: name });

/** The table. */
export const CONVENTIONS = {
  schemaUrl: {
    kind: "schema",
    names: {
      g2: "https://opentelemetry.io/schemas/1.41.0",
      g3: "https://opentelemetry.io/schemas/gen-ai-dev/1.42.0-dev",
    },
  },

  inferenceDuration: {
    kind: "metric",
    names: {
      g1: "gen_ai.client.operation.duration",
      g2: "gen_ai.client.operation.duration",
      g3: "gen_ai.client.inference.duration",
    },
    unit: "s",
    buckets: BUCKETS.callSeconds,
  },
  timeToFirstChunk: {
    kind: "metric",
    names: {
      g2: "gen_ai.client.operation.time_to_first_chunk",
      g3: "gen_ai.client.inference.time_to_first_chunk",
    },
    unit: "s",
    buckets: BUCKETS.callSeconds,
  },
  inputTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.usage.input_tokens" },
    unit: "{token}",
  },
  outputTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.usage.output_tokens" },
    unit: "{token}",
  },
  cacheReadTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.usage.cache_read.input_tokens" },
    unit: "{token}",
  },
  cacheWriteTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.usage.cache_write.input_tokens" },
    unit: "{token}",
  },
  reasoningTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.usage.reasoning.output_tokens" },
    unit: "{token}",
  },
  callInputTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.operation.input_tokens" },
    unit: "{token}",
    buckets: BUCKETS.tokens,
  },
  callOutputTokens: {
    kind: "metric",
    names: { g3: "gen_ai.client.inference.operation.output_tokens" },
    unit: "{token}",
    buckets: BUCKETS.tokens,
  },
  tokenUsage: {
    kind: "metric",
    names: { g1: "gen_ai.client.token.usage", g2: "gen_ai.client.token.usage" },
    unit: "{token}",
    buckets: BUCKETS.tokens,
  },
  invokeAgentDuration: {
    kind: "metric",
    names: { g3: "gen_ai.invoke_agent.duration" },
    unit: "s",
    buckets: BUCKETS.agentSeconds,
  },
  invokeAgentInferenceCalls: {
    kind: "metric",
    names: { g3: "gen_ai.invoke_agent.inference_calls" },
    unit: "{inference_call}",
    buckets: BUCKETS.calls,
  },
  invokeAgentToolCalls: {
    kind: "metric",
    names: { g3: "gen_ai.invoke_agent.tool_calls" },
    unit: "{tool_call}",
    buckets: BUCKETS.calls,
  },
  executeToolDuration: {
    kind: "metric",
    names: { g3: "gen_ai.execute_tool.duration" },
    unit: "s",
    buckets: BUCKETS.callSeconds,
  },

  sessionDuration: {
    kind: "metric",
    names: always("moai.session.duration"),
    unit: "s",
    buckets: BUCKETS.workSeconds,
  },
  taskCount: { kind: "metric", names: always("moai.task.count"), unit: "{task}" },
  taskDuration: { kind: "metric", names: always("moai.task.duration"), unit: "s", buckets: BUCKETS.workSeconds },
  taskTokens: { kind: "metric", names: always("moai.task.tokens"), unit: "{token}", buckets: BUCKETS.tokens },
  errors: { kind: "metric", names: always("moai.errors"), unit: "{error}" },
  taskActive: { kind: "metric", names: always("moai.task.active"), unit: "{task}" },
  taskFiles: { kind: "metric", names: always("moai.task.files"), unit: "{file}" },
  taskLines: { kind: "metric", names: always("moai.task.lines"), unit: "{line}" },
  cost: { kind: "metric", names: always("moai.cost"), unit: "USD" },
  testCoverage: { kind: "metric", names: always("moai.quality.test_coverage"), unit: "1" },
  lintScore: { kind: "metric", names: always("moai.quality.lint_score"), unit: "1" },
  benchmarkScore: { kind: "metric", names: always("moai.quality.benchmark_score"), unit: "1" },
  budgetLimit: { kind: "metric", names: always("moai.budget.limit"), unit: "" },
  budgetUsage: { kind: "metric", names: always("moai.budget.usage"), unit: "" },

  operationName: { kind: "attribute", names: always("gen_ai.operation.name") },
  provider: {
    kind: "attribute",
    names: { g1: "gen_ai.system", g2: "gen_ai.provider.name", g3: "gen_ai.provider.name" },
  },
  requestModel: { kind: "attribute", names: always("gen_ai.request.model") },
  responseModel: { kind: "attribute", names: always("gen_ai.response.model") },
  responseId: { kind: "attribute", names: always("gen_ai.response.id") },
  responseTimeToFirstChunk: { kind: "attribute", names: sinceG2("gen_ai.response.time_to_first_chunk") },
  conversationId: { kind: "attribute", names: always("gen_ai.conversation.id") },
  agentName: { kind: "attribute", names: always("gen_ai.agent.name") },
  toolName: { kind: "attribute", names: always("gen_ai.tool.name") },
  toolType: { kind: "attribute", names: always("gen_ai.tool.type") },
  toolCallId: { kind: "attribute", names: always("gen_ai.tool.call.id") },
  tokenModality: { kind: "attribute", names: { g3: "gen_ai.token.modality" } },
  tokenType: { kind: "attribute", names: { g1: "gen_ai.token.type", g2: "gen_ai.token.type" } },
  usageInputTokens: {
    kind: "attribute",
    names: {
      g1: "gen_ai.usage.prompt_tokens",
      g2: "gen_ai.usage.input_tokens",
      g3: "gen_ai.usage.input_tokens",
    },
  },
  usageOutputTokens: {
    kind: "attribute",
    names: {
      g1: "gen_ai.usage.completion_tokens",
      g2: "gen_ai.usage.output_tokens",
      g3: "gen_ai.usage.output_tokens",
    },
  },
  usageCacheReadTokens: { kind: "attribute", names: sinceG2("gen_ai.usage.cache_read.input_tokens") },
  usageCacheWriteTokens: {
    kind: "attribute",
    names: {
      g2: "gen_ai.usage.cache_creation.input_tokens",
      g3: "gen_ai.usage.cache_write.input_tokens",
    },
  },
  usageReasoningTokens: { kind: "attribute", names: sinceG2("gen_ai.usage.reasoning.output_tokens") },

  sessionId: { kind: "attribute", names: always("session.id") },
  serviceName: { kind: "attribute", names: always("service.name") },
  serviceInstanceId: { kind: "attribute", names: always("service.instance.id") },
  serviceVersion: { kind: "attribute", names: always("service.version") },
  serverAddress: { kind: "attribute", names: always("server.address") },
  serverPort: { kind: "attribute", names: always("server.port") },
  errorType: { kind: "attribute", names: always("error.type") },

  product: { kind: "attribute", names: always("moai.agent.product") },
  project: { kind: "attribute", names: always("moai.project") },
  branch: { kind: "attribute", names: always("moai.branch") },
  scopeKind: { kind: "attribute", names: always("moai.scope.kind") },
  taskId: { kind: "attribute", names: always("moai.task.id") },
  parentTaskId: { kind: "attribute", names: always("moai.task.parent_id") },
  taskKind: { kind: "attribute", names: always("moai.task.kind") },
  taskResult: { kind: "attribute", names: always("moai.task.result") },
  taskResultOrigin: { kind: "attribute", names: always("moai.task.result_origin") },
  taskLinesAdded: { kind: "attribute", names: always("moai.task.lines_added") },
  taskLinesRemoved: { kind: "attribute", names: always("moai.task.lines_removed") },
  requestId: { kind: "attribute", names: always("moai.request.id") },
  usageCacheWrite1hTokens: { kind: "attribute", names: always("moai.usage.cache_write_1h.input_tokens") },
  fileChange: { kind: "attribute", names: always("moai.file.change") },
  lineChange: { kind: "attribute", names: always("moai.line.change") },
  costOrigin: { kind: "attribute", names: always("moai.cost.origin") },
  benchmarkName: { kind: "attribute", names: always("moai.benchmark.name") },
  forwarded: { kind: "attribute", names: always("moai.forwarded") },
  budgetName: { kind: "attribute", names: always("moai.budget.name") },
  budgetMeasure: { kind: "attribute", names: always("moai.budget.measure") },

  chat: { kind: "operation", names: always("chat") },
  generateContent: { kind: "operation", names: sinceG2("generate_content") },
  textCompletion: { kind: "operation", names: always("text_completion") },
  embeddings: { kind: "operation", names: always("embeddings") },
  invokeAgent: { kind: "operation", names: always("invoke_agent") },
  executeTool: { kind: "operation", names: always("execute_tool") },
} as const satisfies Record<string, Convention>;

/** A key of the table. */
export type ConventionKey = keyof typeof CONVENTIONS;

/** The name of a key in one generation, or undefined where that generation has none. */
export function conventionName(key: ConventionKey, generation: Generation): string | undefined {
  return rowOf(key).names[generation];
}

/** The name of a key in the newest generation that has it: what we store and show. */
export function canonicalName(key: ConventionKey): string {
  const [newest] = knownNames(key);
  if (newest === undefined) throw new RangeError(`The conventions have no name for "${key}".`);
  return newest;
}

/** Every name of a key, newest generation first, each once: what ingest looks for. */
export function knownNames(key: ConventionKey): readonly string[] {
  return KNOWN_NAMES.get(key) ?? [];
}

/** Looked up many times for every span. */
const KNOWN_NAMES: ReadonlyMap<ConventionKey, readonly string[]> = new Map(
  (Object.keys(CONVENTIONS) as ConventionKey[]).map((key) => {
    const names = GENERATIONS.toReversed().flatMap((generation) => conventionName(key, generation) ?? []);
    return [key, Object.freeze([...new Set(names)])];
  }),
);

/** The names under which a key is emitted, each once; empty where the chosen generation has none. */
export function emittedNames(key: ConventionKey, emission: Emission): readonly string[] {
  const generations: readonly Generation[] = emission === "both" ? ["g3", "g2"] : [emission];
  return [...new Set(generations.flatMap((generation) => conventionName(key, generation) ?? []))];
}

/** UCUM unit of a metric; `1` where the table gives none. */
export function conventionUnit(key: ConventionKey): string {
  return rowOf(key).unit ?? "1";
}

/** Bucket boundaries of a histogram, or undefined for what is not one. */
export function conventionBuckets(key: ConventionKey): readonly number[] | undefined {
  return rowOf(key).buckets;
}

function rowOf(key: ConventionKey): Convention {
  return CONVENTIONS[key];
}
