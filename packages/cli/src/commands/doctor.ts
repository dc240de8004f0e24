/** `doctor`: whether data arrives, and what to do where it does not. */
import type { Command } from "commander";
import type { CliContext } from "../context.ts";
import { CheckError } from "../errors.ts";
import { addJsonFlag, type CommonFlags, type FormatFlags } from "../flags/declare.ts";

type Flags = Pick<CommonFlags, "storage" | "config"> & Pick<FormatFlags, "json">;

/** Adds the command. */
export function addDoctorCommand(program: Command, context: CliContext): void {
  const command = program
    .command("doctor")
    .description("check the way from the agents to the store, and say what to do (exit code 3 when something is wrong)")
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--config <file>", "take the settings from this file instead of yours");
  addJsonFlag(command).action((flags: Flags) => runDoctor(context, flags));
}

async function runDoctor(context: CliContext, flags: Flags): Promise<void> {
  const [{ examine }, { doctorDocument, doctorLines }, { renderJson }] = await Promise.all([
    import("../doctor/run-doctor.ts"),
    import("../output/doctor-account.ts"),
    import("@moai-metrics/report"),
  ]);
  const examination = await examine(context, flags);
  const { findings } = examination;
  if (flags.json) context.write(renderJson(doctorDocument(examination)));
  else context.write(`${doctorLines(findings, context.environment.columns).join("\n")}\n`);
  const count = findings.filter(({ state }) => state === "problem").length;
  if (count > 0) throw new CheckError(`${count} ${count === 1 ? "problem" : "problems"} found.`);
}
