/** `run`: runs an agent with telemetry wired into it for this run only. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { addCommonFlags } from "../flags/declare.ts";
import type { RunFlags } from "../run/run-command.ts";

/** Adds the command. */
export function addRunCommand(program: Command, context: CliContext): void {
  const command = program
    .command("run <command...>")
    .usage("[options] -- <command...>")
    .description("run an agent with telemetry for this run only, and say at its end what it used")
    .passThroughOptions()
    .option("--agent <name>", "which agent it is, where that cannot be seen: claude, codex or gemini")
    .option("--children", "instrument every Node process that the command starts, not only the first")
    .option("--redirect", "take telemetry that goes elsewhere, this time")
    .option("-q, --quiet", "no summary at the end");
  addCommonFlags(command);
  command.action(async (words: readonly string[], flags: RunFlags) => {
    const { runCommand } = await import("../run/run-command.ts");
    await runCommand(context, words, flags);
  });
}
