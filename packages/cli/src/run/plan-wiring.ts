/** What has to be set so that a command's telemetry comes to us, for this run only. Pure. */
import type { Environment } from "@moai-metrics/settings";
import type { AgentSettings } from "./agent-settings.ts";
import type { NodePreload } from "./find-register.ts";
import { type OwnTelemetry, SIGNAL_NAMES } from "./own-telemetry.ts";
import type { AgentProduct, RecognizedCommand } from "./recognize-command.ts";

/** Where telemetry should go. */
interface WiringTarget {
  readonly url: string;
  readonly token: string | undefined;
  /** The folder of the store that it ends up in. */
  readonly storage: string;
}

/** What is known before a command starts. */
export interface WiringQuestion {
  readonly command: readonly string[];
  readonly recognized: RecognizedCommand;
  readonly environment: Environment;
  readonly settings: AgentSettings;
  readonly target: WiringTarget;
  /** Where its telemetry goes today, unless that is nobody or we ourselves. */
  readonly own: OwnTelemetry | undefined;
  /** Whether what goes elsewhere today is to come here for this run. */
  readonly isRedirected: boolean;
  /** The session of a program that knows of none. */
  readonly runId: string;
  /** What makes a Node program measure itself; undefined where that is not installed. */
  readonly preload: NodePreload | undefined;
  /** Whether every Node process that the program starts is to measure itself, too. */
  readonly includesChildren: boolean;
}

/** How to start the command. */
export interface Wiring {
  readonly command: readonly string[];
  readonly environment: Environment;
  /** Whether its telemetry comes to us. */
  readonly isWired: boolean;
  /** What the user should know, one line each. */
  readonly notes: readonly string[];
}

const PROTOCOL = "http/protobuf";

/** Plans it. What is sent elsewhere today stays there, unless it was asked for. */
export function planWiring(question: WiringQuestion): Wiring {
  const { command, recognized, environment, own, isRedirected } = question;
  const { agent } = recognized;
  if (own !== undefined && (own.isFixed || !isRedirected)) {
    return notWired(question, ownNote(own, agent));
  }
  switch (agent) {
    case "claude-code":
      return wireClaudeCode(question);
    case "codex":
      return wireCodex(question);
    case "gemini-cli":
      return wired(command, { ...environment, ...geminiVariables(question) });
    default:
      // It may start any of them.
      return wired(command, {
        ...environment,
        ...geminiVariables(question),
        ...claudeVariables(question, SIGNAL_NAMES),
        ...ownVariables(question),
        OTEL_RESOURCE_ATTRIBUTES: withInstance(environment["OTEL_RESOURCE_ATTRIBUTES"], question.runId),
      });
  }
}

function wired(command: readonly string[], environment: Environment): Wiring {
  return { command, environment, isWired: true, notes: [] };
}

function notWired({ command, environment }: WiringQuestion, note: string): Wiring {
  return { command, environment, isWired: false, notes: [note] };
}

function ownNote({ target, setBy, isFixed }: OwnTelemetry, agent: AgentProduct | undefined): string {
  const left = agent === undefined ? "only its duration and result are stored" : "this run is read from its transcript";
  const remedy = isFixed ? "" : " To have it here this time: --redirect";
  return `Telemetry goes on to ${target} (${setBy}); ${left}.${remedy}`;
}

/** OTLP over HTTP, as every SDK understands it. What was set for single signals would outrank it. */
function otlpVariables({ target }: WiringQuestion): Environment {
  const perSignal = SIGNAL_NAMES.flatMap((signal) =>
    ["ENDPOINT", "PROTOCOL", "HEADERS"].map((part) => [`OTEL_EXPORTER_OTLP_${signal}_${part}`, undefined]),
  );
  return {
    ...Object.fromEntries(perSignal),
    OTEL_EXPORTER_OTLP_ENDPOINT: target.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: PROTOCOL,
    OTEL_EXPORTER_OTLP_HEADERS: headersOf(target),
  };
}

function headersOf({ token }: WiringTarget): string | undefined {
  return token === undefined ? undefined : `Authorization=Bearer%20${token}`;
}

/** Exporters that the user chose stay beside ours. */
function withOtlp(exporters: string | undefined): string {
  const others = (exporters ?? "").split(",").map((name) => name.trim());
  return ["otlp", ...others.filter((name) => !["", "none", "otlp"].includes(name))].join(",");
}

function withInstance(attributes: string | undefined, runId: string): string {
  const others = (attributes ?? "")
    .split(",")
    .filter((pair) => pair !== "" && !pair.startsWith("service.instance.id="));
  return [...others, `service.instance.id=${runId}`].join(",");
}

function claudeVariables(question: WiringQuestion, signals: readonly string[] = ["METRICS", "LOGS"]): Environment {
  const exporters = signals.map((signal) => `OTEL_${signal}_EXPORTER`);
  return {
    ...otlpVariables(question),
    ...Object.fromEntries(exporters.map((name) => [name, withOtlp(question.environment[name])])),
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
  };
}

/** Settings outrank the environment, and `--settings` outranks the user's own. */
function wireClaudeCode(question: WiringQuestion): Wiring {
  const { command, recognized, environment, settings } = question;
  const wanted = claudeVariables(question);
  const variables = { ...environment, ...wanted };
  const outranked = Object.keys(settings.claudeEnvironment).filter(
    (name) => name in wanted && settings.claudeEnvironment[name] !== wanted[name],
  );
  if (outranked.length === 0) return wired(command, variables);
  const ownArguments = command.slice(recognized.argumentsAt);
  const isTaken = ownArguments.some((word) => word === "--settings" || word.startsWith("--settings="));
  // Everyone on this machine can read the arguments of a process.
  const showsToken = question.target.token !== undefined && outranked.includes("OTEL_EXPORTER_OTLP_HEADERS");
  if (isTaken || showsToken) {
    const names = outranked.join(", ");
    const reason = isTaken ? "the command has a --settings of its own" : "the receiver's token may not be shown";
    const note = `Claude Code's settings.json sets ${names}, which cannot be outranked because ${reason}`;
    return notWired(question, `${note}: this run is read from its transcript.`);
  }
  const overrides = Object.fromEntries(outranked.map((name) => [name, claudeOverride(name, wanted, question.target)]));
  return wired(insertArguments(question, ["--settings", JSON.stringify({ env: overrides })]), variables);
}

/** A variable of the settings cannot be taken away, only given another value. */
function claudeOverride(name: string, wanted: Environment, { url }: WiringTarget): string {
  const value = wanted[name];
  if (value !== undefined) return value;
  const [, signal, part] = /_(METRICS|LOGS|TRACES)_(ENDPOINT|PROTOCOL)$/.exec(name) ?? [];
  if (part === "ENDPOINT") return `${url}/v1/${signal?.toLowerCase()}`;
  return part === "PROTOCOL" ? PROTOCOL : "";
}

/** Codex is configured by its file; `-c` outranks it. A token comes by the variable that its exporter reads. */
function wireCodex(question: WiringQuestion): Wiring {
  const { environment, target } = question;
  const exporter = (signal: string): string =>
    `{otlp-http={endpoint=${JSON.stringify(`${target.url}/v1/${signal}`)},protocol="binary"}}`;
  const overrides = [`otel.exporter=${exporter("logs")}`, `otel.metrics_exporter=${exporter("metrics")}`];
  const words = overrides.flatMap((override) => ["-c", override]);
  return wired(insertArguments(question, words), { ...environment, OTEL_EXPORTER_OTLP_HEADERS: headersOf(target) });
}

function geminiVariables({ target }: WiringQuestion): Environment {
  return {
    GEMINI_TELEMETRY_ENABLED: "true",
    GEMINI_TELEMETRY_TARGET: "local",
    GEMINI_TELEMETRY_OTLP_ENDPOINT: target.url,
    GEMINI_TELEMETRY_OTLP_PROTOCOL: "http",
    // A file that the settings name would be written instead; an empty name outranks it.
    GEMINI_TELEMETRY_OUTFILE: "",
    GEMINI_TELEMETRY_LOG_PROMPTS: "false",
    OTEL_EXPORTER_OTLP_HEADERS: headersOf(target),
  };
}

/** What our own instrumentation wants to know: the store, and that this receiver writes into the same one. */
function ownVariables(question: WiringQuestion): Environment {
  const { environment, recognized, target, preload, includesChildren } = question;
  const variables = { MOAI_METRICS_STORAGE: target.storage, MOAI_METRICS_RUN_RECEIVER: target.url };
  if (preload === undefined || !(recognized.isNode || includesChildren)) return variables;
  const options = environment["NODE_OPTIONS"] ?? "";
  return {
    ...variables,
    NODE_OPTIONS: `${options} --require ${JSON.stringify(preload.script)}`.trim(),
    MOAI_METRICS_RUN_REGISTER: preload.register,
    MOAI_METRICS_RUN_NODE_OPTIONS: includesChildren ? undefined : options,
  };
}

function insertArguments({ command, recognized }: WiringQuestion, words: readonly string[]): readonly string[] {
  return [...command.slice(0, recognized.argumentsAt), ...words, ...command.slice(recognized.argumentsAt)];
}
