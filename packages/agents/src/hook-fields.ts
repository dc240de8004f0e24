/**
 * Fields that a hook may keep of its payload: names and ids, never content. Loads nothing, because a hook has
 * milliseconds. Sources: the hooks references of Claude Code, Codex and Gemini CLI.
 */

/** Products whose hooks are understood. */
export const HOOK_PRODUCTS = ["claude-code", "codex", "gemini-cli"] as const;
export type HookProduct = (typeof HOOK_PRODUCTS)[number];

const SHARED = ["session_id", "cwd", "agent_id", "agent_type", "hook_event_name", "tool_name", "tool_use_id"] as const;

/** Of each product. */
export const HOOK_FIELDS: Readonly<Record<HookProduct, readonly string[]>> = {
  // The shipped script keeps the same ones.
  "claude-code": [...SHARED, "prompt_id", "duration_ms", "error", "task_id", "teammate_name"],
  codex: [...SHARED, "turn_id"],
  "gemini-cli": ["session_id", "cwd", "hook_event_name"],
};

/** Events that only Gemini CLI has. */
const GEMINI_EVENTS = ["BeforeAgent", "AfterAgent", "BeforeModel", "AfterModel", "BeforeToolSelection", "BeforeTool"];
const GEMINI_ONLY: ReadonlySet<unknown> = new Set([...GEMINI_EVENTS, "AfterTool", "PreCompress"]);

/** Whose payload it is, by what only that product has in it; Claude Code's where nothing tells. */
export function productOfHook(payload: Readonly<Record<string, unknown>>): HookProduct {
  const { hook_event_name: event, transcript_path: path } = payload;
  if (GEMINI_ONLY.has(event)) return "gemini-cli";
  if (typeof payload["turn_id"] === "string" || event === "Interrupt") return "codex";
  if (typeof path !== "string") return "claude-code";
  if (/[\\/]rollout-[^\\/]*$/.test(path)) return "codex";
  return /[\\/]\.gemini[\\/]/.test(path) ? "gemini-cli" : "claude-code";
}

/** What may be kept of a payload: texts and numbers under the allowed names. */
export function keptOfHook(payload: Readonly<Record<string, unknown>>, product: HookProduct): Record<string, unknown> {
  const kept: Record<string, unknown> = { product };
  for (const field of HOOK_FIELDS[product]) {
    const value = payload[field];
    if (typeof value === "number" || (typeof value === "string" && value.length <= MAX_TEXT_LENGTH))
      kept[field] = value;
  }
  // Of an error only its class, which has no spaces and no capitals.
  if (typeof kept["error"] === "string" && !/^[a-z_]*$/.test(kept["error"])) delete kept["error"];
  return kept;
}

const MAX_TEXT_LENGTH = 4096;

/** In which words a task's result may be told to the hook behind it. The shipped script knows the same ones. */
export const RESULT_WORDS = {
  success: ["success", "succeeded", "successful", "completed", "complete", "done", "ok", "pass", "passed"],
  failure: ["failure", "failed", "fail", "error"],
  timeout: ["timeout", "timed_out", "timedout"],
  cancelled: ["cancelled", "canceled", "aborted", "interrupted"],
  unknown: ["unknown", ""],
} as const;

const KNOWN_WORDS: ReadonlySet<string> = new Set(Object.values(RESULT_WORDS).flat());

/** The word, or `?` for any other text. */
export function knownResultWord(text: string): string {
  return KNOWN_WORDS.has(text.toLowerCase()) ? text : "?";
}
