/**
 * What Gemini CLI hands to its hooks: the session, and nothing that tells turns or tool calls apart, so activity is all
 * that can be counted once. Source: the hooks reference of Gemini CLI.
 */
import { type JsonObject, MAX_PATH_LENGTH, textOf } from "../jsonl/json-values.ts";
import type { Mapped } from "../telemetry/contract.ts";
import { PRODUCT } from "./product.ts";

const EVENTS = ["SessionStart", "SessionEnd", "BeforeAgent", "AfterAgent", "BeforeTool", "AfterTool"];

/** Maps one payload. Never throws. */
export function mapGeminiHook(payload: JsonObject, atMillis: number): Mapped {
  const sessionId = textOf(payload["session_id"]);
  if (sessionId === undefined) return "hook without a session";
  const event = textOf(payload["hook_event_name"]) ?? "";
  if (!EVENTS.includes(event)) {
    return `hook without figures: ${/^[A-Za-z]{1,40}$/.test(event) ? event : "(odd name)"}`;
  }
  return [
    {
      kind: "session",
      witness: "hook",
      product: PRODUCT,
      sessionId,
      project: textOf(payload["cwd"], MAX_PATH_LENGTH),
      activity: [{ startMillis: atMillis, endMillis: atMillis }],
      hasEnded: event === "SessionEnd" ? true : undefined,
    },
  ];
}
