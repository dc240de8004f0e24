/** `init`: wires agents, and takes that back. */
import { Argument, type Command } from "commander";
import type { CliContext } from "../context.ts";
import { UsageError } from "../errors.ts";
import type { InitFlags } from "../init/run-init.ts";
import { AGENT_IDS, type AgentId } from "../machine/agent-ids.ts";

/** Adds the command. */
export function addInitCommand(program: Command, context: CliContext): void {
  program
    .command("init")
    .description("let the agents of this machine report here; shows every change first, and can take it back")
    .addArgument(new Argument("[agent]", "only this one (default: all that are found)").choices(AGENT_IDS))
    .option("-y, --yes", "write without asking")
    .option("--service", "also run the receiver as a service of yours, which telemetry needs")
    .option("--no-service", "no service, and no question about it")
    .option("--undo", "take back what init wrote, and only that")
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--config <file>", "take the settings from this file instead of yours")
    .action(async (agent: AgentId | undefined, flags: InitFlags) => {
      if (!flags.undo) {
        const { runInit } = await import("../init/run-init.ts");
        return runInit(context, agent, flags);
      }
      if (agent !== undefined || flags.service !== undefined) {
        throw new UsageError("--undo takes back everything that init wrote: leave the agent and --service out.");
      }
      const { runUndo } = await import("../init/run-undo.ts");
      return runUndo(context, flags);
    });
}
