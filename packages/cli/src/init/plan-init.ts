/** From what is on the machine and what the user wants to the files that shall say something. */
import { join } from "node:path";
import type { AgentId } from "../machine/agent-ids.ts";
import type { FoundAgent } from "../machine/find-agents.ts";
import { launcherPath } from "../machine/package-folder.ts";
import { planClaudeHooks, planClaudeTelemetry, type TelemetryPlan } from "./agents/claude-code.ts";
import { planCodexTelemetry } from "./agents/codex.ts";
import type { Destination } from "./agents/destination.ts";
import { planGeminiTelemetry } from "./agents/gemini-cli.ts";
import { type FormatName, SETTINGS_FORMATS } from "./edit/settings-format.ts";
import type { FileState } from "./file-state.ts";
import type { Journal } from "./journal.ts";
import { type WantedFile, writtenIn } from "./plan-files.ts";
import type { Wish, Written } from "./plan-settings.ts";
import { variablesToPassOn } from "./service/service-spec.ts";
import type { Situation } from "./situation.ts";

/** What the user chose. */
export interface InitChoices {
  /** Agents to wire. */
  readonly agents: readonly FoundAgent[];
  /** Whether the service file is written. */
  readonly withService: boolean;
  /** Whether somebody listens, now or once the service is started. */
  readonly isReceived: boolean;
  /** What the service and the hooks run with. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** What `init` reads while it plans. */
export interface InitSources {
  readonly journal: Journal;
  readonly read: (path: string) => FileState;
  /** The text of a hook that this package carries. */
  readonly hookScript: (name: string) => string;
  /** The token of the receiver: the one that is there, else a new one; undefined when none is asked for. */
  readonly token: string | undefined;
}

/** Files that shall say something, and what to tell. */
export interface InitPlan {
  readonly files: readonly WantedFile[];
  /** What is left alone, and why. */
  readonly notes: readonly string[];
  /** What changes beside that data comes here. */
  readonly effects: readonly string[];
}

const CLAUDE_HOOK = "claude-code.sh";
const POST_TASK_HOOK = "metrics-post-task.sh";

/** Plans everything that was chosen. Writes nothing. */
export function planInit(situation: Situation, choices: InitChoices, sources: InitSources): InitPlan {
  const { storage, url } = situation;
  const { agents, withService, isReceived } = choices;
  const { token } = sources;
  const files: WantedFile[] = [];
  const notes: string[] = [];
  const effects: string[] = [];
  if (token !== undefined && situation.token === undefined && (withService || isReceived)) {
    const path = join(storage, "receiver-token");
    files.push({ path, format: "whole", content: `${token}\n`, shownAs: "a new token", mode: 0o600 });
  }
  if (withService && situation.service !== undefined) files.push(serviceFile(situation, choices));
  const destination = isReceived && url !== undefined ? { url, token } : undefined;
  for (const agent of agents) {
    const plan = PLANNERS[agent.id]({ agent, situation, destination, choices, sources });
    files.push(...plan.files);
    notes.push(...plan.notes.map((note) => `${agent.label}: ${note}`));
    effects.push(...plan.effects.map((effect) => `${agent.label}: ${effect}`));
  }
  return { files: onceEach(files), notes, effects };
}

interface AgentTask {
  readonly agent: FoundAgent;
  readonly situation: Situation;
  /** Undefined when nobody would receive. */
  readonly destination: Destination | undefined;
  readonly choices: InitChoices;
  readonly sources: InitSources;
}

const PLANNERS: Readonly<Record<AgentId, (task: AgentTask) => InitPlan>> = {
  "claude-code": planClaudeCode,
  codex: planCodex,
  "gemini-cli": planGeminiCli,
  moai: planMoai,
};

function planClaudeCode(task: AgentTask): InitPlan {
  const { agent, destination, situation, choices, sources } = task;
  const managed = objectAt(situation.managed, "env");
  const plans = agent.folders.map((folder) => {
    const path = join(folder, "settings.json");
    const { content, written } = settingsAt(path, "json", sources);
    const hooks = hookPlan(task, content);
    const telemetry = telemetryPlan(destination, written, "env", (to) =>
      planClaudeTelemetry(
        { settings: objectAt(content, "env"), ours: valuesBelow(written, "env"), managed, shell: choices.variables },
        to,
      ),
    );
    return {
      files: [settingsFile(path, "json", [...telemetry.wishes, ...hooks.wishes], sources.token)],
      notes: [...refusalNotes(path, telemetry), ...hooks.notes],
      callsScript: hooks.wishes.some(callsScript),
    };
  });
  const scripts = plans.some((plan) => plan.callsScript) ? [hookFile(task, CLAUDE_HOOK)] : [];
  return {
    files: [...scripts, ...plans.flatMap(({ files }) => files)],
    notes: [...new Set(plans.flatMap(({ notes }) => notes))],
    effects: [],
  };
}

/** The hooks of one settings file, or why there are none. */
function hookPlan(
  { agent, situation, destination }: AgentTask,
  content: Readonly<Record<string, unknown>>,
): { readonly wishes: readonly Wish[]; readonly notes: readonly string[] } {
  const claude = agent.id === "moai" ? situation.agents.find(({ id }) => id === "claude-code") : agent;
  const version = claude?.program?.version;
  if (content["disableAllHooks"] === true)
    return { wishes: [], notes: ["hooks are off (disableAllHooks): none were added."] };
  if (situation.managed["allowManagedHooksOnly"] === true) {
    return { wishes: [], notes: ["its administrator allows no other hooks: none were added."] };
  }
  if (version === undefined) {
    return {
      wishes: [],
      notes: ["claude does not tell its version, so it is not known which hooks it knows: none were added."],
    };
  }
  const isLimited =
    situation.managed["allowedHttpHookUrls"] !== undefined || content["allowedHttpHookUrls"] !== undefined;
  const request = isLimited ? undefined : destination;
  return { wishes: planClaudeHooks(version, { command: hookCommand(situation, CLAUDE_HOOK), request }), notes: [] };
}

function planCodex({ agent, destination, sources }: AgentTask): InitPlan {
  return joined(
    agent.folders.map((folder) => {
      const path = join(folder, "config.toml");
      const { content, written } = settingsAt(path, "toml", sources);
      const plan = telemetryPlan(destination, written, "otel", (to) =>
        planCodexTelemetry(objectAt(content, "otel"), valuesBelow(written, "otel"), to),
      );
      const isNew = plan.wishes.length > 0 && written.wishes.length === 0;
      return {
        files: [settingsFile(path, "toml", plan.wishes, sources.token)],
        notes: refusalNotes(path, plan),
        effects: isNew ? ["its metrics will come here instead of going to OpenAI."] : [],
      };
    }),
  );
}

function planGeminiCli({ agent, destination, choices, sources }: AgentTask): InitPlan {
  return joined(
    agent.folders.map((folder) => {
      const path = join(folder, "settings.json");
      const { content, written } = settingsAt(path, "json", sources);
      const plan = telemetryPlan(destination, written, "telemetry", (to) =>
        planGeminiTelemetry(objectAt(content, "telemetry"), valuesBelow(written, "telemetry"), choices.variables, to),
      );
      return {
        files: [settingsFile(path, "json", plan.wishes, undefined)],
        notes: refusalNotes(path, plan),
        effects: [],
      };
    }),
  );
}

/** A project of MoAI: what its updater leaves alone is `settings.local.json`. */
function planMoai(task: AgentTask): InitPlan {
  const { agent, situation, sources } = task;
  const isCovered = hasHooksOfUser(task);
  return joined(
    agent.folders.map((folder) => {
      const path = join(folder, ".claude", "settings.local.json");
      const { content } = settingsAt(path, "json", sources);
      const hooks = isCovered ? { wishes: [], notes: [] } : hookPlan(task, content);
      return {
        files: [
          ...(hooks.wishes.some(callsScript) ? [hookFile(task, CLAUDE_HOOK)] : []),
          settingsFile(path, "json", hooks.wishes, sources.token),
          copyOfHook(join(folder, ".moai", "hooks", POST_TASK_HOOK), POST_TASK_HOOK, 0o755, situation, sources),
        ],
        notes: hooks.notes,
        effects: [],
      };
    }),
  );
}

/** Whether the user's own settings call our hooks, or are about to. */
function hasHooksOfUser({ situation, choices, sources }: AgentTask): boolean {
  if (choices.agents.some(({ id }) => id === "claude-code")) return true;
  const command = hookCommand(situation, CLAUDE_HOOK);
  const claude = situation.agents.find(({ id }) => id === "claude-code");
  return (claude?.folders ?? []).some((folder) => {
    const { hooks } = settingsAt(join(folder, "settings.json"), "json", sources).content;
    const text = JSON.stringify(hooks ?? {});
    return text.includes(JSON.stringify(command)) || text.includes(`${situation.url}/v1/hooks/claude-code`);
  });
}

function callsScript(wish: Wish): boolean {
  return wish.kind === "hook" && wish.hook.type === "command";
}

/** What was wired stays wired, also while the receiver happens not to run. */
function telemetryPlan(
  destination: Destination | undefined,
  written: Written,
  name: string,
  plan: (to: Destination) => TelemetryPlan,
): TelemetryPlan {
  if (destination !== undefined) return plan(destination);
  const wishes = written.wishes.filter((wish) => wish.kind === "value" && wish.path[0] === name);
  return { wishes, refusal: undefined };
}

function refusalNotes(path: string, { refusal }: TelemetryPlan): string[] {
  return refusal === undefined ? [] : [`telemetry is left alone in ${path}: ${refusal}.`];
}

function settingsFile(
  path: string,
  format: FormatName,
  wishes: readonly Wish[],
  token: string | undefined,
): WantedFile {
  const hasToken = token !== undefined && JSON.stringify(wishes).includes(token);
  return { path, format, wishes, hasToken, mode: 0o600 };
}

function settingsAt(path: string, format: FormatName, { read, journal }: InitSources) {
  const state = read(path);
  const { problem, at } = SETTINGS_FORMATS[format];
  const isReadable = state.text !== undefined && problem(state.text) === undefined;
  const content = isReadable ? at(state.text ?? "", []) : undefined;
  return { content: (content ?? {}) as Readonly<Record<string, unknown>>, written: writtenIn(journal, path, state) };
}

function valuesBelow({ wishes }: Written, name: string): Record<string, unknown> {
  return Object.fromEntries(
    wishes.flatMap((wish) => (wish.kind === "value" && wish.path[0] === name ? [[wish.path[1], wish.value]] : [])),
  );
}

function objectAt(content: Readonly<Record<string, unknown>>, key: string): Readonly<Record<string, unknown>> {
  const value = content[key];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** A copy that stays when this package goes. */
function hookFile({ situation, sources }: AgentTask, name: string): WantedFile {
  return copyOfHook(hookPath(situation, name), name, 0o700, situation, sources);
}

function copyOfHook(
  path: string,
  name: string,
  mode: number,
  { packageFolder }: Situation,
  { hookScript }: InitSources,
): WantedFile {
  const shownAs = `a copy of ${join(packageFolder, "hooks", name)}`;
  return { path, format: "whole", content: hookScript(name), shownAs, mode };
}

function hookPath({ storage }: Situation, name: string): string {
  return join(storage, "hooks", name);
}

/** An agent may be started without the variables that move the storage, so the command says where it is. */
function hookCommand(situation: Situation, name: string): string {
  return `MOAI_METRICS_STORAGE=${shellQuote(situation.storage)} sh ${shellQuote(hookPath(situation, name))}`;
}

function shellQuote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function serviceFile(situation: Situation, { variables }: InitChoices): WantedFile {
  const { service, storage, packageFolder } = situation;
  if (service === undefined) throw new TypeError("There is no service manager.");
  const content = service.text({
    argv: [process.execPath, launcherPath(packageFolder), "serve"],
    variables: { ...variablesToPassOn(variables), MOAI_METRICS_STORAGE: storage },
    logFile: join(storage, "serve.log"),
  });
  return { path: service.path, format: "whole", content, mode: 0o644 };
}

function joined(plans: readonly InitPlan[]): InitPlan {
  return {
    files: plans.flatMap(({ files }) => files),
    notes: plans.flatMap(({ notes }) => notes),
    effects: plans.flatMap(({ effects }) => effects),
  };
}

function onceEach(files: readonly WantedFile[]): WantedFile[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
