/** Reads one line of a chat: its head, a message, or a change. */

import { countOf, type JsonObject, listOf, MAX_PATH_LENGTH, objectOf, textOf, timeOf } from "../jsonl/json-values.ts";
import type { ParsedLine } from "../transcript/parsed-lines.ts";
import type { GeminiRecord, GeminiTokens, GeminiToolCall, MessageRecord } from "./record.ts";

/** Parses a line. Never throws. */
export function parseRecord(buffer: Buffer, start: number, end: number): ParsedLine<GeminiRecord> {
  let line: JsonObject | undefined;
  try {
    line = objectOf(JSON.parse(buffer.toString("utf8", start, end)));
  } catch {
    return { kind: "unreadable", reason: "not JSON" };
  }
  if (line === undefined) return { kind: "unreadable", reason: "not an object" };
  if (typeof line["$rewindTo"] === "string") return { kind: "rewind" };
  const change = objectOf(line["$set"]);
  if (change !== undefined) return { kind: "update", messages: messagesOf(change["messages"]) };
  const sessionId = textOf(line["sessionId"]);
  if (sessionId !== undefined && line["projectHash"] !== undefined) {
    return {
      kind: "chat",
      atMillis: timeOf(line["startTime"]),
      sessionId,
      isSubagent: line["kind"] === "subagent",
      messages: messagesOf(line["messages"]),
    };
  }
  if (line["id"] === undefined) return { kind: "unknown", type: textOf(line["type"]) ?? "" };
  return messageOf(line) ?? { kind: "unreadable", reason: "message without an id or a time" };
}

function messagesOf(value: unknown): MessageRecord[] {
  return listOf(value).flatMap((each) => {
    const message = messageOf(objectOf(each) ?? {});
    return message === undefined ? [] : [message];
  });
}

function messageOf(line: JsonObject): MessageRecord | undefined {
  const id = textOf(line["id"]);
  const atMillis = timeOf(line["timestamp"]);
  if (id === undefined || atMillis === undefined) return undefined;
  const { type } = line;
  const role = type === "user" || type === "gemini" || type === "error" ? type : "other";
  const text = firstText(line["content"]);
  return {
    kind: "message",
    id,
    atMillis,
    role,
    isPrompt: role === "user" && isPrompt(text),
    model: textOf(line["model"]),
    tokens: tokensOf(line["tokens"]),
    toolCalls: listOf(line["toolCalls"]).flatMap(toolCallOf),
    hasText: text !== "",
  };
}

/** The first text of a message; "" for one that only carries results of tools. */
function firstText(content: unknown): string {
  if (typeof content === "string") return content;
  const parts = Array.isArray(content) ? content : [content];
  const text = parts.map((part) => objectOf(part)?.["text"]).find((each) => typeof each === "string");
  return typeof text === "string" ? text : "";
}

/** What the product tells the model at the start, and commands that run without it. */
const NOT_PROMPTS = ["<session_context>", "/", "?"];

function isPrompt(text: string): boolean {
  const start = text.trimStart();
  return start !== "" && !NOT_PROMPTS.some((beginning) => start.startsWith(beginning));
}

function tokensOf(value: unknown): GeminiTokens | undefined {
  const tokens = objectOf(value);
  const input = countOf(tokens?.["input"]);
  const output = countOf(tokens?.["output"]);
  if (tokens === undefined || input === undefined || output === undefined) return undefined;
  return {
    // What tools added to the prompt is counted beside it.
    input: input + (countOf(tokens["tool"]) ?? 0),
    cacheRead: countOf(tokens["cached"]) ?? 0,
    output,
    reasoning: countOf(tokens["thoughts"]) ?? 0,
  };
}

const AGENT_TOOL = "invoke_agent";
const FILE_TOOLS: ReadonlySet<string> = new Set(["write_file", "replace", "edit"]);
const ENDED: Readonly<Record<string, string | undefined>> = {
  success: undefined,
  error: "tool_error",
  cancelled: "cancelled",
};

function toolCallOf(value: unknown): GeminiToolCall[] {
  const call = objectOf(value);
  const id = textOf(call?.["id"]);
  if (call === undefined || id === undefined) return [];
  const tool = textOf(call["name"]);
  const status = textOf(call["status"]) ?? "";
  const hasEnded = Object.hasOwn(ENDED, status);
  const args = objectOf(call["args"]);
  const display = objectOf(call["resultDisplay"]);
  const lines = objectOf(display?.["diffStat"]);
  const isDone = status === "success";
  const path = isDone && FILE_TOOLS.has(tool ?? "") ? textOf(args?.["file_path"], MAX_PATH_LENGTH) : undefined;
  return [
    {
      id,
      tool,
      endedAtMillis: hasEnded ? timeOf(call["timestamp"]) : undefined,
      errorType: ENDED[status],
      agentId: textOf(call["agentId"]),
      agent: tool === AGENT_TOOL ? textOf(args?.["agent_name"]) : tool,
      file: path === undefined ? undefined : { path, change: display?.["isNewFile"] === true ? "created" : "modified" },
      linesAdded: isDone ? sumOf(lines?.["model_added_lines"], lines?.["user_added_lines"]) : undefined,
      linesRemoved: isDone ? sumOf(lines?.["model_removed_lines"], lines?.["user_removed_lines"]) : undefined,
    },
  ];
}

function sumOf(a: unknown, b: unknown): number | undefined {
  const [first, second] = [countOf(a), countOf(b)];
  return first === undefined && second === undefined ? undefined : (first ?? 0) + (second ?? 0);
}
