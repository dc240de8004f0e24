/** `statusline`: what Claude Code shows below its prompt. Without flags it does not even come here, see main.ts. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import type { CommonFlags } from "../flags/declare.ts";

/** Adds the command. */
export function addStatusLineCommand(program: Command, context: CliContext): void {
  program
    .command("statusline")
    .description("one line for the status line of Claude Code")
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .action(async ({ storage, color }: Pick<CommonFlags, "storage" | "color">) => {
      const { runStatusLine } = await import("../statusline/run-status-line.ts");
      const { variables: environment, workingFolder } = context.environment;
      runStatusLine({ environment, workingFolder, nowMillis: context.now(), storage, color });
    });
}
