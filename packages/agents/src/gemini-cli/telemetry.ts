/** The logs of Gemini CLI: events whose names begin with `gemini_cli.`. Its spans repeat them without ids. */
import { type Fact, normalizeTokens, OTHER_ERROR, type TaskOutcome, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import {
  type Attributes,
  count,
  type EventPlace,
  errorClass,
  eventMillis,
  eventNameOf,
  shownEvent,
  text,
} from "../telemetry/attributes.ts";
import type { Mapped, ProductTelemetry } from "../telemetry/contract.ts";
import type { LogRecord } from "../telemetry/log-record.ts";
import type { UsageKeys } from "../usage-keys.ts";
import { PRODUCT } from "./product.ts";
import { geminiUsageKey } from "./usage-key.ts";

const PREFIX = "gemini_cli.";
const SCOPE = "gemini-cli";

/** Creates the mapping of Gemini CLI's telemetry. */
export function createGeminiCliTelemetry(): ProductTelemetry {
  return {
    product: PRODUCT,
    ownsLog: (record) => record.scopeName === SCOPE || eventNameOf(record).startsWith(PREFIX),
    ownsSpan: ({ scopeName, resource }) => scopeName === SCOPE || resource["service.name"] === SCOPE,
    mapLog,
    mapSpan: () => "span that repeats the log",
  };
}

function mapLog(record: LogRecord, keysOf: (sessionId: string) => UsageKeys): Mapped {
  const event = eventNameOf(record);
  const { attributes } = record;
  const sessionId = text(attributes, "session.id") ?? text(record.resource, "session.id");
  const atMillis = eventMillis(record);
  if (sessionId === undefined) return "event without a session";
  if (atMillis === undefined) return "event without a time";
  const place = { sessionId, atMillis };
  switch (event) {
    case "gemini_cli.api_response":
      return mapResponse(attributes, place, keysOf);
    case "gemini_cli.agent.start":
    case "gemini_cli.agent.finish":
      return mapAgent(attributes, place, event);
    case "gemini_cli.config":
    case "gemini_cli.user_prompt":
      return [sessionFact(place)];
    case "gemini_cli.tool_call":
      return "tool call without an id";
    default:
      return event.startsWith(PREFIX) || event.startsWith("gen_ai.")
        ? `event without figures: ${shownEvent(event)}`
        : "log without an event";
  }
}

function sessionFact({ sessionId, atMillis }: EventPlace): Fact {
  return {
    kind: "session",
    witness: "log",
    product: PRODUCT,
    sessionId,
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
  };
}

/** The prompt id of a subagent's call is `<agent>#<turn>`. */
function agentIdOf(attributes: Attributes): string | undefined {
  const promptId = text(attributes, "prompt_id");
  const at = promptId?.lastIndexOf("#") ?? -1;
  return attributes["role"] === "subagent" && promptId !== undefined && at > 0 ? promptId.slice(0, at) : undefined;
}

function mapResponse(attributes: Attributes, place: EventPlace, keysOf: (sessionId: string) => UsageKeys): Mapped {
  const input = count(attributes, "input_token_count");
  const output = count(attributes, "output_token_count");
  if (input === undefined || output === undefined) return "response without usage";
  const { sessionId, atMillis } = place;
  const tokens = {
    input: input + (count(attributes, "tool_token_count") ?? 0),
    output,
    cacheRead: count(attributes, "cached_content_token_count") ?? 0,
    reasoning: count(attributes, "thoughts_token_count") ?? 0,
  };
  const model = text(attributes, "model");
  const agentId = agentIdOf(attributes);
  const sighting = [atMillis, text(attributes, "prompt_id"), ...Object.values(tokens)].join(" ");
  return [
    sessionFact(place),
    {
      kind: "model_call",
      witness: "log",
      product: PRODUCT,
      sessionId,
      taskId: agentId === undefined ? undefined : `agent:${agentId}`,
      requestId: geminiUsageKey(keysOf(sessionId), sighting, agentId ?? sessionId, model, tokens),
      endedAtMillis: atMillis,
      durationMillis: count(attributes, "duration_ms"),
      model,
      usage: normalizeTokens(tokens, TOKEN_CONVENTIONS.google),
    },
  ];
}

function mapAgent(attributes: Attributes, place: EventPlace, event: string): Mapped {
  const agentId = text(attributes, "agent_id");
  if (agentId === undefined) return "agent without an id";
  const { sessionId, atMillis } = place;
  const hasEnded = event === "gemini_cli.agent.finish";
  return [
    sessionFact(place),
    {
      kind: "task",
      witness: "log",
      product: PRODUCT,
      sessionId,
      taskId: `agent:${agentId}`,
      taskKind: "subagent",
      agent: text(attributes, "agent_name"),
      startedAtMillis: atMillis - (hasEnded ? (count(attributes, "duration_ms") ?? 0) : 0),
      lastSeenAtMillis: atMillis,
      outcome: hasEnded ? outcomeOf(text(attributes, "terminate_reason"), atMillis) : undefined,
    },
  ];
}

/** Reasons are words in capitals, such as `MAX_TURNS`. */
function terminationOf(reason: string): string {
  const errorType = reason === reason.toUpperCase() ? errorClass(reason.toLowerCase()) : undefined;
  return errorType ?? OTHER_ERROR;
}

/** `GOAL`: the agent did what it was asked to. */
function outcomeOf(reason: string | undefined, atMillis: number): TaskOutcome {
  const reported = { origin: "reported", atMillis } as const;
  switch (reason) {
    case "GOAL":
      return { ...reported, result: "success" };
    case "TIMEOUT":
      return { ...reported, result: "timeout" };
    case "ABORTED":
      return { ...reported, result: "cancelled" };
    case undefined:
      return { ...reported, result: "unknown" };
    default:
      return { ...reported, result: "failure", errorType: terminationOf(reason) };
  }
}
