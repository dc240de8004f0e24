/** The logs of Codex: events whose names begin with `codex.`. Its spans repeat them without ids, and are not counted. */
import { type Fact, normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import {
  type Attributes,
  count,
  type EventPlace,
  eventMillis,
  eventNameOf,
  shownEvent,
  text,
  truth,
} from "../telemetry/attributes.ts";
import type { Mapped, ProductTelemetry } from "../telemetry/contract.ts";
import type { LogRecord } from "../telemetry/log-record.ts";
import type { UsageKeys } from "../usage-keys.ts";
import { PRODUCT } from "./product.ts";
import { codexUsageKey } from "./usage-key.ts";

const PREFIX = "codex.";

/** Creates the mapping of Codex's telemetry. */
export function createCodexTelemetry(): ProductTelemetry {
  return {
    product: PRODUCT,
    ownsLog: (record) => eventNameOf(record).startsWith(PREFIX) || record.scopeName.startsWith("codex_"),
    ownsSpan: ({ scopeName, resource }) =>
      (scopeName ?? "").startsWith("codex") || (text(resource, "service.name") ?? "").startsWith("codex"),
    mapLog,
    mapSpan: () => "span that repeats the log",
  };
}

function mapLog(record: LogRecord, keysOf: (sessionId: string) => UsageKeys): Mapped {
  const event = eventNameOf(record);
  if (!event.startsWith(PREFIX)) return "log without an event";
  const { attributes } = record;
  const sessionId = text(attributes, "conversation.id");
  const atMillis = eventMillis(record);
  if (sessionId === undefined) return "event without a conversation";
  if (atMillis === undefined) return "event without a time";
  const place = { sessionId, atMillis };
  switch (event) {
    case "codex.sse_event":
    case "codex.websocket_event":
      return mapResponse(attributes, place, keysOf);
    case "codex.tool_result":
      return mapToolResult(attributes, place);
    case "codex.conversation_starts":
    case "codex.user_prompt":
      return [sessionFact(attributes, place)];
    default:
      return `event without figures: ${shownEvent(event)}`;
  }
}

function sessionFact(attributes: Attributes, { sessionId, atMillis }: EventPlace): Fact {
  return {
    kind: "session",
    witness: "log",
    product: PRODUCT,
    sessionId,
    version: text(attributes, "app.version"),
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
  };
}

/** Of the events of a response only the one with counts is its end; `tool_token_count` is their total. */
function mapResponse(attributes: Attributes, place: EventPlace, keysOf: (sessionId: string) => UsageKeys): Mapped {
  const input = count(attributes, "input_token_count");
  const output = count(attributes, "output_token_count");
  if (attributes["event.kind"] !== "response.completed" || input === undefined || output === undefined) {
    return "event without figures: part of a response";
  }
  const { sessionId, atMillis } = place;
  const usage = {
    input,
    output,
    cacheRead: count(attributes, "cached_token_count") ?? 0,
    cacheWrite: count(attributes, "cache_write_token_count") ?? 0,
    reasoning: count(attributes, "reasoning_token_count") ?? 0,
  };
  const model = text(attributes, "model") ?? text(attributes, "slug");
  const sighting = [atMillis, ...Object.values(usage)].join(" ");
  return [
    sessionFact(attributes, place),
    {
      kind: "model_call",
      witness: "log",
      product: PRODUCT,
      sessionId,
      requestId: codexUsageKey(keysOf(sessionId), sighting, sessionId, model, usage),
      endedAtMillis: atMillis,
      firstChunkMillis: count(attributes, "ttft_ms"),
      model,
      usage: normalizeTokens(usage, TOKEN_CONVENTIONS.openai),
    },
  ];
}

function mapToolResult(attributes: Attributes, place: EventPlace): Mapped {
  const callId = text(attributes, "call_id");
  if (callId === undefined) return "tool call without an id";
  const { sessionId, atMillis } = place;
  const isSuccess = truth(attributes, "success");
  return [
    sessionFact(attributes, place),
    {
      kind: "tool_call",
      witness: "log",
      product: PRODUCT,
      sessionId,
      callId,
      tool: text(attributes, "tool_name"),
      startedAtMillis: atMillis - (count(attributes, "duration_ms") ?? 0),
      endedAtMillis: atMillis,
      isSuccess,
      errorType: isSuccess === false ? "tool_error" : undefined,
    },
  ];
}
