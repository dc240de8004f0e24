/** Maps what hooks of any product left in the spool. */
import { mapHook } from "./claude-code/hooks.ts";
import { mapCodexHook } from "./codex/hooks.ts";
import { mapGeminiHook } from "./gemini-cli/hooks.ts";
import type { HookFacts, HookFile } from "./hook-contract.ts";
import { objectOf } from "./jsonl/json-values.ts";
import { mapPostTask, POST_TASK_EVENT } from "./moai/post-task.ts";

export type { HookFacts, HookFile } from "./hook-contract.ts";

/** Maps the content of one file. Never throws. */
export function mapHookFile(given: unknown, file: HookFile): HookFacts {
  const payload = objectOf(given);
  if (payload === undefined) return { facts: [], skipped: ["hook without a session"] };
  const product = payload["product"];
  if (product === undefined && payload["hook_event_name"] === POST_TASK_EVENT) return mapPostTask(payload, file);
  const map = product === "codex" ? mapCodexHook : product === "gemini-cli" ? mapGeminiHook : mapHook;
  const mapped = map(payload, file.atMillis);
  return typeof mapped === "string" ? { facts: [], skipped: [mapped] } : { facts: mapped, skipped: [] };
}
