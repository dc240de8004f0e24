/** Maps log events of the GenAI conventions to facts. */
import { FACT_EVENT, type Fact } from "@moai-metrics/model";
import type { LogRecord } from "../telemetry/log-record.ts";
import { resourceText, textAttribute, usageOf } from "./span-attributes.ts";
import { modelCallFacts } from "./span-facts.ts";
import type { SpanRecord } from "./span-record.ts";

/** The facts of a record, or why it gives none. */
export type GenAiLog = readonly Fact[] | string;

/** The one event of the conventions that tells the usage of a call; it repeats the call's span. */
const INFERENCE_DETAILS = "gen_ai.client.inference.operation.details";

/**
 * The facts of one log record. The event of a call that also has a span, or a response id, is the same call and counts
 * once; one that has neither cannot be told from a repeated one and is passed over. Never throws.
 */
export function genAiLogFacts(record: LogRecord): GenAiLog {
  const { attributes, traceId, spanId } = record;
  const name = record.eventName ?? attributes["event.name"];
  if (name === FACT_EVENT) return factOf(attributes[FACT_EVENT]);
  if (name !== INFERENCE_DETAILS)
    return isGenAi(name) ? `event without figures: ${name}` : "log that is not about agents";
  const atMillis = record.timeMillis ?? record.observedMillis;
  if (atMillis === undefined) return "event without a time";
  const span: SpanRecord = {
    traceId: traceId ?? "",
    spanId: spanId ?? "",
    parentSpanId: undefined,
    name: INFERENCE_DETAILS,
    scopeName: record.scopeName,
    startMillis: atMillis,
    endMillis: atMillis,
    isError: false,
    attributes,
    resource: record.resource,
  };
  if (usageOf(span) === undefined) return "event without usage";
  const hasSpan = traceId !== undefined && spanId !== undefined;
  if (!hasSpan && !(textAttribute(span, "responseId") !== undefined && hasSession(span))) return "event without ids";
  return modelCallFacts(span, "log");
}

/** What a process tells of itself, as it would tell its own store. Whether it holds is for the store to say. */
function factOf(text: unknown): GenAiLog {
  try {
    const fact: unknown = JSON.parse(String(text));
    if (typeof fact === "object" && fact !== null && "kind" in fact) return [{ ...fact, witness: "process" } as Fact];
  } catch {
    // Not JSON.
  }
  return "event that holds no fact";
}

/** Names of events are few, and those of the conventions are known: they may appear in a reason. */
function isGenAi(name: unknown): name is string {
  return typeof name === "string" && /^gen_ai\.[a-z_.]{1,60}$/.test(name);
}

/** Without a trace, something else must say whose call it was. */
function hasSession(span: SpanRecord): boolean {
  const session = textAttribute(span, "sessionId") ?? textAttribute(span, "conversationId");
  return (session ?? resourceText(span, "serviceInstanceId")) !== undefined;
}
