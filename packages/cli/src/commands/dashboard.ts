/** `dashboard`: what agents do, live on one screen. */
import { databasePath, resolveStorageFolder } from "@moai-metrics/settings";
import { type Command, InvalidArgumentError, Option } from "commander";
import type { CliContext } from "../context.ts";
import type { DashboardFlags } from "../dashboard/dashboard-flags.ts";
import { addCommonFlags, addFilterFlags, addJsonFlag } from "../flags/declare.ts";

/** Adds the command. What it needs to draw is loaded when it draws. */
export function addDashboardCommand(program: Command, context: CliContext): void {
  const command = program.command("dashboard").description("what agents do, live on one screen; ? lists its keys");
  addFilterFlags(command)
    .addOption(
      new Option("--period <period>", "what Summary and Agents are about")
        .choices(["today", "7d", "30d", "90d"])
        .default("7d"),
    )
    .addOption(
      new Option("--group-by <dimension>", "what the rows of Agents are about")
        .choices(["agent", "model", "project", "product"])
        .default("agent"),
    )
    .addOption(new Option("--by <unit>", "the bars of Trends").choices(["hour", "day", "week"]).default("day"))
    .option("--interval <seconds>", "how often figures of the period are read anew", parseInterval, 5)
    .option("--once", "print one frame and end; so it does where there is no terminal")
    .option("--screen-reader", "sentences instead of drawings (also: INK_SCREEN_READER=true)");
  addCommonFlags(addJsonFlag(command));
  command.action((flags: DashboardFlags) => showDashboard(context, flags));
}

async function showDashboard(context: CliContext, flags: DashboardFlags): Promise<void> {
  const { isForReaders, showOnce } = await import("../dashboard/show-once.ts");
  const isOnce = flags.once === true || flags.json === true || isForReaders(context, flags);
  if (isOnce || !context.environment.isTerminal) {
    const { answer } = await import("./answer.ts");
    await answer(context, flags, (input) => showOnce(context, flags, input));
    return;
  }
  const { runLive } = await import("../dashboard/live/run-live.ts");
  if (context.dataLabel === undefined) {
    const storage = resolveStorageFolder({ storage: flags.storage, environment: context.environment.variables });
    await runLive(context, flags, { path: databasePath(storage), storage });
    return;
  }
  const ledger = await context.openLedger(flags);
  await runLive(context, flags, { path: ledger.store.path, storage: undefined });
}

const LEAST_INTERVAL_SECONDS = 1;
const MOST_INTERVAL_SECONDS = 3_600;

function parseInterval(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && seconds >= LEAST_INTERVAL_SECONDS && seconds <= MOST_INTERVAL_SECONDS) {
    return seconds;
  }
  throw new InvalidArgumentError(`Write seconds from ${LEAST_INTERVAL_SECONDS} to ${MOST_INTERVAL_SECONDS}.`);
}
