/** The flags of `query`, and which of them each method takes. */
import type { TaskKind, TaskResult, Weekday } from "@moai-metrics/model";
import type { AggregateFunction, Dimension, Interval, Measure } from "@moai-metrics/store";
import { type Command, InvalidArgumentError, Option } from "commander";
import { UsageError } from "../errors.ts";
import type { CommonFlags, FilterFlags, RangeFlags } from "../flags/declare.ts";
import { parseCount, parseNames, parseNamesOrUnknown } from "../flags/values.ts";

/** What a method may take beside filters and a range. */
export interface MethodFlags {
  readonly measure?: Measure;
  readonly function?: AggregateFunction;
  readonly percentile?: number;
  readonly interval?: Interval;
  readonly fill?: boolean;
  readonly groupBy?: readonly Dimension[];
  readonly limit?: number;
  readonly cursor?: string;
  readonly sort?: string;
  readonly order?: "asc" | "desc";
  readonly unit?: "day" | "week" | "month";
  readonly startOfWeek?: Weekday;
  readonly metric?: string;
  readonly resolution?: "point" | "hour" | "day";
  readonly attribute?: Readonly<Record<string, readonly string[]>>;
}

/** Filters that other commands do not have. */
interface FactFlags {
  readonly session?: readonly string[];
  readonly task?: readonly string[];
  readonly branch?: readonly string[];
  readonly kind?: readonly TaskKind[];
  readonly result?: readonly (TaskResult | "open")[];
  readonly tool?: readonly string[];
  readonly errorType?: readonly string[];
  readonly tag?: Readonly<Record<string, readonly string[]>>;
}

export type QueryFlags = CommonFlags & FilterFlags & RangeFlags & FactFlags & MethodFlags;

type FlagName = keyof MethodFlags;

/** Which flags each method takes. */
export const METHOD_FLAGS = {
  getPoints: ["metric", "resolution", "attribute", "limit", "cursor"],
  getTasks: ["limit", "cursor"],
  getAgents: ["sort", "order"],
  getSessions: ["limit", "cursor"],
  getModelCalls: ["limit", "cursor"],
  getToolCalls: ["limit", "cursor"],
  aggregateByTime: [
    ...(["measure", "function", "percentile", "interval", "fill", "groupBy", "startOfWeek", "sort", "order"] as const),
  ],
  percentile: ["measure", "percentile", "groupBy", "sort", "order"],
  average: ["measure", "groupBy", "sort", "order"],
  topAgents: ["measure", "function", "percentile", "order", "limit"],
  slowestTasks: ["limit"],
  summary: [],
  compare: ["unit", "startOfWeek"],
} as const satisfies Record<string, readonly FlagName[]>;

export type QueryMethod = keyof typeof METHOD_FLAGS;

const ALL_FLAGS: readonly FlagName[] = [...new Set(Object.values(METHOD_FLAGS).flat())];

/** The method that a name means. @throws UsageError with the methods that there are. */
export function requireMethod(name: string): QueryMethod {
  if (Object.hasOwn(METHOD_FLAGS, name)) return name as QueryMethod;
  throw new UsageError(`There is no method "${name}". Methods: ${Object.keys(METHOD_FLAGS).join(", ")}.`);
}

/** @throws UsageError for a flag that the method would have to ignore. */
export function refuseOtherFlags(method: QueryMethod, flags: QueryFlags): void {
  const taken: readonly FlagName[] = METHOD_FLAGS[method];
  const other = ALL_FLAGS.find((name) => flags[name] !== undefined && !taken.includes(name));
  if (other === undefined) return;
  const list =
    taken.length === 0 ? "only filters and a range" : `${taken.map(flagText).join(", ")}, filters and a range`;
  throw new UsageError(`query ${method} takes no ${flagText(other)}. It takes ${list}.`);
}

/** A flag as it is typed. */
export function flagText(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Declares the filters that only `query` has. */
export function addFactFlags(command: Command): Command {
  return command
    .option("--session <id>", "only these sessions", parseNames)
    .option("--task <id>", "only these tasks", parseNames)
    .option("--branch <name>", "only sessions on these branches", parseNamesOrUnknown)
    .option("--kind <kind>", "only tasks of these kinds, and their calls", parseNamesOrUnknown)
    .option("--result <result>", "only tasks with these results, and their calls", parseNamesOrUnknown)
    .option("--tool <name>", "only these tools", parseNamesOrUnknown)
    .option("--error-type <type>", "only facts with these errors", parseNamesOrUnknown)
    .option("--tag <key=value>", "only sessions with this tag", parseTag);
}

/** Declares what only some methods take. */
export function addMethodFlags(command: Command): Command {
  return command
    .option("--measure <name>", "what is measured: tokens, cost, calls, taskDuration, successRate, …")
    .option("--function <name>", "avg, sum, count, min, max or percentile")
    .option("--percentile <share>", "from 0 to 1, such as 0.95", parseShare)
    .option("--interval <length>", "minute, quarterHour, hour, day, week or month")
    .option("--fill", "also intervals without facts")
    .option("--limit <n>", "at most so many rows", parseCount)
    .option("--cursor <text>", "go on behind an earlier page: its nextCursor")
    .option("--metric <name>", "metric whose points are meant")
    .option("--attribute <key=value>", "only points with this attribute", parseAttribute)
    .addOption(
      new Option("--resolution <length>", "single points, or their sums by UTC hour or day").choices([
        "point",
        "hour",
        "day",
      ]),
    )
    .addOption(new Option("--unit <period>", "compare whole calendar periods").choices(["day", "week", "month"]));
}

/** `key=value`, added to the values of earlier uses; values of one key are alternatives. */
export function parseTag(text: string, earlier?: KeyedValues): KeyedValues {
  return addKeyValue("a tag", text, earlier);
}

function parseAttribute(text: string, earlier?: KeyedValues): KeyedValues {
  return addKeyValue("an attribute", text, earlier);
}

type KeyedValues = Readonly<Record<string, readonly string[]>>;

function addKeyValue(what: string, text: string, earlier: KeyedValues = {}): KeyedValues {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new InvalidArgumentError(`Write ${what} as key=value.`);
  return { ...earlier, [key]: [...(Object.hasOwn(earlier, key) ? (earlier[key] ?? []) : []), value] };
}

/** A number from 0 to 1. */
export function parseShare(text: string): number {
  const share = Number(text);
  if (text.trim() === "" || !(share >= 0 && share <= 1)) {
    throw new InvalidArgumentError("Write a number from 0 to 1, such as 0.95.");
  }
  return share;
}
