/** `init`: shows what it would write, asks, writes it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { newToken } from "@moai-metrics/receiver";
import type { CliContext } from "../context.ts";
import { CommandError } from "../errors.ts";
import type { CommonFlags } from "../flags/declare.ts";
import type { AgentId } from "../machine/agent-ids.ts";
import type { FoundAgent } from "../machine/find-agents.ts";
import { say } from "../output/say.ts";
import { applyChanges } from "./apply-changes.ts";
import { askToWrite } from "./ask-to-write.ts";
import { decideService } from "./decide-service.ts";
import { readFileState } from "./file-state.ts";
import { readJournal } from "./journal.ts";
import { type FileChange, planFile } from "./plan-files.ts";
import { planInit } from "./plan-init.ts";
import { startService } from "./service/start-service.ts";
import { changeLines, commandText, leftAloneLines } from "./show-changes.ts";
import { readSituation, type Situation } from "./situation.ts";

/** Flags of `init`. */
export interface InitFlags extends Pick<CommonFlags, "storage" | "config"> {
  readonly yes?: boolean;
  /** Undefined: to be asked. */
  readonly service?: boolean;
  readonly undo?: boolean;
}

/** Wires the agents of this machine, or the one that is named. @throws UsageError, CommandError. */
export async function runInit(context: CliContext, wanted: AgentId | undefined, flags: InitFlags): Promise<void> {
  const { environment } = context;
  const situation = await readSituation(context, flags);
  if (environment.isDisabled || !situation.config.isEnabled) {
    const what = environment.isDisabled ? "MOAI_METRICS_DISABLED is set" : "The setting enabled is off";
    throw new CommandError(`${what}: nothing is collected, so there is nothing to wire.`);
  }
  const journal = readJournal(situation.storage);
  const agents = chosenAgents(situation, wanted);
  say(context, foundLines(situation));
  const decision = await decideService(context, situation, journal, flags.service);
  const plan = planInit(
    situation,
    { ...decision, agents, variables: environment.variables },
    {
      journal,
      read: readFileState,
      hookScript: (name) => readFileSync(join(situation.packageFolder, "hooks", name), "utf8"),
      token: situation.config.receiver.requiresToken ? (situation.token ?? newToken()) : undefined,
    },
  );
  const files = plan.files.map((file) => planFile(file, readFileState(file.path), journal));
  const changes = files.flatMap(({ change }) => (change === undefined ? [] : [change]));
  say(context, [...plan.notes, ...plan.effects, ...files.flatMap(leftAloneLines), ...decision.notes]);
  const { service } = situation;
  const startsService =
    service !== undefined &&
    decision.withService &&
    (flags.service === true || changes.some(({ path }) => path === service.path)) &&
    !(situation.receiver.state === "ours" && !changes.some(({ path }) => path === service.path));
  if (changes.length === 0 && !startsService) {
    say(context, [nothingLine(agents, plan.notes.length > 0 || files.some((file) => leftAloneLines(file).length > 0))]);
    return;
  }
  say(context, ["", ...changes.flatMap(changeLines)]);
  if (startsService) {
    const commands = [...service.prepareCommands, ...service.startCommands];
    say(context, ["Then:", ...commands.map((command) => `  ${commandText(command)}`), ""]);
  }
  if (!(await askToWrite(context, flags, questionOf(changes, startsService)))) return;
  const failures = applyChanges(situation.storage, journal, changes);
  say(context, doneLines(changes, failures));
  if (startsService && !failures.some(({ path }) => path === service.path)) {
    say(context, await startService(service, environment.variables));
  }
  if (failures.length > 0) {
    throw new CommandError(failures.map(({ path, reason }) => `${path} was not written: ${reason}.`).join(" "));
  }
}

/** Those that are here, or the one that is named. */
function chosenAgents({ agents }: Situation, wanted: AgentId | undefined): FoundAgent[] {
  const chosen = agents.filter(({ id, isHere }) => isHere && (wanted === undefined || id === wanted));
  const missing = agents.find(({ id }) => id === wanted);
  if (chosen.length > 0 || missing === undefined) return chosen;
  if (missing.id === "moai") {
    throw new CommandError("This folder is in no project of MoAI: none above it has .moai/config. Run it in one.");
  }
  throw new CommandError(
    `${missing.label} was not found: no such program on PATH, and no ${missing.folders.join(" or ")}.`,
  );
}

function foundLines({ agents, receiver, url }: Situation): string[] {
  const width = Math.max(...agents.map(({ label }) => label.length), "Receiver".length) + 2;
  const lines = agents.map(({ label, program, folders, isHere }) => {
    const what = isHere ? [program?.version, ...folders].filter((text) => text !== undefined).join("  ") : "not found";
    return `${label.padEnd(width)}${what}`;
  });
  const who: Readonly<Record<typeof receiver.state, string>> = {
    none: "does not run",
    ours: `runs on ${url}`,
    "other-storage": `of another storage folder runs on ${url}`,
    locked: `on ${url} asks for another token`,
    foreign: `does not run: another program listens on ${url}`,
  };
  return [...lines, `${"Receiver".padEnd(width)}${who[receiver.state]}`, ""];
}

function nothingLine(agents: readonly FoundAgent[], isLeftAlone: boolean): string {
  if (agents.length === 0) return "No agent was found: nothing to write.";
  return isLeftAlone ? "Beside that, nothing to write." : "Everything is as it should be: nothing to write.";
}

function questionOf(changes: readonly FileChange[], startsService: boolean): string {
  const files = `${changes.length} ${changes.length === 1 ? "file" : "files"}`;
  if (changes.length === 0) return "Start the service?";
  return `Write ${changes.length === 1 ? "this" : "these"} ${files}${startsService ? " and start the service" : ""}?`;
}

function doneLines(changes: readonly FileChange[], failures: readonly { readonly path: string }[]): string[] {
  const written = changes.filter(({ path }) => !failures.some((failure) => failure.path === path));
  if (written.length === 0) return [];
  return [
    ...written.map(({ path }) => `Wrote ${path}`),
    "Agents that run now know of it when they are started again.",
    "Take it back: moai-metrics init --undo. See whether data arrives: moai-metrics doctor",
  ];
}
