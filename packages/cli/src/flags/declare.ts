/** The flags that commands share, declared once. */
import { PERIOD_UNITS, type Weekday } from "@moai-metrics/model";
import type { SortOrder } from "@moai-metrics/report";
import type { Dimension } from "@moai-metrics/store";
import { type Command, Option } from "commander";
import {
  type DayFlag,
  parseCount,
  parseDay,
  parseDimensions,
  parseNames,
  parseTimeZone,
  parseUsageDimensions,
  parseWeekday,
} from "./values.ts";

/** Where the data lies and how output looks. */
export interface CommonFlags {
  readonly storage?: string;
  /** `false` for `--no-color`; true says nothing. */
  readonly color: boolean;
  readonly timezone?: string;
  readonly verbose?: boolean;
  /** A file to take the settings from instead of the project's. */
  readonly config?: string;
}

/** Which form the answer has. */
export interface FormatFlags {
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** Which facts the answer is about. */
export interface FilterFlags {
  readonly project?: readonly string[];
  readonly model?: readonly string[];
  readonly agent?: readonly string[];
  readonly product?: readonly string[];
}

/** Which time the answer is about. */
export interface RangeFlags {
  readonly since?: DayFlag;
  readonly until?: DayFlag;
  readonly last?: number;
  readonly startOfWeek?: Weekday;
}

/** How rows are split and ordered. */
export interface RowFlags {
  readonly breakdown?: boolean;
  readonly groupBy?: readonly Dimension[];
  readonly sort?: string;
  readonly order?: SortOrder;
}

/** Flags of every command that shows data. */
export function addCommonFlags(command: Command): Command {
  return command
    .option(
      "-z, --timezone <zone>",
      "zone whose days are counted, such as Asia/Seoul (default: the system's)",
      parseTimeZone,
    )
    .option("--storage <folder>", "folder of the store (default: the user's data folder)")
    .option("--config <file>", "take the settings from this file instead of the project's")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .option("-O, --offline", "accepted for scripts; nothing here uses the network")
    .option("--verbose", "also list what was skipped, by reason");
}

/** `--json`. */
export function addJsonFlag(command: Command): Command {
  return command.option("-j, --json", "exact numbers as JSON");
}

/** `--csv`, beside `--json`. */
export function addCsvFlag(command: Command): Command {
  return command.addOption(new Option("--csv", "exact numbers as CSV").conflicts("json"));
}

/** `--project`. */
export function addProjectFlag(command: Command, parse = parseNames): Command {
  return command.option(
    "-p, --project <name>",
    "only these projects: a path, a folder's name, or . for this one",
    parse,
  );
}

/** Flags that choose facts. `parse` says which names there may be. */
export function addFilterFlags(command: Command, parse = parseNames): Command {
  return addProjectFlag(command, parse)
    .option("--agent <name>", "only these agents", parse)
    .option("--model <name>", "only these models", parse)
    .option("--product <name>", "only these products, such as claude-code", parse);
}

/** Flags that choose time. `last` says what `--last N` counts. */
export function addRangeFlags(command: Command, last: string): Command {
  return command
    .option("-s, --since <day>", "first day: YYYY-MM-DD, YYYYMMDD, or 7d for the last seven days", parseDay)
    .option("-u, --until <day>", "last day, in the same forms", parseDay)
    .option("--last <n>", `only the last n ${last}`, parseCount);
}

/** Where the answer comes from. */
export interface FromFlags {
  readonly from?: string;
}

/** `--from`. */
export function addFromFlag(command: Command): Command {
  return command.option(
    "--from <url>",
    "answer from this Prometheus, VictoriaMetrics, Mimir or Thanos instead of the store, such as http://127.0.0.1:9090",
  );
}

/** `--start-of-week`. */
export function addWeekFlag(command: Command): Command {
  return command.option("-w, --start-of-week <day>", "first day of the week (default: monday)", parseWeekday);
}

/** `--by`. */
export function addTrendFlag(command: Command): Command {
  return command.addOption(
    new Option("--by <period>", "the trend: the last measurement of every period").choices(PERIOD_UNITS),
  );
}

/** Flags that order rows. */
export function addSortFlags(command: Command): Command {
  return command
    .option("--sort <column>", "order rows by a column, named as in JSON, or cost, tokens, tasks")
    .addOption(new Option("-o, --order <order>", "direction of the order").choices(["asc", "desc"]));
}

/** `--breakdown`. */
export function addBreakdownFlag(command: Command): Command {
  return command.option("-b, --breakdown", "show the share of each model under every row");
}

/** `--group-by`. */
export function addGroupFlag(command: Command): Command {
  return command.option("--group-by <dimensions>", "split rows by product, project, agent or model", parseDimensions);
}

/** `--group-by` of sums over a range, which can be split by the sessions' SPEC as well. */
export function addUsageGroupFlag(command: Command): Command {
  const description = "split rows by product, project, agent, model or spec";
  return command.option("--group-by <dimensions>", description, parseUsageDimensions);
}
