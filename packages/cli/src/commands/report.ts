/** `report`: the PRD's documents, and pages made of the same figures. */
import type { PeriodUnit } from "@moai-metrics/model";
import { type Command, Option } from "commander";
import type { CliContext } from "../context.ts";
import { addTagFlag, refuseFromFlag, refuseGroupFlag, refuseTagFlag, type TagFlags } from "../flags/by-session.ts";
import {
  addCommonFlags,
  addFilterFlags,
  addFromFlag,
  addProjectFlag,
  addRangeFlags,
  addSortFlags,
  addTrendFlag,
  addWeekFlag,
  type CommonFlags,
  type FilterFlags,
  type RangeFlags,
  type RowFlags,
} from "../flags/declare.ts";
import { type DayFlag, parseDay } from "../flags/values.ts";

/** Forms of a report. */
const REPORT_FORMATS = ["table", "json", "csv", "md", "html"] as const;
type ReportFormat = (typeof REPORT_FORMATS)[number];

/** Flags of every `report` command. */
export type ReportFlags = CommonFlags &
  FilterFlags &
  RangeFlags &
  Pick<RowFlags, "sort" | "order"> &
  TagFlags & {
    readonly format: ReportFormat;
    readonly out?: string;
    readonly date?: DayFlag;
    readonly compare?: boolean;
    readonly session?: string;
    readonly from?: string;
  };

const PERIODS = [
  { name: "daily", unit: "day" },
  { name: "weekly", unit: "week" },
  { name: "monthly", unit: "month" },
] as const;

const ROWS = [
  { name: "sessions", alias: "session", description: "every session: duration, tasks, tools, tokens, cost" },
  { name: "tasks", alias: undefined, description: "every task: agent, result, duration, tokens, cost" },
  { name: "models", alias: "model", description: "calls, tokens and cost per model" },
  { name: "tools", alias: "tool", description: "calls, failures and duration per tool" },
  { name: "projects", alias: "project", description: "tasks, tokens and cost per project" },
] as const;
export type RowsReportName = (typeof ROWS)[number]["name"];

/** Adds the command and its subcommands. */
export function addReportCommand(program: Command, context: CliContext): void {
  const report = program.command("report").description("reports as table, JSON, CSV, Markdown or one HTML file");
  for (const { name, unit } of PERIODS) {
    const command = report
      .command(name)
      .description(`${name} report: figures, agents, and the change to the ${unit} before`)
      .option("--date <day>", `a day of the ${unit} (default: the newest that is over)`, parseDay)
      .option("--compare", "also say why the cost changed");
    if (unit === "week") addWeekFlag(command);
    addFromFlag(refuseTagFlag(addFilterFlags(addOutputFlags(command)))).action(async (flags: ReportFlags) => {
      const { reportPeriod } = await import("../report/report-period.ts");
      await reportPeriod(context, unit, flags);
    });
  }
  const tokens = report
    .command("tokens")
    .description("tokens of one session by category and task")
    .requiredOption("--session <id>", "the session, or the beginning of its id");
  refuseFromFlag(addOutputFlags(tokens)).action(async (flags: ReportFlags) => {
    const { reportTokens } = await import("../report/report-tokens.ts");
    await reportTokens(context, flags);
  });
  const task = report.command("task <id>").description("one task: agent, result, duration, tokens, files");
  refuseFromFlag(addOutputFlags(task)).action(async (id: string, flags: ReportFlags) => {
    const { reportTask } = await import("../report/report-task.ts");
    await reportTask(context, id, flags);
  });
  const agents = report
    .command("agents")
    .alias("agent")
    .description("tasks, success rate, duration and tokens per agent");
  addFromFlag(addSortFlags(refuseTagFlag(addFilterFlags(addRangeFlags(addOutputFlags(agents), "days"))))).action(
    async (flags: ReportFlags) => {
      const { reportAgents } = await import("../report/report-agents.ts");
      await reportAgents(context, flags);
    },
  );
  const quality = report.command("quality").description("test coverage, lint scores and benchmarks, with their trends");
  refuseFromFlag(addTrendFlag(addWeekFlag(addProjectFlag(addRangeFlags(addOutputFlags(quality), "days"))))).action(
    async (flags: ReportFlags & { readonly by?: PeriodUnit }) => {
      const { reportQuality } = await import("../report/report-quality.ts");
      await reportQuality(context, flags);
    },
  );
  for (const { name, alias, description } of ROWS) {
    const command = report.command(name).description(description);
    if (alias !== undefined) command.alias(alias);
    refuseFromFlag(addSortFlags(addFilterFlags(addRangeFlags(addOutputFlags(command), "days"))));
    const hasTags = name === "sessions" || name === "tasks" || name === "tools";
    (hasTags ? addTagFlag : refuseTagFlag)(command).action(async (flags: ReportFlags) => {
      const { reportRows } = await import("../report/report-rows.ts");
      await reportRows(context, name, flags);
    });
  }
}

function addOutputFlags(command: Command): Command {
  return addCommonFlags(refuseGroupFlag(command, true))
    .addOption(new Option("-f, --format <format>", "form of the report").choices(REPORT_FORMATS).default("table"))
    .addOption(new Option("-j, --json", "the same as --format json").implies({ format: "json" }))
    .option("--out <file>", "write it into this file");
}
