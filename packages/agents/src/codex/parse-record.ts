/** Reads one line of a rollout: `{timestamp, ordinal?, type, payload}`. */

import { countOf, type JsonObject, listOf, MAX_PATH_LENGTH, objectOf, textOf, timeOf } from "../jsonl/json-values.ts";
import { errorClass } from "../telemetry/attributes.ts";
import type { ParsedLine } from "../transcript/parsed-lines.ts";
import { toolErrorOf } from "./outcomes.ts";
import type { CodexFileChange, CodexRecord, CodexUsage } from "./record.ts";

/** Types without facts of their own. */
const SIGNS: ReadonlySet<string> = new Set([
  "compacted",
  "ghost_snapshot",
  "inter_agent_communication",
  "session_state",
  "thread_goal",
  "world_state",
]);

/** Parses a line. Never throws. */
export function parseRecord(buffer: Buffer, start: number, end: number): ParsedLine<CodexRecord> {
  const message = messageTime(buffer, start, end);
  if (message !== undefined) return { kind: "sign", atMillis: message, ordinal: undefined };
  let line: JsonObject | undefined;
  try {
    line = objectOf(JSON.parse(buffer.toString("utf8", start, end)));
  } catch {
    return { kind: "unreadable", reason: "not JSON" };
  }
  const type = textOf(line?.["type"]);
  if (line === undefined || type === undefined) return { kind: "unreadable", reason: "no type" };
  const payload = objectOf(line["payload"]);
  // The oldest rollouts have items without an envelope, and no counts of tokens.
  if (payload === undefined) return unknown(type);
  const atMillis = timeOf(line["timestamp"]);
  if (atMillis === undefined) return { kind: "unreadable", reason: "bad timestamp" };
  const sign = { kind: "sign", atMillis, ordinal: countOf(line["ordinal"]) } as const;
  switch (type) {
    case "session_meta":
      return threadOf(payload, sign);
    case "turn_context":
      return { ...sign, kind: "turnContext", turnId: textOf(payload["turn_id"]), model: textOf(payload["model"]) };
    case "token_usage_record":
      return responseOf(payload, sign);
    case "event_msg":
      return eventOf(payload, sign);
    case "response_item":
      return itemOf(payload, sign);
    default:
      return SIGNS.has(type) ? sign : unknown(type);
  }
}

type Sign = Extract<CodexRecord, { kind: "sign" }>;

function unknown(type: string): ParsedLine<CodexRecord> {
  return { kind: "unknown", type };
}

const HEAD_BYTES = 200;
const MESSAGE_HEAD =
  /^\{"timestamp":"([^"]{20,40})",(?:"ordinal":\d+,)?"type":"response_item","payload":\{"type":"(?:message|reasoning)"/;

/** The time of a line that holds only what was said, which is most of a rollout and need not be parsed. */
function messageTime(buffer: Buffer, start: number, end: number): number | undefined {
  const head = MESSAGE_HEAD.exec(buffer.toString("latin1", start, Math.min(end, start + HEAD_BYTES)));
  return head === null ? undefined : timeOf(head[1]);
}

function threadOf(payload: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const threadId = textOf(payload["id"]) ?? textOf(payload["session_id"]);
  if (threadId === undefined) return { kind: "unreadable", reason: "session without an id" };
  const parentId = textOf(payload["parent_thread_id"]);
  const isSubagent = payload["thread_source"] === "subagent" || parentId !== undefined || isSpawned(payload["source"]);
  const ownFrom = countOf(payload["subagent_history_start_ordinal"]);
  return {
    ...sign,
    kind: "thread",
    threadId,
    sessionId: textOf(payload["session_id"]) ?? parentId ?? threadId,
    project: textOf(payload["cwd"], MAX_PATH_LENGTH),
    branch: textOf(objectOf(payload["git"])?.["branch"]),
    version: textOf(payload["cli_version"]),
    isSubagent,
    agent: textOf(payload["agent_role"]) ?? textOf(payload["agent_nickname"]),
    hasHistory: isSubagent || textOf(payload["forked_from_id"]) !== undefined,
    ownFromOrdinal: ownFrom,
  };
}

/** `source` is a word for a thread of the user, and an object for one that an agent started. */
function isSpawned(source: unknown): boolean {
  return objectOf(source)?.["subagent"] !== undefined;
}

function responseOf(payload: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const usage = usageOf(payload["usage"]);
  const responseId = textOf(payload["response_id"]);
  if (usage === undefined) return { kind: "unreadable", reason: "usage record without usage" };
  if (responseId === undefined) return { kind: "unreadable", reason: "usage record without an id" };
  const threadTotal = usageOf(payload["thread_token_usage"]);
  return { ...sign, kind: "response", threadId: textOf(payload["thread_id"]), responseId, usage, threadTotal };
}

function usageOf(value: unknown): CodexUsage | undefined {
  const usage = objectOf(value);
  const input = countOf(usage?.["input_tokens"]);
  const output = countOf(usage?.["output_tokens"]);
  if (usage === undefined || input === undefined || output === undefined) return undefined;
  return {
    input,
    cacheRead: countOf(usage["cached_input_tokens"]) ?? 0,
    cacheWrite: countOf(usage["cache_write_input_tokens"]) ?? 0,
    output,
    reasoning: countOf(usage["reasoning_output_tokens"]) ?? 0,
  };
}

function eventOf(payload: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const turnId = textOf(payload["turn_id"]);
  switch (payload["type"]) {
    case "token_count": {
      const info = objectOf(payload["info"]);
      const total = usageOf(info?.["total_token_usage"]);
      return total === undefined ? sign : { ...sign, kind: "total", total, last: usageOf(info?.["last_token_usage"]) };
    }
    case "task_started":
    case "turn_started": {
      const parentTurnId = textOf(objectOf(payload["turn_attribution"])?.["parent_turn_id"]);
      return { ...sign, kind: "turnStarted", turnId, parentTurnId };
    }
    case "task_complete":
    case "turn_complete": {
      const error = objectOf(payload["error"]);
      const errorType = error === undefined ? undefined : errorTypeOf(error["codex_error_info"]);
      return { ...sign, kind: "turnCompleted", turnId, errorType };
    }
    case "turn_aborted":
      return { ...sign, kind: "turnAborted", turnId };
    case "user_message":
      return { ...sign, kind: "userMessage" };
    case "error":
      return { ...sign, kind: "error", errorType: errorTypeOf(payload["codex_error_info"]) };
    case "exec_command_end":
      return effectOf(payload["call_id"], payload, sign);
    case "patch_apply_end":
      return changesOf(payload["call_id"], payload, sign);
    case "mcp_tool_call_end":
      return mcpResultOf(payload, sign);
    case "item_completed":
      return completedItemOf(objectOf(payload["item"]), sign);
    default:
      return sign;
  }
}

/** A word, or an object whose only key is one. */
function errorTypeOf(info: unknown): string {
  const object = objectOf(info);
  const word = textOf(info) ?? (object === undefined ? undefined : Object.keys(object)[0]);
  return errorClass(word) ?? "error";
}

/** How a command ended; its result is a line of its own. */
function effectOf(id: unknown, { exit_code: exitCode, status }: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const callId = textOf(id);
  if (callId === undefined) return sign;
  const isFailure = typeof exitCode === "number" ? exitCode !== 0 : status === "failed";
  const errorType = status === "declined" ? "rejected" : isFailure ? "tool_error" : undefined;
  return { ...sign, kind: "toolEnded", callId, errorType, isResult: false };
}

function changesOf(id: unknown, payload: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const callId = textOf(id);
  const isDone = payload["success"] === true || payload["status"] === "completed";
  if (callId === undefined || !isDone) return sign;
  return { ...sign, kind: "filesChanged", callId, changes: fileChangesOf(payload["changes"]) };
}

const CHANGES: Readonly<Record<string, CodexFileChange["change"]>> = {
  add: "created",
  update: "modified",
  delete: "deleted",
};

/** `{path: {type: "add"}}`, or in older versions `{path: {add: {…}}}`. */
function fileChangesOf(value: unknown): CodexFileChange[] {
  const entries = Object.entries(objectOf(value) ?? {});
  return entries.flatMap(([path, given]) => {
    const change = objectOf(given);
    const name = textOf(change?.["type"]) ?? Object.keys(change ?? {}).find((key) => key in CHANGES) ?? "";
    const means = CHANGES[name];
    if (means === undefined || textOf(path, MAX_PATH_LENGTH) === undefined) return [];
    const movedTo = textOf(change?.["move_path"] ?? objectOf(change?.[name])?.["move_path"], MAX_PATH_LENGTH);
    if (movedTo === undefined) return [{ path, change: means }];
    return [
      { path, change: "deleted" as const },
      { path: movedTo, change: "created" as const },
    ];
  });
}

function mcpResultOf(payload: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const callId = textOf(payload["call_id"]);
  if (callId === undefined) return sign;
  const invocation = objectOf(payload["invocation"]);
  const [server, tool] = [textOf(invocation?.["server"]), textOf(invocation?.["tool"])];
  const result = objectOf(payload["result"]);
  const isError = result?.["Err"] !== undefined || objectOf(result?.["Ok"])?.["isError"] === true;
  const name = server === undefined || tool === undefined ? undefined : `mcp__${server}__${tool}`;
  const errorType = isError ? "tool_error" : undefined;
  return { ...sign, kind: "toolEnded", callId, errorType, isResult: false, tool: name };
}

function completedItemOf(item: JsonObject | undefined, sign: Sign): ParsedLine<CodexRecord> {
  if (item === undefined) return sign;
  switch (item["type"]) {
    case "UserMessage":
      return { ...sign, kind: "userMessage" };
    case "CommandExecution":
    case "McpToolCall":
      return effectOf(item["id"], item, sign);
    case "FileChange":
      return changesOf(item["id"], item, sign);
    default:
      return sign;
  }
}

function itemOf(payload: JsonObject, sign: Sign): ParsedLine<CodexRecord> {
  const callId = textOf(payload["call_id"]) ?? textOf(payload["id"]);
  if (callId === undefined) return sign;
  switch (payload["type"]) {
    case "function_call":
    case "custom_tool_call":
      return { ...sign, kind: "toolStarted", callId, tool: textOf(payload["name"]) };
    case "local_shell_call":
      return { ...sign, kind: "toolStarted", callId, tool: "local_shell" };
    case "web_search_call":
      return { ...sign, kind: "toolEnded", callId, errorType: undefined, isResult: true, tool: "web_search" };
    case "function_call_output":
    case "custom_tool_call_output":
      return {
        ...sign,
        kind: "toolEnded",
        callId,
        errorType: toolErrorOf(outputText(payload["output"])),
        isResult: true,
      };
    default:
      return sign;
  }
}

/** The text of a result: itself, the content of an object, or the first text of a list. */
function outputText(output: unknown): string {
  if (typeof output === "string") return output;
  const object = objectOf(output);
  if (object?.["success"] === false) return "failed";
  const first = listOf(object?.["content"] ?? output)
    .map((part) => objectOf(part)?.["text"])
    .find((text) => typeof text === "string");
  return typeof object?.["content"] === "string" ? object["content"] : typeof first === "string" ? first : "";
}
