/**
 * What `metrics-post-task.sh TASK_ID AGENT RESULT DURATION_MS TOKENS` leaves: the hook of MoAI's metrics document. Values
 * are texts as the shell had them, and any of them may be empty.
 */

import type { HookFacts, HookFile } from "../hook-contract.ts";
import { type JsonObject, MAX_PATH_LENGTH, textOf } from "../jsonl/json-values.ts";
import { type ReportedTask, reportedTaskFacts } from "./reported-task.ts";
import { taskResultOf } from "./task-result.ts";

/** The name of the event in its file. */
export const POST_TASK_EVENT = "PostTask";

/** Agents whose sessions the hook can know. */
const SESSION_PRODUCTS = ["claude-code", "codex", "gemini-cli"];

/** Maps the content of one file. Never throws. */
export function mapPostTask(payload: JsonObject, { id, atMillis }: HookFile): HookFacts {
  const skipped: string[] = [];
  const count = (field: "tokens" | "duration_ms"): number | undefined => {
    const text = String(payload[field] ?? "").trim();
    if (text === "") return undefined;
    if (/^\d{1,15}(?:\.\d{1,6})?$/.test(text)) return Math.round(Number(text));
    skipped.push(`post-task hook: ${field} is not a number`);
    return undefined;
  };
  const name = (field: "task_id" | "agent"): string | undefined => {
    const text = textOf(payload[field]);
    if (text === undefined && payload[field] !== "" && payload[field] !== undefined) {
      skipped.push(`post-task hook: ${field} is overlong or not a text`);
    }
    return text;
  };
  const result = taskResultOf(String(payload["result"] ?? ""));
  if (result === undefined) skipped.push("post-task hook: result is none of success, failure, timeout, cancelled");
  const task: ReportedTask = {
    id: `hook:${idOf(payload) ?? id}`,
    session: sessionOf(payload),
    project: textOf(payload["cwd"], MAX_PATH_LENGTH),
    atMillis,
    kind: "hook",
    name: name("task_id"),
    agent: name("agent"),
    result: result ?? "unknown",
    tokens: count("tokens"),
    durationMillis: count("duration_ms"),
  };
  return { facts: reportedTaskFacts(task, "hook"), skipped };
}

function idOf(payload: JsonObject): string | undefined {
  const id = textOf(payload["id"]);
  return id !== undefined && /^[\w.-]+$/.test(id) ? id : undefined;
}

function sessionOf(payload: JsonObject): ReportedTask["session"] {
  const product = textOf(payload["session_product"]);
  const sessionId = textOf(payload["session_id"]);
  if (product === undefined || sessionId === undefined || !SESSION_PRODUCTS.includes(product)) return undefined;
  return { product, sessionId };
}
