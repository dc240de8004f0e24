/** Maps one span of the GenAI conventions to facts. */
import {
  canonicalName,
  type Fact,
  type ModelCallFact,
  type SessionFact,
  spanKey,
  TASK_KINDS,
  TASK_RESULTS,
  type TaskFact,
  type TaskOutcome,
  type ToolCallFact,
} from "@moai-metrics/model";
import { numberAttribute, resourceText, textAttribute, usageOf } from "./span-attributes.ts";
import type { SpanRecord } from "./span-record.ts";

/** What a span describes. */
export type SpanRole = "session" | "task" | "model_call" | "tool_call";

const INFERENCE_OPERATIONS: ReadonlySet<string> = new Set(
  (["chat", "generateContent", "textCompletion", "embeddings"] as const).map(canonicalName),
);
const INVOKE_AGENT = canonicalName("invokeAgent");
const EXECUTE_TOOL = canonicalName("executeTool");
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
export function taskFacts(span: SpanRecord, parentTaskId: string | undefined): readonly Fact[] {
  const kind = textAttribute(span, "taskKind");
  const task: TaskFact = {
    ...baseOf(span),
    kind: "task",
    taskId: spanKey(span.traceId, span.spanId),
    taskKind: TASK_KINDS.find((known) => known === kind) ?? "sdk",
    parentTaskId: textAttribute(span, "parentTaskId") ?? parentTaskId,
    agent: textAttribute(span, "agentName"),
    startedAtMillis: span.startMillis,
    lastSeenAtMillis: span.endMillis,
    outcome: outcomeOf(span),
    linesAdded: numberAttribute(span, "taskLinesAdded"),
    linesRemoved: numberAttribute(span, "taskLinesRemoved"),
  };
  return [task, activityOf(span)];
}

/** The facts of a model call. */
export function modelCallFacts(span: SpanRecord, taskId: string | undefined): readonly Fact[] {
  const firstChunkSeconds = numberAttribute(span, "responseTimeToFirstChunk");
  const call: ModelCallFact = {
    ...baseOf(span),
    kind: "model_call",
    taskId: textAttribute(span, "taskId") ?? taskId,
    requestId: spanKey(span.traceId, span.spanId),
    responseId: textAttribute(span, "responseId"),
    endedAtMillis: span.endMillis,
    // A span of no length was recorded after the fact by someone who did not know the duration.
    durationMillis: span.endMillis > span.startMillis ? span.endMillis - span.startMillis : undefined,
    firstChunkMillis: firstChunkSeconds === undefined ? undefined : Math.round(firstChunkSeconds * 1000),
    model: textAttribute(span, "responseModel") ?? textAttribute(span, "requestModel"),
    usage: usageOf(span),
    errorType: errorTypeOf(span),
  };
  return [call, activityOf(span)];
}

/** The facts of a tool call. */
export function toolCallFacts(span: SpanRecord, taskId: string | undefined): readonly Fact[] {
  const errorType = errorTypeOf(span);
  const call: ToolCallFact = {
    ...baseOf(span),
    kind: "tool_call",
    taskId: textAttribute(span, "taskId") ?? taskId,
    callId: textAttribute(span, "toolCallId") ?? spanKey(span.traceId, span.spanId),
    tool: textAttribute(span, "toolName"),
    startedAtMillis: span.startMillis,
    endedAtMillis: span.endMillis,
    isSuccess: errorType === undefined,
    errorType,
  };
  return [call, activityOf(span)];
}

function baseOf(span: SpanRecord) {
  return { witness: "span", ...ownerOf(span) } as const;
}

function activityOf(span: SpanRecord): SessionFact {
  return {
    ...baseOf(span),
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
  return textAttribute(span, "errorType") ?? (span.isError ? "_OTHER" : undefined);
}
