/** The command line as commander sees it. Declared cheaply: what a command needs to do its work, it loads itself. */
import { Command } from "commander";
import { addBudgetCommand } from "./commands/budget.ts";
import { addConfigCommand } from "./commands/config.ts";
import { addDashboardCommand } from "./commands/dashboard.ts";
import { addDbCommand } from "./commands/db.ts";
import { addDemoCommand } from "./commands/demo.ts";
import { addDoctorCommand } from "./commands/doctor.ts";
import { addExportCommand } from "./commands/export.ts";
import { addHookCommand } from "./commands/hook.ts";
import { addImportCommand } from "./commands/import.ts";
import { addInitCommand } from "./commands/init.ts";
import { addOverviewCommand } from "./commands/overview.ts";
import { addPricesCommand } from "./commands/prices.ts";
import { addPrivacyCommand } from "./commands/privacy.ts";
import { addQualityCommand } from "./commands/quality.ts";
import { addQueryCommand } from "./commands/query.ts";
import { addReconcileCommand } from "./commands/reconcile.ts";
import { addReportCommand } from "./commands/report.ts";
import { addRunCommand } from "./commands/run.ts";
import { addServeCommand } from "./commands/serve.ts";
import { addSessionCommand } from "./commands/session.ts";
import { addStartCommand } from "./commands/start.ts";
import { addStatusLineCommand } from "./commands/statusline.ts";
import { addTaskCommand } from "./commands/task.ts";
import { addToolCommand } from "./commands/tool.ts";
import { addUsageByDimensionCommands } from "./commands/usage-by-dimension.ts";
import { addUsageByPeriodCommands } from "./commands/usage-by-period.ts";
import type { CliContext } from "./context.ts";

/** What runs when the command line begins with a flag, or is empty. */
const DEFAULT_COMMAND = "overview";
const PROGRAM_FLAGS = ["-h", "--help", "-V", "--version"];

/** Runs a command line. @throws CommanderError, UsageError, CommandError or StoreError. */
export async function runProgram(context: CliContext, argv: readonly string[], version: string): Promise<void> {
  const program = new Command("moai-metrics")
    .description("What your AI agents did: tokens, cost, duration and result.")
    .version(version)
    .enablePositionalOptions()
    .addHelpText("after", "\nFlags of a command: moai-metrics COMMAND --help")
    .exitOverride()
    .configureOutput({ writeOut: context.write, writeErr: (text) => context.warn(toOneLine(text)) })
    .configureHelp({ helpWidth: context.environment.columns });
  addOverviewCommand(program, context);
  addDashboardCommand(program, context);
  addUsageByPeriodCommands(program, context);
  addSessionCommand(program, context);
  addTaskCommand(program, context);
  addUsageByDimensionCommands(program, context);
  addToolCommand(program, context);
  addQualityCommand(program, context);
  addReportCommand(program, context);
  addReconcileCommand(program, context);
  addBudgetCommand(program, context);
  addQueryCommand(program, context);
  addExportCommand(program, context);
  addStatusLineCommand(program, context);
  addHookCommand(program);
  addImportCommand(program, context);
  addServeCommand(program, context);
  addRunCommand(program, context);
  addInitCommand(program, context);
  addDoctorCommand(program, context);
  addConfigCommand(program, context);
  addPricesCommand(program, context);
  addPrivacyCommand(program, context);
  addDbCommand(program, context);
  addDemoCommand(program, context, (simulated, demoArgv) => runProgram(simulated, demoArgv, version));
  addStartCommand(program, context);

  const [first] = argv;
  const isDefault = first === undefined || (first.startsWith("-") && !PROGRAM_FLAGS.includes(first));
  await program.parseAsync(isDefault ? [DEFAULT_COMMAND, ...argv] : [...argv], { from: "user" });
}

/** Commander puts suggestions on a line of their own. */
function toOneLine(text: string): string {
  return text.trim().replaceAll("\n", " ");
}
