/** What Claude Code tells a status line on standard input; everything may be missing (code.claude.com, status line). */

/** The part that is shown. */
export interface StatusInput {
  readonly sessionId: string | undefined;
  readonly model: string | undefined;
  /** Folder of the project, else the folder that the agent works in. */
  readonly folder: string | undefined;
  /** What the agent says that the session has cost until now. */
  readonly costUsd: number | undefined;
  /** How full the context is, 0 to 100. */
  readonly contextPercent: number | undefined;
}

/** Reads the text; of a broken one nothing is known. */
export function parseStatusInput(text: string): StatusInput {
  const given = parse(text);
  const folder = textAt(given, "workspace", "project_dir") ?? textAt(given, "cwd");
  return {
    sessionId: textAt(given, "session_id"),
    model: textAt(given, "model", "display_name") ?? textAt(given, "model", "id"),
    folder,
    costUsd: numberAt(given, "cost", "total_cost_usd"),
    contextPercent: numberAt(given, "context_window", "used_percentage"),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textAt(given: unknown, ...path: readonly string[]): string | undefined {
  const value = valueAt(given, path);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

function numberAt(given: unknown, ...path: readonly string[]): number | undefined {
  const value = valueAt(given, path);
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

function valueAt(given: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    given,
  );
}
