/** What Claude Code tells a hook on standard input, as far as budgets need it. */

/** The part that is used. */
export interface HookPayload {
  readonly event: string;
  readonly sessionId: string;
  readonly transcriptPath: string | undefined;
  readonly folder: string | undefined;
  /** The agent that runs: a subagent, or the main one. */
  readonly agent: string;
}

/** Reads the text; undefined when it is no payload. */
export function parseHookPayload(text: string): HookPayload | undefined {
  const given = parse(text);
  const textOf = (key: string): string | undefined => {
    const value = given?.[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const sessionId = textOf("session_id");
  if (sessionId === undefined) return undefined;
  return {
    event: textOf("hook_event_name") ?? "",
    sessionId,
    transcriptPath: textOf("transcript_path"),
    folder: textOf("cwd"),
    agent: textOf("agent_type") ?? MAIN_AGENT,
  };
}

const MAIN_AGENT = "main";

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const given: unknown = JSON.parse(text);
    return typeof given === "object" && given !== null ? (given as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
