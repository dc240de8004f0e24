/** The logs and spans of Claude Code. Both name a model call by its request, as the transcript does. */
import { type Fact, MAIN_AGENT, normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { SpanRecord } from "../genai/span-record.ts";
import { type Attributes, count, errorClass, eventMillis, shownEvent, text, truth } from "../telemetry/attributes.ts";
import type { Mapped, ProductTelemetry } from "../telemetry/contract.ts";
import type { LogRecord } from "../telemetry/log-record.ts";
import { PRODUCT } from "./product.ts";
import { createSubagentNames } from "./subagent-names.ts";

const SCOPE = "com.anthropic.claude_code";
const BODY_PREFIX = "claude_code.";

/** Where and when something happened. */
interface Place {
  readonly sessionId: string;
  readonly atMillis: number;
  readonly version: string | undefined;
}

/** Creates the mapping of Claude Code's telemetry. */
export function createClaudeCodeTelemetry(): ProductTelemetry {
  const names = createSubagentNames();
  return {
    product: PRODUCT,
    ownsLog: ({ scopeName }) => scopeName.startsWith(SCOPE),
    ownsSpan: ({ scopeName }) => (scopeName ?? "").startsWith(SCOPE),
    mapLog,
    mapSpan: (span) => {
      const named = names.learn(span).map(({ agentId, agent }): Fact => {
        const { sessionId } = placeOfSpan(span);
        return { kind: "task", witness: "span", product: PRODUCT, sessionId, taskId: `agent:${agentId}`, agent };
      });
      const mapped = mapSpan(span);
      if (named.length === 0) return mapped;
      return typeof mapped === "string" ? named : [...mapped, ...named];
    },
  };
}

function mapLog(record: LogRecord): Mapped {
  const { attributes, resource } = record;
  const sessionId = text(attributes, "session.id");
  const atMillis = eventMillis(record);
  if (sessionId === undefined) return "event without a session";
  if (atMillis === undefined) return "event without a time";
  const event = (text(attributes, "event.name") ?? "").replace(BODY_PREFIX, "");
  const place = { sessionId, atMillis, version: text(resource, "service.version") };
  switch (event) {
    case "user_prompt":
      return [sessionFact(place, "log"), ...promptTask(attributes, place)];
    case "api_request":
      return mapRequest(attributes, place);
    case "api_error":
      return mapError(attributes, place);
    case "tool_result":
      return mapToolResult(attributes, place);
    default:
      return event === "" ? "log without an event" : `event without figures: ${shownEvent(event)}`;
  }
}

function sessionFact({ sessionId, atMillis, version }: Place, witness: "log" | "span"): Fact {
  return {
    kind: "session",
    witness,
    product: PRODUCT,
    sessionId,
    version,
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
  };
}

/** The task of a record: the subagent that it names; the prompt, where it is surely the main agent's. */
function taskIdOf(attributes: Attributes): string | undefined {
  const agentId = text(attributes, "agent_id");
  if (agentId !== undefined) return `agent:${agentId}`;
  const source = text(attributes, "query_source");
  const promptId = text(attributes, "prompt.id");
  const isOfMain = source === "sdk" || source?.startsWith("repl_main_thread");
  return isOfMain && promptId !== undefined ? `prompt:${promptId}` : undefined;
}

function promptTask(attributes: Attributes, { sessionId, atMillis }: Place): Fact[] {
  const promptId = text(attributes, "prompt.id");
  if (promptId === undefined) return [];
  return [
    {
      kind: "task",
      witness: "log",
      product: PRODUCT,
      sessionId,
      taskId: `prompt:${promptId}`,
      taskKind: "prompt",
      agent: MAIN_AGENT,
      startedAtMillis: atMillis,
      lastSeenAtMillis: atMillis,
    },
  ];
}

/** Counts of a request; the split of the cache writes came with later versions. */
function usageOf(attributes: Attributes) {
  const input = count(attributes, "input_tokens");
  const output = count(attributes, "output_tokens");
  if (input === undefined && output === undefined) return undefined;
  return normalizeTokens(
    {
      input,
      output,
      cacheRead: count(attributes, "cache_read_tokens"),
      cacheWrite: count(attributes, "cache_creation_tokens"),
      cacheWrite5m: count(attributes, "cache_creation_5m_tokens"),
      cacheWrite1h: count(attributes, "cache_creation_1h_tokens"),
    },
    TOKEN_CONVENTIONS.anthropic,
  );
}

function requestIdOf(attributes: Attributes): string | undefined {
  const requestId = text(attributes, "request_id");
  const clientId = text(attributes, "client_request_id");
  return requestId ?? (clientId === undefined ? undefined : `client:${clientId}`);
}

function mapRequest(attributes: Attributes, place: Place): Mapped {
  const requestId = requestIdOf(attributes);
  if (requestId === undefined) return "request without an id";
  const { sessionId, atMillis } = place;
  const microUsd = count(attributes, "cost_usd_micros");
  return [
    sessionFact(place, "log"),
    {
      kind: "model_call",
      witness: "log",
      product: PRODUCT,
      sessionId,
      taskId: taskIdOf(attributes),
      requestId,
      endedAtMillis: atMillis,
      durationMillis: count(attributes, "duration_ms"),
      firstChunkMillis: count(attributes, "ttft_ms"),
      model: text(attributes, "model"),
      usage: usageOf(attributes),
      speed: attributes["speed"] === "fast" ? "fast" : undefined,
      reportedCostNanoUsd: microUsd === undefined ? undefined : microUsd * 1000,
    },
  ];
}

/**
 * A request that failed for good. The transcript tells it without the request's id, so that a call of its own would be
 * counted twice; here it is the failure of its task.
 */
function mapError(attributes: Attributes, place: Place): Mapped {
  const taskId = taskIdOf(attributes);
  const { sessionId, atMillis } = place;
  if (taskId === undefined) return "error of a task that is not known";
  const status = errorClass(attributes["status_code"]);
  const errorType = status ?? "api_error";
  return [
    sessionFact(place, "log"),
    {
      kind: "task",
      witness: "log",
      product: PRODUCT,
      sessionId,
      taskId,
      lastSeenAtMillis: atMillis,
      outcome: { result: "failure", origin: "inferred", atMillis, errorType },
    },
  ];
}

function mapToolResult(attributes: Attributes, place: Place): Mapped {
  const callId = text(attributes, "tool_use_id");
  if (callId === undefined) return "tool call without an id";
  const { sessionId, atMillis } = place;
  const isSuccess = truth(attributes, "success");
  return [
    sessionFact(place, "log"),
    {
      kind: "tool_call",
      witness: "log",
      product: PRODUCT,
      sessionId,
      taskId: taskIdOf(attributes),
      callId,
      tool: toolName(attributes),
      startedAtMillis: atMillis - (count(attributes, "duration_ms") ?? 0),
      endedAtMillis: atMillis,
      isSuccess,
      errorType: isSuccess === false ? "tool_error" : undefined,
    },
  ];
}

/** A placeholder is not a name. */
function toolName(attributes: Attributes): string | undefined {
  const name = text(attributes, "tool_name");
  return name === "mcp_tool" ? undefined : name;
}

function placeOfSpan({ attributes, endMillis, traceId, resource }: SpanRecord): Place {
  return {
    sessionId: text(attributes, "session.id") ?? `trace:${traceId}`,
    atMillis: endMillis,
    version: text(resource, "service.version"),
  };
}

function mapSpan(span: SpanRecord): Mapped {
  const { attributes, name, startMillis, endMillis } = span;
  if (text(attributes, "session.id") === undefined) return "span without a session";
  const place = placeOfSpan(span);
  const agentId = text(attributes, "agent_id");
  const taskId = agentId === undefined ? undefined : `agent:${agentId}`;
  const { sessionId } = place;
  switch (name.replace(BODY_PREFIX, "")) {
    case "llm_request": {
      const requestId = requestIdOf(attributes);
      const usage = usageOf(attributes);
      if (requestId === undefined || usage === undefined) return "request without an id or usage";
      return [
        sessionFact(place, "span"),
        {
          kind: "model_call",
          witness: "span",
          product: PRODUCT,
          sessionId,
          taskId,
          requestId,
          endedAtMillis: endMillis,
          durationMillis: count(attributes, "duration_ms"),
          firstChunkMillis: count(attributes, "ttft_ms"),
          model: text(attributes, "model"),
          usage,
          speed: attributes["speed"] === "fast" ? "fast" : undefined,
        },
      ];
    }
    case "tool":
    case "tool.execution": {
      const callId = text(attributes, "tool_use_id");
      if (callId === undefined) return "tool call without an id";
      const isSuccess = truth(attributes, "success");
      return [
        {
          kind: "tool_call",
          witness: "span",
          product: PRODUCT,
          sessionId,
          taskId,
          callId,
          tool: toolName(attributes),
          startedAtMillis: startMillis,
          endedAtMillis: endMillis,
          isSuccess,
          errorType: isSuccess === false ? "tool_error" : undefined,
        },
      ];
    }
    default:
      return "span without figures";
  }
}
