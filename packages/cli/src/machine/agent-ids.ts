/** Agents that `init` and `doctor` know, as facts name them; `moai` is a project of MoAI, which runs Claude Code. */
export const AGENT_IDS = ["claude-code", "codex", "gemini-cli", "moai"] as const;
export type AgentId = (typeof AGENT_IDS)[number];
