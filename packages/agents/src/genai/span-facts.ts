/** Maps one span of the GenAI conventions to facts. */
import {
  canonicalName,
  cleanErrorType,
  type Fact,
  type ModelCallFact,
  OTHER_ERROR,
  type SessionFact,
  spanKey,
  TASK_KINDS,
  TASK_RESULTS,
  type TaskFact,
  type TaskOutcome,
  type ToolCallFact,
} from "@moai-metrics/model";
import { numberAttribute, resourceText, textAttribute, usageOf } from "./span-attributes.ts";
import type { ToldCall } from "./span-links.ts";
import type { SpanRecord } from "./span-record.ts";

/** What a span describes. */
export type SpanRole = "session" | "task" | "model_call" | "tool_call";

const INFERENCE_OPERATIONS: ReadonlySet<string> = new Set(
  (["chat", "generateContent", "textCompletion", "embeddings"] as const).map(canonicalName),
);
const INVOKE_AGENT = canonicalName("invokeAgent");
const EXECUTE_TOOL = canonicalName("executeTool");
/** Scope of the spans that describe the same calls, under the same ids, as the facts of the process itself. */
const OWN_SCOPE = "@moai-metrics/instrumentation";
const UNNAMED_SERVICE = "unknown_service";

/** What a span describes, or undefined for one that is not about agents. */
export function roleOf(span: SpanRecord): SpanRole | undefined {
  const scopeKind = textAttribute(span, "scopeKind");
  if (scopeKind === "session" || scopeKind === "task") return scopeKind;
  const operation = textAttribute(span, "operationName");
  if (operation === INVOKE_AGENT) return "task";
  if (operation === EXECUTE_TOOL) return "tool_call";
  return operation !== undefined && INFERENCE_OPERATIONS.has(operation) ? "model_call" : undefined;
}

/** A fact that may come to belong to a task. */
export type OwnedFact = TaskFact | ModelCallFact | ToolCallFact;

/** Whether a span says itself all there is to know of its task; others learn it from the span that encloses them. */
export function knowsItsTask(span: SpanRecord): boolean {
  if (span.scopeName === OWN_SCOPE) return true;
  return textAttribute(span, roleOf(span) === "task" ? "parentTaskId" : "taskId") !== undefined;
}

/** As much of a fact as it takes to put it under a task later; undefined for one that belongs to none. */
export function idsOf(fact: Fact): OwnedFact | undefined {
  if (fact.kind === "quality") return undefined;
  const { witness, product, sessionId } = fact;
  const base = { witness, product, sessionId };
  switch (fact.kind) {
    case "task": {
      const { kind, taskId, startedAtMillis } = fact;
      return { ...base, kind, taskId, startedAtMillis };
    }
    case "model_call": {
      const { kind, requestId, responseId, endedAtMillis } = fact;
      return { ...base, kind, requestId, responseId, endedAtMillis };
    }
    case "tool_call": {
      const { kind, callId, startedAtMillis } = fact;
      return { ...base, kind, callId, startedAtMillis };
    }
    default:
      return undefined;
  }
}

/** The fact under its task; merging adds this to what is known of it. */
export function underTask(fact: OwnedFact, taskId: string): OwnedFact {
  return fact.kind === "task" ? { ...fact, parentTaskId: taskId } : { ...fact, taskId };
}

/** That a call which was told is the sum of calls inside of it. */
export function sumFact({ product, sessionId, requestId, responseId, endedAtMillis }: ToldCall): ModelCallFact {
  const ids = { product, sessionId, requestId, responseId, endedAtMillis };
  return { ...ids, kind: "model_call", witness: "span", isSum: true };
}

/** A call that lies in another one of the same response, which may have told a sum. */
export function innerFact({ product, sessionId, requestId, responseId, ...told }: ToldCall): ModelCallFact {
  return { ...told, product, sessionId, requestId, responseId, kind: "model_call", witness: "innerSpan" };
}

/** What can be told again of a call. */
export function toldCall(facts: readonly Fact[]): ToldCall | undefined {
  const call = facts.find((fact) => fact.kind === "model_call");
  if (call === undefined) return undefined;
  const { product, sessionId, requestId, responseId, endedAtMillis, model, usage } = call;
  return { product, sessionId, requestId, responseId, endedAtMillis, model, usage };
}

/** Who a span's facts belong to. */
interface SpanOwner {
  readonly product: string;
  readonly sessionId: string;
}

/**
 * The product is what the span says, else the service's name. The session is what the span says (`session.id`, else
 * the conversation), else the run of the service, else the trace.
 */
function ownerOf(span: SpanRecord): SpanOwner {
  return {
    product: textAttribute(span, "product") ?? resourceText(span, "serviceName") ?? UNNAMED_SERVICE,
    sessionId:
      textAttribute(span, "sessionId") ??
      textAttribute(span, "conversationId") ??
      resourceText(span, "serviceInstanceId") ??
      `trace:${span.traceId}`,
  };
}

/** The facts of a session span. */
export function sessionFacts(span: SpanRecord): readonly Fact[] {
  const fact: SessionFact = {
    ...baseOf(span),
    kind: "session",
    project: textAttribute(span, "project"),
    branch: textAttribute(span, "branch"),
    version: textAttribute(span, "serviceVersion") ?? resourceText(span, "serviceVersion"),
    activity: [
      { startMillis: span.startMillis, endMillis: span.startMillis },
      { startMillis: span.endMillis, endMillis: span.endMillis },
    ],
    hasEnded: true,
  };
  return [fact];
}

/** The facts of a task or agent run. Its usage, if it reports one, is the sum of the calls inside: not a fact. */
export function taskFacts(span: SpanRecord): readonly Fact[] {
  const kind = textAttribute(span, "taskKind");
  const task: TaskFact = {
    ...baseOf(span),
    kind: "task",
    taskId: spanKey(span.traceId, span.spanId),
    taskKind: TASK_KINDS.find((known) => known === kind) ?? "sdk",
    parentTaskId: textAttribute(span, "parentTaskId"),
    agent: textAttribute(span, "agentName"),
    startedAtMillis: span.startMillis,
    lastSeenAtMillis: span.endMillis,
    outcome: outcomeOf(span),
    linesAdded: numberAttribute(span, "taskLinesAdded"),
    linesRemoved: numberAttribute(span, "taskLinesRemoved"),
  };
  return [task, activityOf(span)];
}

/**
 * The facts of a model call. A span says which call of the process it describes (`moai.request.id`), if it knows. A span of another library knows nothing of the request id under which the process reports
 * the same call; the response id is what both know, so it goes alone.
 */
export function modelCallFacts(span: SpanRecord, witness: "span" | "log" = "span"): readonly Fact[] {
  const responseId = textAttribute(span, "responseId");
  const hasOwnKey = span.scopeName === OWN_SCOPE || responseId === undefined;
  const firstChunkSeconds = numberAttribute(span, "responseTimeToFirstChunk");
  const call: ModelCallFact = {
    ...baseOf(span, witness),
    kind: "model_call",
    taskId: textAttribute(span, "taskId"),
    requestId: textAttribute(span, "requestId") ?? (hasOwnKey ? spanKey(span.traceId, span.spanId) : undefined),
    responseId,
    endedAtMillis: span.endMillis,
    // A span of no length was recorded after the fact by someone who did not know the duration.
    durationMillis: span.endMillis > span.startMillis ? span.endMillis - span.startMillis : undefined,
    firstChunkMillis: firstChunkSeconds === undefined ? undefined : Math.round(firstChunkSeconds * 1000),
    model: textAttribute(span, "responseModel") ?? textAttribute(span, "requestModel"),
    usage: usageOf(span),
    errorType: errorTypeOf(span),
  };
  return [call, activityOf(span, witness)];
}

/** The facts of a tool call. */
export function toolCallFacts(span: SpanRecord): readonly Fact[] {
  const errorType = errorTypeOf(span);
  const call: ToolCallFact = {
    ...baseOf(span),
    kind: "tool_call",
    taskId: textAttribute(span, "taskId"),
    // Models number their calls, so the same id comes again in every session; our own process knows the span instead.
    callId:
      (span.scopeName === OWN_SCOPE ? undefined : textAttribute(span, "toolCallId")) ??
      spanKey(span.traceId, span.spanId),
    tool: textAttribute(span, "toolName"),
    startedAtMillis: span.startMillis,
    endedAtMillis: span.endMillis,
    isSuccess: errorType === undefined,
    errorType,
  };
  return [call, activityOf(span)];
}

function baseOf(span: SpanRecord, witness: "span" | "log" = "span") {
  return { witness, ...ownerOf(span) } as const;
}

function activityOf(span: SpanRecord, witness: "span" | "log" = "span"): SessionFact {
  return {
    ...baseOf(span, witness),
    kind: "session",
    activity: [{ startMillis: span.startMillis, endMillis: span.endMillis }],
  };
}

function outcomeOf(span: SpanRecord): TaskOutcome {
  const atMillis = span.endMillis;
  const errorType = errorTypeOf(span);
  const said = textAttribute(span, "taskResult");
  const result = TASK_RESULTS.find((known) => known === said);
  if (result !== undefined) {
    const origin = textAttribute(span, "taskResultOrigin") === "inferred" ? "inferred" : "reported";
    return { result, origin, atMillis, errorType };
  }
  if (errorType === undefined) return { result: "success", origin: "inferred", atMillis };
  if (errorType.endsWith("TimeoutError")) return { result: "timeout", origin: "reported", atMillis, errorType };
  if (errorType.endsWith("AbortError")) return { result: "cancelled", origin: "reported", atMillis, errorType };
  return { result: "failure", origin: "reported", atMillis, errorType };
}

function errorTypeOf(span: SpanRecord): string | undefined {
  // Some libraries put the message there, which may hold anything.
  const said = textAttribute(span, "errorType");
  return said === undefined ? (span.isError ? OTHER_ERROR : undefined) : cleanErrorType(said);
}
