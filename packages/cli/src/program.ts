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

/** Commands in the order of the help, each under the names that it answers to. */
const COMMANDS: readonly CommandGroup[] = [
  { names: ["overview"], add: addOverviewCommand },
  { names: ["dashboard"], add: addDashboardCommand },
  { names: ["daily", "weekly", "monthly"], add: addUsageByPeriodCommands },
  { names: ["session"], add: addSessionCommand },
  { names: ["task"], add: addTaskCommand },
  { names: ["agent", "model", "project"], add: addUsageByDimensionCommands },
  { names: ["tool"], add: addToolCommand },
  { names: ["quality"], add: addQualityCommand },
  { names: ["report"], add: addReportCommand },
  { names: ["reconcile"], add: addReconcileCommand },
  { names: ["budget"], add: addBudgetCommand },
  { names: ["query"], add: addQueryCommand },
  { names: ["export"], add: addExportCommand },
  { names: ["statusline"], add: addStatusLineCommand },
  { names: ["hook"], add: addHookCommand },
  { names: ["import"], add: addImportCommand },
  { names: ["serve"], add: addServeCommand },
  { names: ["run"], add: addRunCommand },
  { names: ["init"], add: addInitCommand },
  { names: ["doctor"], add: addDoctorCommand },
  { names: ["config"], add: addConfigCommand },
  { names: ["prices"], add: addPricesCommand },
  { names: ["privacy"], add: addPrivacyCommand },
  { names: ["db"], add: addDbCommand },
  {
    names: ["demo"],
    add: (program, context, version) =>
      addDemoCommand(program, context, (simulated, demoArgv) => runProgram(simulated, demoArgv, version)),
  },
  { names: ["start"], add: addStartCommand },
];

interface CommandGroup {
  readonly names: readonly string[];
  readonly add: (program: Command, context: CliContext, version: string) => void;
}

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
  const [first] = argv;
  const isDefault = first === undefined || (first.startsWith("-") && !PROGRAM_FLAGS.includes(first));
  const words = isDefault ? [DEFAULT_COMMAND, ...argv] : [...argv];
  // Declaring a command takes a while: all are there for the help and for suggestions, else the one that was typed.
  const named = COMMANDS.filter(({ names }) => names.includes(words[0] ?? ""));
  for (const { add } of named.length > 0 ? named : COMMANDS) add(program, context, version);
  await program.parseAsync(words, { from: "user" });
}

/** Commander puts suggestions on a line of their own. */
function toOneLine(text: string): string {
  return text.trim().replaceAll("\n", " ");
}
