/** `budget`: how the budgets of the configuration stand. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { refuseFromFlag } from "../flags/by-session.ts";
import { addCommonFlags, addJsonFlag, addWeekFlag, type CommonFlags, type FormatFlags } from "../flags/declare.ts";

/** Flags of every `budget` command. */
export type BudgetFlags = CommonFlags & FormatFlags;

/** Adds the command and its subcommand. */
export function addBudgetCommand(program: Command, context: CliContext): void {
  const budget = program
    .command("budget")
    .description("how budgets stand, and what used many tokens; for scripts: budget check");
  addFlags(budget).action(async (flags: BudgetFlags) => {
    const { showBudgets } = await import("../budget/show-budgets.ts");
    await showBudgets(context, flags);
  });
  const check = budget.command("check").description("the same, and exit code 3 when a budget is exceeded");
  addFlags(check).action(async (flags: BudgetFlags) => {
    const { checkBudgets } = await import("../budget/show-budgets.ts");
    await checkBudgets(context, flags);
  });
}

function addFlags(command: Command): Command {
  return refuseFromFlag(addCommonFlags(addJsonFlag(addWeekFlag(command))));
}
