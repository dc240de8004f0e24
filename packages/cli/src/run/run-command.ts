/** Runs a command with telemetry wired into it, and says at its end what it did. */
import { randomUUID } from "node:crypto";
import type { CliContext } from "../context.ts";
import { ProgramEnded, UsageError } from "../errors.ts";
import type { CommonFlags } from "../flags/declare.ts";
import { readAgentSettings } from "./agent-settings.ts";
import { type Collection, startCollection } from "./collect-run.ts";
import { findRegister } from "./find-register.ts";
import { isForeign } from "./is-foreign.ts";
import { type OwnTelemetry, ownTelemetry } from "./own-telemetry.ts";
import { planWiring, type Wiring } from "./plan-wiring.ts";
import { createProgramLookup } from "./program-lookup.ts";
import { AGENT_PRODUCTS, type AgentProduct, agentNamed, recognizeCommand } from "./recognize-command.ts";
import { type ChildOptions, exitCodeOfEnd, runChild } from "./run-child.ts";
import type { FinishedRun } from "./store-run.ts";

/** Flags of the command. */
export interface RunFlags extends CommonFlags {
  readonly agent?: string;
  readonly redirect?: boolean;
  readonly children?: boolean;
  readonly quiet?: boolean;
}

/**
 * Runs it. Whatever goes wrong on our side is told in a line, and the command runs all the same.
 *
 * @param stdio where the command reads and writes; default: where we do.
 * @throws ProgramEnded with the exit code of a shell, unless it is 0; UsageError.
 */
export async function runCommand(
  context: CliContext,
  command: readonly string[],
  flags: RunFlags,
  stdio?: ChildOptions["stdio"],
): Promise<void> {
  // A terminal that is closed takes the command along, and whoever could read what there is to tell.
  process.stderr.off("error", ignore).on("error", ignore);
  const { variables, workingFolder, homeFolder } = context.environment;
  const found = recognizeCommand(command, createProgramLookup(variables, workingFolder));
  const recognized = flags.agent === undefined ? found : { ...found, agent: agentOfFlag(flags.agent) };
  const runId = randomUUID();
  const collection = await startCollection(context, flags);
  let wiring: Pick<Wiring, "command" | "environment"> = { command, environment: variables };
  if (collection.state === "on") {
    const settings = readAgentSettings(recognized.agent, variables, homeFolder);
    const own = await foreignTelemetry(ownTelemetry(recognized.agent, variables, settings), collection);
    const planned = planWiring({
      command,
      recognized,
      environment: variables,
      settings,
      target: { url: collection.receiver.url, token: collection.receiver.token, storage: collection.storage },
      own,
      isRedirected: flags.redirect ?? false,
      runId,
      preload: findRegister(workingFolder),
      includesChildren: flags.children ?? false,
    });
    for (const note of planned.notes) tell(context, note);
    wiring = planned;
  } else {
    tell(context, `Nothing of this run will be stored: ${collection.reason}.`);
  }

  const startedAtMillis = context.now();
  const end = await runChild({ ...wiring, workingFolder, stdio });
  const endedAtMillis = context.now();
  if (end.kind === "not_started") {
    tell(context, `${command[0]} cannot be started (${end.code}). Check its name and PATH.`);
  }
  await finish(context, flags, collection, {
    agent: recognized.agent,
    name: recognized.name,
    runId,
    workingFolder,
    startedAtMillis,
    endedAtMillis,
    end,
    told: [],
  });
  const exitCode = exitCodeOfEnd(end);
  if (exitCode !== 0) throw new ProgramEnded(exitCode);
}

/** Stores what is left, then tells. The command has ended: its exit code holds, whatever happens here. */
async function finish(context: CliContext, flags: RunFlags, collection: Collection, run: FinishedRun): Promise<void> {
  if (collection.state === "off") return;
  try {
    const { receiver } = collection;
    await receiver.stop();
    if (!receiver.isWriting) tell(context, "What the command sent last could not be stored: moai-metrics db check");
    const { summarizeRun } = await import("./summarize-run.ts");
    const lines = await summarizeRun(context, flags, { ...run, told: receiver.sessions });
    if (!flags.quiet) for (const line of lines) context.warn(line);
  } catch (error) {
    tell(context, `This run was not summed up: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What goes to a receiver of ours, or to nobody, can come here without anyone missing it. */
async function foreignTelemetry(
  own: OwnTelemetry | undefined,
  { storage, receiver }: Pick<Extract<Collection, { state: "on" }>, "storage" | "receiver">,
): Promise<OwnTelemetry | undefined> {
  return own !== undefined && (await isForeign(own.target, storage, receiver.token)) ? own : undefined;
}

function agentOfFlag(name: string): AgentProduct {
  const agent = agentNamed(name);
  if (agent !== undefined) return agent;
  throw new UsageError(`--agent is "${name}"; there is ${AGENT_PRODUCTS.join(", ")}, also as claude, codex, gemini.`);
}

function ignore(): void {}

/** A line that is told apart from the command's own. */
function tell(context: CliContext, line: string): void {
  context.warn(`moai-metrics: ${line}`);
}
