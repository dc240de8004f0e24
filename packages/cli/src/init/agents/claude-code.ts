/**
 * What Claude Code's settings shall say. Sources: the vendor's pages "Monitoring" and "Hooks reference", and its
 * changelog, which tells since when a hook is known. Pure.
 */
import { isAtLeast } from "../../machine/find-program.ts";
import type { Hook, Wish } from "../plan-settings.ts";
import type { Destination } from "./destination.ts";

type Variables = Readonly<Record<string, unknown>>;

/** Everything that says where Claude Code's telemetry goes. */
export interface ClaudeTelemetrySources {
  /** `env` of the settings file that is written. */
  readonly settings: Variables;
  /** What we wrote there earlier. */
  readonly ours: Variables;
  /** `env` of settings that an administrator manages; they outrank the user's. */
  readonly managed: Variables;
  /** The environment that agents are started in. */
  readonly shell: Variables;
}

/** What shall be written, or why not. */
export type TelemetryPlan =
  | { readonly wishes: readonly Wish[]; readonly refusal: undefined }
  | { readonly wishes: readonly never[]; readonly refusal: string };

/** Variables that decide where telemetry goes: one that is not ours means that it goes somewhere else. */
const DESTINATION = /^OTEL_EXPORTER_OTLP_(?:(?:METRICS|LOGS)_)?(?:ENDPOINT|PROTOCOL|HEADERS)$/;

/**
 * The variables that turn telemetry on, unless the user sends it somewhere else or turned it off. Nothing that makes
 * prompts or tool arguments travel is ever among them.
 */
export function planClaudeTelemetry(sources: ClaudeTelemetrySources, destination: Destination): TelemetryPlan {
  const { url, token } = destination;
  const wanted: Readonly<Record<string, string>> = {
    CLAUDE_CODE_ENABLE_TELEMETRY: "1",
    OTEL_METRICS_EXPORTER: "otlp",
    OTEL_LOGS_EXPORTER: "otlp",
    OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    ...(token === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: `Authorization=Bearer%20${token}` }),
  };
  const isForeign = (name: string, value: unknown): boolean =>
    (name === "CLAUDE_CODE_ENABLE_TELEMETRY" || DESTINATION.test(name)) && value !== wanted[name];
  const theirs = Object.entries(sources.settings).filter(
    ([name, value]) => isForeign(name, value) && value !== sources.ours[name],
  );
  const shellIsOn = isOn(sources.shell["CLAUDE_CODE_ENABLE_TELEMETRY"]);
  const elsewhere = [
    ...theirs.map((entry) => ({ entry, where: "there" })),
    ...Object.entries(sources.managed).map((entry) => ({ entry, where: "in the managed settings" })),
    ...(shellIsOn ? Object.entries(sources.shell) : []).map((entry) => ({ entry, where: "in the environment" })),
  ].find(({ entry: [name, value] }) => value !== undefined && isForeign(name, value));
  if (elsewhere !== undefined) {
    const { entry, where } = elsewhere;
    return { wishes: [], refusal: `${entry[0]} is set ${where} to something else` };
  }
  const wishes = Object.entries(wanted).map(
    ([name, value]) => ({ kind: "value", path: ["env", name], value }) as const,
  );
  return { wishes, refusal: undefined };
}

/** Events that become facts, and the first version that knows them, by the vendor's changelog. */
const EVENTS: readonly (readonly [event: string, since: string])[] = [
  ["SessionStart", "1.0.62"],
  ["SessionEnd", "1.0.85"],
  ["UserPromptSubmit", "1.0.54"],
  ["SubagentStart", "2.0.43"],
  ["SubagentStop", "1.0.41"],
  ["Stop", "1.0.41"],
  ["StopFailure", "2.1.78"],
  ["PreToolUse", "1.0.41"],
  ["PostToolUse", "1.0.41"],
  // The changelog does not say when it came; this is the first version that it names it for.
  ["PostToolUseFailure", "2.1.119"],
  ["TaskCompleted", "2.1.33"],
];
/** The first versions whose changelog names hooks that are not waited for, and hooks that are requests. */
const ASYNC_SINCE = "2.1.23";
const HTTP_SINCE = "2.1.63";

/**
 * Waited for, whatever the version knows: `claude -p` ends behind them, and where a hook still runs then it waits for a
 * second and a half (2.1.332, `test/agents/time-hooks.ts`). A hook takes milliseconds.
 */
const ENDS_OF_TURNS: ReadonlySet<string> = new Set(["Stop", "StopFailure"]);

/** The shell needs milliseconds; this is for a machine that swaps. */
const COMMAND_TIMEOUT_SECONDS = 5;
/** The receiver answers in milliseconds; one that hangs must not hold the agent up. */
const HTTP_TIMEOUT_SECONDS = 1;

/** How hooks can tell. */
export interface HookWays {
  /** A command that works whether the receiver runs or not. */
  readonly command: string;
  /** The receiver; undefined where nobody listens reliably, or hooks may not send there. */
  readonly request: Destination | undefined;
}

/** The hooks of a version: none of an event that it does not know, because it may skip the whole file for one. */
export function planClaudeHooks(version: string | undefined, ways: HookWays): Wish[] {
  if (version === undefined) return [];
  return EVENTS.filter(([, since]) => isAtLeast(version, since)).map(([event]) => ({
    kind: "hook",
    event,
    hook: hookOf(event, version, ways),
  }));
}

function hookOf(event: string, version: string, { command, request }: HookWays): Hook {
  if (request !== undefined && isAtLeast(version, HTTP_SINCE)) {
    const { url, token } = request;
    const headers = token === undefined ? {} : { headers: { Authorization: `Bearer ${token}` } };
    return { type: "http", url: `${url}/v1/hooks/claude-code`, ...headers, timeout: HTTP_TIMEOUT_SECONDS };
  }
  const isLeftRunning = isAtLeast(version, ASYNC_SINCE) && !ENDS_OF_TURNS.has(event);
  const waiting = isLeftRunning ? { async: true as const } : {};
  return { type: "command", command, ...waiting, timeout: COMMAND_TIMEOUT_SECONDS };
}

function isOn(value: unknown): boolean {
  return value === "1" || value === "true";
}
