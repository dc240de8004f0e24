/** `hook`: what agents call. Declared for `--help`; the hooks themselves do not come here, see main.ts. */
import type { Command } from "commander";

/** Adds the command and its subcommands. */
export function addHookCommand(program: Command): void {
  const hook = program
    .command("hook")
    .description("what agents call: reads the payload on standard input, and prints nothing");
  for (const product of ["claude-code", "codex", "gemini-cli"]) {
    hook.command(product).description(`a hook of ${product}: leaves names and ids in the spool`);
  }
  hook
    .command("post-task [task_id] [agent] [result] [duration_ms] [tokens]")
    .description("behind a task: leaves what is known of it in the spool; any value may be empty");
  hook
    .command("budget")
    .description("a hook of Claude Code: warns when a budget is used up; silent otherwise, and on any error")
    .option("--stop", "also stop the agent when a limit of tokens or cost is exceeded")
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--config <file>", "take the settings from this file instead of the project's");
}
