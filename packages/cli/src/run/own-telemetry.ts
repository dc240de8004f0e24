/** Where an agent sends its telemetry when nobody redirects it. Pure. */
import type { Environment } from "@moai-metrics/settings";
import type { AgentSettings } from "./agent-settings.ts";
import type { AgentProduct } from "./recognize-command.ts";

/** Where telemetry goes today: an address, a file, or `gcp`. */
export interface OwnTelemetry {
  readonly target: string;
  /** The setting that says so. */
  readonly setBy: string;
  /** Nothing that we may do outranks it. */
  readonly isFixed: boolean;
}

/** The OTLP signals, as variables spell them. */
export const SIGNAL_NAMES = ["METRICS", "LOGS", "TRACES"] as const;

const ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT";
const GEMINI_DEFAULT_ENDPOINT = "http://localhost:4317";

/** What is known of the agent, or of the program that no one knows; undefined when it sends nowhere. */
export function ownTelemetry(
  agent: AgentProduct | undefined,
  environment: Environment,
  settings: AgentSettings,
): OwnTelemetry | undefined {
  switch (agent) {
    case "claude-code":
      return ofClaudeCode(environment, settings);
    case "codex":
      return ofCodex(settings.codexTelemetry);
    case "gemini-cli":
      return ofGeminiCli(environment, settings.geminiTelemetry);
    default:
      return ofEndpoints(environment, false);
  }
}

function ofClaudeCode(
  environment: Environment,
  { claudeEnvironment, claudeManagedEnvironment }: AgentSettings,
): OwnTelemetry | undefined {
  const effective = { ...environment, ...claudeEnvironment, ...claudeManagedEnvironment };
  if (!isTrue(effective["CLAUDE_CODE_ENABLE_TELEMETRY"])) return undefined;
  const isSent = SIGNAL_NAMES.some((signal) => (effective[`OTEL_${signal}_EXPORTER`] ?? "").includes("otlp"));
  if (!isSent) return undefined;
  return ofEndpoints(claudeManagedEnvironment, true) ?? ofEndpoints(effective, false);
}

function ofEndpoints(environment: Environment, isFixed: boolean): OwnTelemetry | undefined {
  const names = [...SIGNAL_NAMES.map((signal) => `OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`), ENDPOINT];
  for (const name of names) {
    const target = environment[name];
    if (target !== undefined && target !== "") return { target, setBy: name, isFixed };
  }
  return undefined;
}

function ofGeminiCli(environment: Environment, telemetry: Readonly<Record<string, unknown>>): OwnTelemetry | undefined {
  const said = (variable: string, key: string): string | undefined => {
    const value = environment[`GEMINI_TELEMETRY_${variable}`] ?? telemetry[key];
    return value === undefined || value === "" ? undefined : String(value);
  };
  if (!isTrue(said("ENABLED", "enabled"))) return undefined;
  const outfile = said("OUTFILE", "outfile");
  if (outfile !== undefined) return { target: outfile, setBy: "telemetry.outfile", isFixed: false };
  if (said("TARGET", "target") === "gcp") return { target: "gcp", setBy: "telemetry.target", isFixed: false };
  const target = said("OTLP_ENDPOINT", "otlpEndpoint") ?? GEMINI_DEFAULT_ENDPOINT;
  return { target, setBy: "telemetry.otlpEndpoint", isFixed: false };
}

/** An exporter for logs or metrics, whichever protocol it names. */
function ofCodex(telemetry: Readonly<Record<string, unknown>>): OwnTelemetry | undefined {
  for (const key of ["exporter", "metrics_exporter"]) {
    const exporter = telemetry[key];
    if (typeof exporter !== "object" || exporter === null) continue;
    for (const options of Object.values(exporter)) {
      const { endpoint } = (options ?? {}) as { readonly endpoint?: unknown };
      if (typeof endpoint === "string") return { target: endpoint, setBy: `otel.${key}`, isFixed: false };
    }
  }
  return undefined;
}

function isTrue(value: string | undefined): boolean {
  return value === "1" || value?.toLowerCase() === "true";
}
