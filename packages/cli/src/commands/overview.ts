/** The overview: what `moai-metrics` shows without an argument. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { refuseFromFlag, refuseTagFlag } from "../flags/by-session.ts";
import { addCommonFlags, addFilterFlags, addJsonFlag } from "../flags/declare.ts";
import { type OverviewFlags, runOverview } from "../overview/show-overview.ts";

/** Adds the command; it also runs when no command is given. */
export function addOverviewCommand(program: Command, context: CliContext): void {
  const command = program.command("overview").description("today, the last seven days and this month (the default)");
  refuseFromFlag(refuseTagFlag(addCommonFlags(addJsonFlag(addFilterFlags(command)))));
  command.action((flags: OverviewFlags) => runOverview(context, flags));
}
