/** Whether an agent is here, can be read, and is set to tell what it does. */
import { existsSync } from "node:fs";
import { TRANSCRIPT_FINDERS } from "@moai-metrics/agents/finders";
import { isReadable } from "@moai-metrics/store";
import type { CliEnvironment } from "../environment.ts";
import { readFileState } from "../init/file-state.ts";
import type { WantedFile } from "../init/plan-files.ts";
import type { InitPlan } from "../init/plan-init.ts";
import type { Wish } from "../init/plan-settings.ts";
import type { FoundAgent } from "../machine/find-agents.ts";
import { type Finding, findingsAbout } from "./finding.ts";
import { judgeSettings } from "./judge-settings.ts";

/** What is known of an agent. */
export interface AgentQuestion {
  readonly agent: FoundAgent;
  /** What `init` would write for it, were somebody to receive it. */
  readonly plan: InitPlan;
  /** The same, were nobody to receive it: hooks then have another form, and either will do. */
  readonly planWithoutReceiver: InitPlan;
  readonly environment: CliEnvironment;
  readonly isReceiving: boolean;
}

/** What was found of an agent. */
export interface AgentFindings {
  readonly findings: readonly Finding[];
  /** Its telemetry goes to our receiver. */
  readonly isWired: boolean;
}

/** Looks at the program, its transcripts, its settings and its hooks. */
export function checkAgent(question: AgentQuestion): AgentFindings {
  const { agent, plan, planWithoutReceiver, environment } = question;
  const settings = plan.files.flatMap((file) => (file.format === "whole" ? [] : [settingsOf(question, file)]));
  const isWired = settings.some((judged) => judged.isWired);
  const callsScript = settings.some((judged) => judged.callsScript);
  return {
    findings: [
      ...programFindings(agent),
      ...transcriptFindings(agent, environment),
      ...settings.flatMap(({ findings }) => findings),
      ...planWithoutReceiver.files.flatMap((file) => scriptFindings(agent, file, callsScript)),
      ...plan.notes.map((note) => findingsAbout(agent.id).note("settings", note)),
    ],
    isWired,
  };
}

type SettingsWish = Extract<WantedFile, { readonly wishes: readonly Wish[] }>;

function settingsOf(
  { agent, plan, planWithoutReceiver, isReceiving }: AgentQuestion,
  { path, format, wishes }: SettingsWish,
) {
  const other = planWithoutReceiver.files.find((file): file is SettingsWish => file.path === path && "wishes" in file);
  return judgeSettings({
    about: agent.id,
    path,
    format,
    wishes,
    otherHooks: other?.wishes.filter(({ kind }) => kind === "hook") ?? [],
    isReceiving,
    state: readFileState(path),
    hasRefusal: plan.notes.length > 0,
  });
}

function programFindings({ id, program, folders }: FoundAgent): Finding[] {
  if (id === "moai") return [];
  const { ok, note } = findingsAbout(id);
  if (program === undefined) {
    return [note("program", `not on PATH, though ${folders.join(", ")} is there`, "If you use it, put it on PATH.")];
  }
  const { version, path } = program;
  return [
    version === undefined ? note("program", `${path} does not tell its version`) : ok("program", `${version}, ${path}`),
  ];
}

function transcriptFindings({ id }: FoundAgent, { homeFolder, variables }: CliEnvironment): Finding[] {
  const finder = TRANSCRIPT_FINDERS.find(({ product }) => product === id);
  if (finder === undefined) return [];
  const { ok, note, problem } = findingsAbout(id);
  const roots = finder.roots({ homeFolder, variables });
  const { files, skipped } = finder.discover(roots);
  const blocked = [
    ...[...skipped].filter(([reason]) => !reason.includes("too deep")).map(([reason, count]) => `${count} × ${reason}`),
    ...files.filter(({ path }) => !isReadable(path)).map(({ path }) => path),
  ];
  const [first] = blocked;
  if (first !== undefined) {
    const more = blocked.length > 1 ? ` and ${blocked.length - 1} more` : "";
    return [problem("transcripts", `cannot be read: ${first}${more}`, "Let your user read them (chmod, chown).")];
  }
  if (files.length === 0) return [note("transcripts", `none in ${roots.join(", ")}`)];
  return [ok("transcripts", `${files.length} in ${roots.filter((root) => existsSync(root)).join(", ")}`)];
}

/** A script of ours. One that hooks call, and one that is called by hand. */
function scriptFindings({ id }: FoundAgent, file: WantedFile, callsScript: boolean): Finding[] {
  if (file.format !== "whole" || !file.path.endsWith(".sh")) return [];
  const { ok, note, problem } = findingsAbout(id);
  const { path } = file;
  const isCalledByName = (file.mode & 0o001) !== 0;
  const { text, mode = 0 } = readFileState(path);
  const again = "moai-metrics init";
  if (text === undefined) {
    if (!callsScript && !isCalledByName) return [];
    const state = isCalledByName ? note : problem;
    return [state("hooks", `${path} is not there or cannot be read`, `${again} ${id}`)];
  }
  if (isCalledByName && (mode & 0o100) === 0) return [problem("hooks", `${path} cannot be run`, `chmod +x ${path}`)];
  if (!callsScript && !isCalledByName) return [];
  if (text !== file.content) return [note("hooks", `${path} is not the one of this command`, again)];
  return [ok("hooks", path)];
}
