/** The types of lines that Claude Code is known to write. */

/** Lines that facts are made of. */
type UsedRecordType = "assistant" | "user" | "system";

/** How a line's `type` is treated. */
export type RecordUse = UsedRecordType | "metadata" | "unknown";

/** Lines without usage, prompts or tool results of their own: titles, snapshots, queue and interface state. */
const METADATA_TYPES: ReadonlySet<string> = new Set([
  "agent-color",
  "agent-name",
  "agent-setting",
  "ai-title",
  "api-request",
  "attachment",
  "attribution-snapshot",
  "bridge-session",
  "content-replacement",
  "continued-in",
  "cost-state",
  "custom-title",
  "file-history-delta",
  "file-history-snapshot",
  "fork-context-ref",
  "last-prompt",
  "marble-origami-commit",
  "marble-origami-snapshot",
  "mode",
  "observer-ref",
  "permission-mode",
  "pr-link",
  "progress",
  "queue-operation",
  "session-owner",
  "speculation-accept",
  "summary",
  "tag",
  "task-summary",
  "tools-used",
  "worktree-state",
]);

/** Decides what a line of this `type` is good for. */
export function recordUseOf(type: string): RecordUse {
  if (type === "assistant" || type === "user" || type === "system") return type;
  return METADATA_TYPES.has(type) || type.startsWith("api-request") ? "metadata" : "unknown";
}
