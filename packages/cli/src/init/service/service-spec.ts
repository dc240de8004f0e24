/** What a service file says, whatever the system. */
import type { Environment } from "@moai-metrics/settings";

/** How `serve` is started. */
export interface ServiceSpec {
  /** The programme and its arguments. */
  readonly argv: readonly string[];
  /** Variables that a shell sets and a service manager does not know. */
  readonly variables: Readonly<Record<string, string>>;
  /** Where output goes on systems that keep none themselves. */
  readonly logFile: string;
}

/** Variables that decide what `serve` does. */
const PASSED_ON = [
  "MOAI_METRICS_STORAGE",
  "XDG_DATA_HOME",
  "XDG_CONFIG_HOME",
  "CLAUDE_CONFIG_DIR",
  "CODEX_HOME",
  "GEMINI_CLI_HOME",
  "TZ",
] as const;

/** Those that are set here. */
export function variablesToPassOn(environment: Environment): Record<string, string> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = environment[name];
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
}
