/** Records a model call. */
import {
  cacheWriteTokens,
  cleanErrorType,
  FACT_LIMITS,
  type ModelCallFact,
  normalizeTokens,
  promptTokens,
  TOKEN_CONVENTIONS,
  type TokenUsage,
  totalTokens,
} from "@moai-metrics/model";
import { SpanKind } from "@opentelemetry/api";
import { cleanText, type KeyedAttributes } from "./attributes.ts";
import { currentBudget, noteInBudgets, type RunningBudget } from "./budget.ts";
import { currentScope, currentSession } from "./current-scope.ts";
import { recordInCompany } from "./gathered-metrics.ts";
import { recordMetric } from "./instruments.ts";
import { CHAT } from "./operations.ts";
import { countDrop, emitFact, guarded, isRecording, registry } from "./registry.ts";
import type { SessionScope, TaskState } from "./scope.ts";
import { endSpan, type SpanDescription, type StartedSpan, startSpan } from "./spans.ts";
import { noteTokens } from "./token-warning.ts";
import { readBareUsage, readReply } from "./usage/read-reply.ts";
import type { ReplyUsage } from "./usage/shape.ts";

/** What one model call used, in the application's own words. Everything may be left out. */
export interface UsageRecord {
  /** Model that answered, or that was asked. */
  readonly model?: string | undefined;
  /** OpenTelemetry's `gen_ai.provider.name`: `anthropic`, `openai`, `gcp.gen_ai`, … */
  readonly provider?: string | undefined;
  /** OpenTelemetry's `gen_ai.operation.name`. Default `chat`. */
  readonly operation?: string | undefined;
  /** All input tokens. Whether cached ones are inside is what {@link convention} says. */
  readonly inputTokens?: number | undefined;
  /** All output tokens. */
  readonly outputTokens?: number | undefined;
  readonly cacheReadTokens?: number | undefined;
  readonly cacheWriteTokens?: number | undefined;
  /** The part of the cache writes that lives one hour. */
  readonly cacheWrite1hTokens?: number | undefined;
  readonly reasoningTokens?: number | undefined;
  /** How the provider counts. Default `semconv`: the input includes cached tokens, the output includes reasoning. */
  readonly convention?: keyof typeof TOKEN_CONVENTIONS | undefined;
  /** From the request to the complete reply, retries included. */
  readonly durationMillis?: number | undefined;
  /** From the request to the first chunk of a streamed reply. */
  readonly firstChunkMillis?: number | undefined;
  /** The provider's id of the response. */
  readonly responseId?: string | undefined;
  /** Requests to a server-side web search. */
  readonly webSearches?: number | undefined;
  /** What the provider itself said that the call cost, in US dollars. */
  readonly costUsd?: number | undefined;
  /** Set when the call failed: a class or code, never a message. */
  readonly errorType?: string | undefined;
}

/**
 * Records one model call in the current task: counters, histograms, a span and a fact. Never throws.
 *
 * @example
 * ```ts
 * withTask("planner", () => {
 *   recordUsage({ model: "claude-sonnet-4-5", provider: "anthropic", inputTokens: 1200, outputTokens: 340 });
 *   // A reply as the provider's SDK gives it, with what it does not say.
 *   const reply = { id: "msg_1", model: "gpt-5", usage: { prompt_tokens: 100, completion_tokens: 10 } };
 *   recordUsage(reply, { durationMillis: 850 });
 * });
 * ```
 * @param call a {@link UsageRecord}, or a reply as the SDKs of OpenAI, Anthropic, Google or Vercel return it, or the
 *   usage in such a reply. A call in which nothing of it is found counts as one of unknown usage.
 * @param details what the reply does not say, such as its duration.
 */
export function recordUsage(call: UsageRecord | object, details?: UsageRecord): void {
  if (!isRecording()) return;
  guarded(() => {
    if (typeof call !== "object" || call === null) {
      countDrop("usage is not an object");
      return;
    }
    const replies = readReply(call);
    for (const reply of replies) {
      const rest = replies.length === 1 ? details : { provider: details?.provider, model: details?.model };
      recordCall(callOfReply(reply, rest ?? {}));
    }
    if (replies.length > 0) return;
    const record: UsageRecord = { ...call, ...details };
    const usage = readBareUsage(call);
    if (usage !== undefined) {
      recordCall(callOfReply(usage, record));
      return;
    }
    if (!RECORD_FIELDS.some((field) => field in call)) countDrop("no usage found");
    recordCall(callOfRecord(record, tokensOfRecord(record)));
  });
}

/** Any of these makes an object a {@link UsageRecord}. */
const RECORD_FIELDS = [
  "inputTokens",
  "outputTokens",
  "cacheReadTokens",
  "cacheWriteTokens",
  "cacheWrite1hTokens",
  "durationMillis",
  "errorType",
  "responseId",
] as const satisfies readonly (keyof UsageRecord)[];

/** A model call, cleaned. */
export interface RecordedCall {
  readonly tokens: TokenUsage | undefined;
  /** The model that answered, else the one that was asked. */
  readonly model: string | undefined;
  /** The model that was asked, where both are known. */
  readonly requestModel?: string | undefined;
  readonly provider: string | undefined;
  readonly operation?: string | undefined;
  readonly durationMillis?: number | undefined;
  readonly firstChunkMillis?: number | undefined;
  readonly responseId?: string | undefined;
  readonly webSearches?: number | undefined;
  readonly costUsd?: number | undefined;
  readonly errorType?: string | undefined;
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
}

/** Where a call is recorded, and since when it ran. */
export interface CallPlace {
  readonly session: SessionScope;
  readonly task: TaskState | undefined;
  readonly started: StartedSpan;
  /** The budget around the call when it began. */
  readonly budget: RunningBudget | undefined;
}

/** The call that a reply tells of; what is known besides holds over what the reply says. */
export function callOfReply(reply: ReplyUsage, details: UsageRecord): RecordedCall {
  const { model, provider, responseId, webSearches, errorType } = details;
  const record: UsageRecord = {
    ...details,
    model: model === undefined ? reply.model : model,
    provider: provider === undefined ? reply.provider : provider,
    responseId: responseId === undefined ? reply.responseId : responseId,
    webSearches: webSearches === undefined ? reply.webSearches : webSearches,
    errorType: errorType === undefined ? reply.failure?.errorType : errorType,
  };
  return callOfRecord(record, reply.tokens);
}

/** Records a call whose fields are clean, and which is over. `isErrorCounted`: its error is in `moai.errors` already. */
export function recordCall(call: RecordedCall, isErrorCounted = false, budget = currentBudget()): void {
  const session = currentSession();
  const scope = currentScope();
  const task = scope?.task;
  const started = startCallSpan(call, { session, task }, Date.now() - (call.durationMillis ?? 0));
  endCall(call, { session, task, started, budget }, isErrorCounted);
  if (call.tokens === undefined) return;
  for (let each = scope?.call; each !== undefined; each = each.parent) each.hasUsageInside = true;
}

/** Starts the span of a call, by what is known of it by then. */
export function startCallSpan(
  call: RecordedCall,
  { session, task }: Pick<CallPlace, "session" | "task">,
  startMillis?: number,
): StartedSpan {
  const describe = (): SpanDescription => {
    const attributes = callAttributes(call, task);
    const { operationName, requestModel } = attributes;
    return {
      name: requestModel === undefined ? String(operationName) : `${operationName} ${requestModel}`,
      attributes: { ...attributes, sessionId: session.sessionId, product: session.product, taskId: task?.id },
    };
  };
  return startSpan(describe, SpanKind.CLIENT, startMillis);
}

/** Ends the span of a call and records everything else of it. `isErrorCounted`: its error is in `moai.errors` already. */
export function endCall(call: RecordedCall, place: CallPlace, isErrorCounted = false): void {
  const { session, task, started } = place;
  const endedAtMillis = Date.now();
  endSpan(started.span, () => usageAttributes(call), call.errorType, endedAtMillis);
  const fact: ModelCallFact = {
    kind: "model_call",
    witness: "process",
    product: session.product,
    sessionId: session.sessionId,
    taskId: task?.id,
    requestId: started.key,
    responseId: call.responseId,
    endedAtMillis,
    durationMillis: call.durationMillis === undefined ? undefined : Math.round(call.durationMillis),
    firstChunkMillis: call.firstChunkMillis === undefined ? undefined : Math.round(call.firstChunkMillis),
    model: call.model,
    usage: call.tokens,
    webSearches: call.webSearches,
    reportedCostNanoUsd: call.costUsd === undefined ? undefined : Math.round(call.costUsd * 1e9),
    errorType: call.errorType,
  };
  emitFact(fact);
  noteInTask(task, call.tokens);
  if (call.tokens !== undefined) noteTokens(session, task, call.tokens);
  // A budget must know at once.
  const knownCost = place.budget === undefined ? undefined : costOf(call, endedAtMillis);
  noteInBudgets(place.budget, call.tokens, knownCost?.usd);
  recordInCompany(kindOf(call, task, session.product), () => {
    const cost = place.budget === undefined ? costOf(call, endedAtMillis) : knownCost;
    recordCallMetrics(call, callAttributes(call, task), session.product, cost);
  });
  const { errorType } = call;
  if (errorType === undefined || isErrorCounted) return;
  recordMetric("errors", 1, { product: session.product, agentName: task?.agent, errorType });
}

function callAttributes(call: RecordedCall, task: TaskState | undefined): KeyedAttributes {
  return {
    operationName: call.operation ?? CHAT,
    provider: call.provider,
    requestModel: call.requestModel ?? call.model,
    responseModel: call.requestModel === undefined ? undefined : call.model,
    serverAddress: call.serverAddress,
    serverPort: call.serverPort,
    agentName: task?.agent,
  };
}

/** The same for calls whose metrics are the same, but for the values. */
function kindOf(
  call: RecordedCall,
  task: TaskState | undefined,
  product: string,
): Parameters<typeof recordInCompany>[0] {
  const { tokens, model, requestModel, provider, operation, serverAddress, serverPort, errorType } = call;
  let told = call.costUsd === undefined ? 0 : 1;
  if (call.durationMillis !== undefined) told |= 2;
  if (call.firstChunkMillis !== undefined) told |= 4;
  if (tokens !== undefined) {
    told |= 8;
    if (tokens.cacheRead > 0) told |= 16;
    if (cacheWriteTokens(tokens) > 0) told |= 32;
    if (tokens.reasoning > 0) told |= 64;
  }
  const asked = [provider, operation, requestModel, serverAddress, serverPort];
  return ["call", told, model, task?.agent, errorType, product, ...asked];
}

function noteInTask(task: TaskState | undefined, tokens: TokenUsage | undefined): void {
  if (task === undefined) return;
  task.modelCalls += 1;
  if (tokens === undefined) return;
  task.tokens = (task.tokens ?? 0) + totalTokens(tokens);
  for (let each: TaskState | undefined = task; each !== undefined; each = each.parent) each.hasUsageInside = true;
}

/** Records the metrics of a call. */
export function recordCallMetrics(
  call: RecordedCall,
  common: KeyedAttributes,
  product: string,
  cost: CallCost | undefined,
): void {
  const { tokens, errorType } = call;
  // The conventions want the counters for every call, failed ones and ones without usage included.
  const counted = { ...common, tokenModality: "unknown" };
  const input = tokens === undefined ? 0 : promptTokens(tokens);
  const output = tokens?.output ?? 0;
  recordMetric("inputTokens", input, counted);
  recordMetric("outputTokens", output, counted);
  if (tokens !== undefined) {
    if (tokens.cacheRead > 0) recordMetric("cacheReadTokens", tokens.cacheRead, counted);
    const written = cacheWriteTokens(tokens);
    if (written > 0) recordMetric("cacheWriteTokens", written, counted);
    if (tokens.reasoning > 0) recordMetric("reasoningTokens", tokens.reasoning, counted);
    const measured = errorType === undefined ? common : { ...common, errorType };
    recordMetric("callInputTokens", input, measured);
    recordMetric("callOutputTokens", output, measured);
    recordMetric("tokenUsage", input, { ...common, tokenType: "input" });
    recordMetric("tokenUsage", output, { ...common, tokenType: "output" });
  }
  if (call.durationMillis !== undefined) {
    recordMetric(
      "inferenceDuration",
      call.durationMillis / 1000,
      errorType === undefined ? common : { ...common, errorType },
    );
  }
  if (call.firstChunkMillis !== undefined) recordMetric("timeToFirstChunk", call.firstChunkMillis / 1000, common);
  if (cost === undefined) return;
  const labels = { product, agentName: common.agentName, requestModel: call.model };
  recordMetric("cost", cost.usd, { ...labels, costOrigin: cost.origin });
}

/** What a call cost, and who says so. */
export interface CallCost {
  readonly usd: number;
  readonly origin: "reported" | "computed";
}

function costOf({ costUsd, tokens, model, provider }: RecordedCall, atMillis: number): CallCost | undefined {
  if (costUsd !== undefined) return { usd: costUsd, origin: "reported" };
  if (tokens === undefined || model === undefined) return undefined;
  const usd = registry.priceCall?.({ provider, model, usage: tokens, atMillis });
  return usd === undefined ? undefined : { usd, origin: "computed" };
}

function usageAttributes({ tokens, model, requestModel, responseId, firstChunkMillis }: RecordedCall): KeyedAttributes {
  return {
    responseModel: requestModel === undefined ? undefined : model,
    responseId,
    responseTimeToFirstChunk: firstChunkMillis === undefined ? undefined : firstChunkMillis / 1000,
    ...(tokens === undefined
      ? {}
      : {
          usageInputTokens: promptTokens(tokens),
          usageOutputTokens: tokens.output,
          usageCacheReadTokens: tokens.cacheRead || undefined,
          usageCacheWriteTokens: cacheWriteTokens(tokens) || undefined,
          usageCacheWrite1hTokens: tokens.cacheWrite1h || undefined,
          usageReasoningTokens: tokens.reasoning || undefined,
        }),
  };
}

function tokensOfRecord(record: UsageRecord): TokenUsage | undefined {
  const reported = {
    input: cleanNumber(record.inputTokens, "inputTokens"),
    output: cleanNumber(record.outputTokens, "outputTokens"),
    cacheRead: cleanNumber(record.cacheReadTokens, "cacheReadTokens"),
    cacheWrite: cleanNumber(record.cacheWriteTokens, "cacheWriteTokens"),
    cacheWrite1h: cleanNumber(record.cacheWrite1hTokens, "cacheWrite1hTokens"),
    reasoning: cleanNumber(record.reasoningTokens, "reasoningTokens"),
  };
  const hasUsage = Object.values(reported).some((count) => count !== undefined);
  const convention = TOKEN_CONVENTIONS[record.convention ?? "semconv"] ?? TOKEN_CONVENTIONS.semconv;
  return hasUsage ? normalizeTokens(reported, convention) : undefined;
}

function callOfRecord(record: UsageRecord, tokens: TokenUsage | undefined): RecordedCall {
  return {
    tokens,
    model: cleanText(record.model),
    provider: cleanText(record.provider),
    operation: cleanText(record.operation),
    durationMillis: cleanNumber(record.durationMillis, "durationMillis", FACT_LIMITS.durationMillis),
    firstChunkMillis: cleanNumber(record.firstChunkMillis, "firstChunkMillis", FACT_LIMITS.durationMillis),
    responseId: cleanText(record.responseId),
    webSearches: floor(cleanNumber(record.webSearches, "webSearches")),
    costUsd: cleanNumber(record.costUsd, "costUsd", MAX_COST_USD),
    errorType: record.errorType === undefined ? undefined : cleanErrorType(record.errorType),
  };
}

const MAX_COST_USD = FACT_LIMITS.costNanoUsd / 1e9;

/** A finite number of 0 or more, within reason; anything else that was given is dropped and counted. */
function cleanNumber(value: unknown, field: string, max: number = FACT_LIMITS.count): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number < 0) {
    countDrop(`${field} is not a number of 0 or more`);
    return undefined;
  }
  if (number <= max) return number;
  countDrop(`${field} is beyond reason`);
  return undefined;
}

function floor(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.floor(value);
}
