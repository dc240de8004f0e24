/** `reconcile`: what each witness told of a session, and the difference. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { refuseFromFlag } from "../flags/by-session.ts";
import {
  addCommonFlags,
  addCsvFlag,
  addJsonFlag,
  addProjectFlag,
  addRangeFlags,
  type CommonFlags,
  type FilterFlags,
  type FormatFlags,
  type RangeFlags,
} from "../flags/declare.ts";
import { parseNames } from "../flags/values.ts";

/** Its flags. */
export type ReconcileFlags = CommonFlags & FormatFlags & FilterFlags & RangeFlags & { readonly check?: boolean };

/** Adds the command. */
export function addReconcileCommand(program: Command, context: CliContext): void {
  const command = program
    .command("reconcile [id]")
    .description("what transcript, log, span, metric and hook told of each session, and why they differ")
    .option("--check", "exit code 3 when a witness that spoke told something else than the ledger holds")
    .option("--model <name>", "only these models", parseNames)
    .option("--product <name>", "only these products, such as claude-code", parseNames);
  addRangeFlags(addProjectFlag(command), "sessions");
  refuseFromFlag(addCommonFlags(addCsvFlag(addJsonFlag(command))));
  command.action(async (id: string | undefined, flags: ReconcileFlags) => {
    const { showReconciliation } = await import("../reconcile/show-reconciliation.ts");
    await showReconciliation(context, id, flags);
  });
}
