/**
 * Questions about metrics, and their answers. Times are integer milliseconds since the Unix epoch, UTC; money is
 * integer nano-dollars; rates go from 0 to 1; absence is `undefined`.
 */
import type { PeriodUnit, TaskKind, TaskResult, TimeRange, TokenUsage, Weekday } from "@moai-metrics/model";
import type { CallMeasures, Dimension, ReportOfHook } from "../read/types.ts";
import type { SummaryBucket } from "../series/summary/summarize.ts";
import type { Attributes, SeriesIdentity, SeriesPoint } from "../series/types.ts";
import type {
  AggregateFunction,
  CallAmount,
  CallTotal,
  TaskAmount,
  TaskRatio,
  TaskTotal,
  ToolAmount,
  ToolTotal,
} from "./measures.ts";

/**
 * Which facts a question is about. Every given field must match; several values of one field are alternatives; the
 * name "" means "not known" (ids and tags have none). A method that cannot honour a field refuses it.
 */
export interface FactFilter {
  /** The time of a fact: completion of a model call, start of a tool call, last sign of life of a task. */
  readonly range?: TimeRange | undefined;
  readonly products?: readonly string[] | undefined;
  readonly projects?: readonly string[] | undefined;
  /** Agents of the tasks that the facts belong to. */
  readonly agents?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly sessionIds?: readonly string[] | undefined;
  readonly taskIds?: readonly string[] | undefined;
  /** Version-control branches of the sessions. */
  readonly branches?: readonly string[] | undefined;
  /** Kinds of the tasks that the facts belong to. */
  readonly kinds?: readonly (TaskKind | "")[] | undefined;
  /** Results of the tasks that the facts belong to. */
  readonly results?: readonly (TaskResult | "open")[] | undefined;
  readonly tools?: readonly string[] | undefined;
  /** Error types of the facts themselves; "" for facts without an error. */
  readonly errorTypes?: readonly string[] | undefined;
  /** Tags of the sessions: every key must have one of its values. */
  readonly tags?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** What every question may carry. */
interface Abortable {
  /** Looked at before each statement and while rows are read. */
  readonly signal?: AbortSignal | undefined;
}

/** Model calls have no tool. */
export type ModelCallFilter = Omit<FactFilter, "tools">;
/** Tool calls have no model. */
export type ToolCallFilter = Omit<FactFilter, "models">;
/** Tasks; `models` are those that a task called. */
export type TaskFilter = Omit<FactFilter, "tools">;
/** Sums over tasks; tasks have neither model nor tool. */
export type TaskSumFilter = Omit<FactFilter, "models" | "tools">;
/** Sessions that were active in the range; agents, models, kinds, results and tasks are those that a session had. */
export type SessionFilter = Omit<FactFilter, "tools" | "errorTypes">;
/** Facts of all kinds together. With `models`, what is said of tasks and tool calls is undefined. */
export type OverallFilter = Omit<FactFilter, "tools" | "errorTypes">;

/** Where an answer comes from, and how exact it is. */
export interface AnswerOrigin {
  /** Which part of the store answered. */
  readonly source: "rollups" | "ledger" | "rollups and ledger";
  /** Greatest relative error of the percentiles in the answer; 0: exact. Everything else is always exact. */
  readonly relativeError: number;
}

/** Names of a group; a dimension that was not asked for is absent. */
export type GroupNames = { readonly [D in Dimension]?: string };

type CallQuestion = ModelCallFilter & { readonly groupBy?: readonly Dimension[] | undefined };
type ToolQuestion = ToolCallFilter & { readonly groupBy?: readonly Exclude<Dimension, "model">[] | undefined };
type TaskQuestion = TaskSumFilter & { readonly groupBy?: readonly Exclude<Dimension, "model">[] | undefined };

/** A measure with the filters and groups that it can have. */
type Asked<CallMeasure, ToolMeasure, TaskMeasure> =
  | (CallQuestion & { readonly measure: CallMeasure })
  | (ToolQuestion & { readonly measure: ToolMeasure })
  | (TaskQuestion & { readonly measure: TaskMeasure });

type AskedAmount = Asked<CallAmount, ToolAmount, TaskAmount>;
type AskedTotal = Asked<CallTotal, ToolTotal, TaskTotal>;
type AskedRatio = TaskQuestion & { readonly measure: TaskRatio };

/** A measure and what is made of its values. */
type AskedFunction =
  | (AskedAmount & { readonly function: "avg" | "sum" | "count" | "min" | "max" })
  | (AskedAmount & { readonly function: "percentile"; readonly percentile: number })
  | (AskedTotal & { readonly function: "sum" | "count" })
  | (AskedRatio & { readonly function: "avg" });

/** Lengths of buckets. */
export const INTERVALS = ["minute", "quarterHour", "hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

/** Whose days are counted. */
interface InZone {
  /** IANA name of the zone whose hours, days, weeks and months are meant. Default `UTC`. */
  readonly timeZone?: string | undefined;
  /** First day of the week. Default Monday: ISO weeks. */
  readonly weekStart?: Weekday | undefined;
}

/** A question of {@link MetricsQuery.aggregateByTime}. */
export type TimeQuestion = AskedFunction &
  InZone &
  Abortable & {
    readonly interval: Interval;
    /** Also buckets without facts, for every group of the answer. Default false. */
    readonly fill?: boolean | undefined;
  };

/** One bucket of one group. */
export interface TimeBucketRow extends GroupNames {
  /** `2026-11-22`, `2026-W47`, `2026-11`; `2026-11-22T08:15+09:00` for buckets shorter than a day. */
  readonly label: string;
  /** First millisecond, inclusive; a bucket that the range cuts begins with the range. */
  readonly startMillis: number;
  /** Behind the last millisecond. */
  readonly endMillis: number;
  /** Undefined where there is nothing to make it from; 0 for a sum or count. */
  readonly value: number | undefined;
  /** Facts that the value was made from. */
  readonly count: number;
}

/** An answer of {@link MetricsQuery.aggregateByTime}: oldest bucket first, groups in order of their names. */
export interface TimeAnswer extends AnswerOrigin {
  readonly unit: string;
  readonly timeZone: string;
  readonly buckets: readonly TimeBucketRow[];
}

/** A question of {@link MetricsQuery.percentile}. */
export type PercentileQuestion = AskedAmount &
  Abortable & {
    /** From 0 (the least value) to 1 (the greatest), by nearest rank. */
    readonly percentile: number;
  };

/** A question of {@link MetricsQuery.average}. */
export type AverageQuestion = (AskedAmount | AskedRatio) & Abortable;

/** The value of one group. */
export interface GroupValue extends GroupNames {
  readonly value: number | undefined;
  readonly count: number;
}

/** One value over all facts, and one per group where groups were asked for. */
export interface ValueAnswer extends AnswerOrigin {
  readonly unit: string;
  readonly value: number | undefined;
  /** Facts that the value was made from. */
  readonly count: number;
  /** In order of their names; empty without `groupBy`. */
  readonly groups: readonly GroupValue[];
}

/** A question of {@link MetricsQuery.topAgents}. */
export type TopAgentsQuestion = Asked<
  CallAmount | CallTotal,
  ToolAmount | ToolTotal,
  TaskAmount | TaskTotal | TaskRatio
> &
  Abortable & {
    readonly groupBy?: undefined;
    /** Default: the average of durations and rates, the sum of everything else. */
    readonly function?: AggregateFunction | undefined;
    /** With `function: "percentile"`: from 0 to 1. */
    readonly percentile?: number | undefined;
    /** `desc`: the greatest first (default). */
    readonly order?: "asc" | "desc" | undefined;
    /** Default: all agents. */
    readonly limit?: number | undefined;
  };

/** One agent of a ranking. Equal values are ordered by name; agents without a value come last. */
export interface RankedAgent {
  readonly rank: number;
  readonly agent: string;
  readonly value: number | undefined;
  readonly count: number;
}

/** An answer of {@link MetricsQuery.topAgents}. */
export interface TopAgentsAnswer extends AnswerOrigin {
  readonly unit: string;
  readonly function: AggregateFunction;
  readonly agents: readonly RankedAgent[];
}

/** Ended tasks and what they add up to. */
export interface TaskFigures {
  /** All that ended. */
  readonly ended: number;
  readonly byResult: Readonly<Record<TaskResult, number>>;
  /** success / (success + failure + timeout), 0 to 1. */
  readonly successRate: number | undefined;
  readonly totalMillis: number;
  readonly averageMillis: number | undefined;
  readonly minMillis: number | undefined;
  readonly maxMillis: number | undefined;
  readonly p50Millis: number | undefined;
  readonly p95Millis: number | undefined;
  readonly p99Millis: number | undefined;
  /** Tokens of a task's own calls, on average. */
  readonly averageTokens: number | undefined;
}

/** Tool calls and what they add up to. */
export interface ToolFigures {
  readonly toolCalls: number;
  readonly toolErrors: number;
  readonly toolMillis: number;
}

/** A question of {@link MetricsQuery.summary} and {@link MetricsQuery.getAgents}. */
export type OverallQuestion = OverallFilter & Abortable;

/** One agent over the range. */
export interface AgentRecord {
  readonly agent: string;
  /** Time of its first fact in the range; the start of its quarter hour where the ledger no longer holds it. */
  readonly firstSeenMillis: number | undefined;
  readonly lastSeenMillis: number | undefined;
  readonly calls: CallMeasures;
  /** Undefined with a filter on `models`. */
  readonly tasks: TaskFigures | undefined;
  readonly tools: ToolFigures | undefined;
  /** In order of their names. */
  readonly models: readonly string[];
  readonly projects: readonly string[];
}

/** An answer of {@link MetricsQuery.getAgents}, in order of the names. */
export interface AgentsAnswer extends AnswerOrigin {
  readonly agents: readonly AgentRecord[];
}

/** The PRD's summary figures, and what they stand on. With a filter on `models`, figures of tasks are undefined. */
export interface SummaryFigures {
  /** Tasks that ended. */
  readonly totalTasks: number | undefined;
  readonly successfulTasks: number | undefined;
  readonly failedTasks: number | undefined;
  readonly timedOutTasks: number | undefined;
  readonly cancelledTasks: number | undefined;
  /** Tasks whose end no one saw: they count in no success rate. */
  readonly unknownTasks: number | undefined;
  readonly successRate: number | undefined;
  readonly avgDurationMillis: number | undefined;
  readonly p50DurationMillis: number | undefined;
  readonly p95DurationMillis: number | undefined;
  readonly p99DurationMillis: number | undefined;
  readonly avgTokensPerTask: number | undefined;
  readonly totalTokensUsed: number;
  readonly uniqueAgents: number;
  readonly totalCalls: number;
  readonly totalCallErrors: number;
  /** Their tokens are unknown, not 0. */
  readonly callsWithoutUsage: number;
  readonly costNanoUsd: number;
  /** The part of the cost that agents reported themselves. */
  readonly reportedCostNanoUsd: number;
  /** The part of the cost that was computed from list prices. */
  readonly computedCostNanoUsd: number;
  /** Their cost is unknown, not 0. */
  readonly unpricedCalls: number;
  readonly totalToolCalls: number | undefined;
  readonly totalToolErrors: number | undefined;
}

/** An answer of {@link MetricsQuery.summary}. */
export interface SummaryAnswer extends SummaryFigures, AnswerOrigin {
  readonly tokens: TokenUsage;
}

/** A question of {@link MetricsQuery.compare}: a range against one of the same length before, or a calendar period. */
export type CompareQuestion = Omit<OverallFilter, "range"> &
  Abortable &
  (
    | { readonly range: TimeRange; readonly unit?: undefined }
    | (InZone & {
        readonly range?: undefined;
        /** The whole calendar period that contains `atMillis`, against the one before. */
        readonly unit: PeriodUnit;
        readonly atMillis: number;
      })
  );

/** How a figure moved. */
export interface Difference {
  readonly current: number | undefined;
  readonly previous: number | undefined;
  /** Current less previous; undefined where one of them is. */
  readonly absolute: number | undefined;
  /** `absolute / previous`; undefined where there is no earlier value, or it is 0. */
  readonly relative: number | undefined;
}

/** An answer of {@link MetricsQuery.compare}. */
export interface CompareAnswer extends AnswerOrigin {
  readonly current: TimeRange;
  readonly previous: TimeRange;
  readonly differences: Readonly<Record<keyof SummaryFigures, Difference>>;
}

/** How rows are read in pages. */
export interface PageQuestion extends Abortable {
  /** Rows of a page. Default: all. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before, of the same method and filter. */
  readonly cursor?: string | undefined;
}

/** Rows, newest first. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; undefined behind the last row. */
  readonly nextCursor: string | undefined;
  /** Rows before this moment were deleted and only live on in sums; undefined when nothing asked for is missing. */
  readonly deletedBeforeMillis: number | undefined;
}

/** One task with the sums of its own calls. A row is always the whole task, whatever the filter chose it by. */
export interface TaskRecord extends CallMeasures, ToolFigures {
  readonly product: string;
  readonly taskId: string;
  readonly sessionId: string;
  readonly parentTaskId: string;
  readonly kind: TaskKind | "";
  readonly agent: string;
  readonly project: string;
  readonly branch: string;
  readonly startedAtMillis: number;
  readonly lastSeenAtMillis: number;
  readonly durationMillis: number;
  /** What a hook said of it; undefined where none did. */
  readonly report: ReportOfHook | undefined;
  /** `open` while the task runs. */
  readonly result: TaskResult | "open";
  readonly resultOrigin: "reported" | "inferred" | "";
  readonly errorType: string;
}

/** One session with the sums of its calls. A row is always the whole session. */
export interface SessionRecord extends CallMeasures, ToolFigures {
  readonly product: string;
  readonly sessionId: string;
  readonly project: string;
  readonly branch: string;
  readonly version: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  /** Last event minus first event. */
  readonly wallMillis: number;
  /** Wall time without gaps of ten minutes or more. */
  readonly activeMillis: number;
  /** The part of it that lies in the range asked for; all of it without one. */
  readonly activeInRangeMillis: number;
  readonly hasEnded: boolean;
}

/** One model call. */
export interface ModelCallRecord {
  readonly product: string;
  readonly sessionId: string;
  /** "" where no task is known. */
  readonly taskId: string;
  readonly agent: string;
  readonly project: string;
  readonly model: string;
  readonly endedAtMillis: number;
  readonly durationMillis: number | undefined;
  readonly firstChunkMillis: number | undefined;
  /** Undefined where the reply carried no usage. */
  readonly tokens: TokenUsage | undefined;
  readonly webSearches: number | undefined;
  readonly isFast: boolean;
  /** Undefined where no price is known. */
  readonly costNanoUsd: number | undefined;
  readonly costOrigin: "reported" | "computed" | "";
  readonly errorType: string;
}

/** One tool call. */
export interface ToolCallRecord {
  readonly product: string;
  readonly sessionId: string;
  readonly taskId: string;
  readonly agent: string;
  readonly project: string;
  readonly tool: string;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number | undefined;
  readonly durationMillis: number | undefined;
  /** Undefined while it runs. */
  readonly isSuccess: boolean | undefined;
  readonly errorType: string;
  readonly linesAdded: number | undefined;
  readonly linesRemoved: number | undefined;
}

/** A question of {@link MetricsQuery.slowestTasks}. */
export type SlowestTasksQuestion = TaskSumFilter & Abortable & { readonly limit: number };

/** The tasks that took longest, longest first; of equally long ones the newer first. */
export interface SlowestTasksAnswer {
  readonly tasks: readonly TaskRecord[];
  readonly deletedBeforeMillis: number | undefined;
}

/** A question of {@link MetricsQuery.getPoints}. */
export interface PointsQuestion extends PageQuestion {
  /** Name of the metric. */
  readonly metric: string;
  /** Attributes that the points must have with these values; they may have others. */
  readonly attributes?: Attributes | undefined;
  /** Attributes that they must have with a value of this text, whether it is a string, a number or a boolean. */
  readonly attributeTexts?: Readonly<Record<string, string>> | undefined;
  /** The same for their resource. */
  readonly resource?: Attributes | undefined;
  /** Whole UTC hours or days with that resolution. */
  readonly range?: TimeRange | undefined;
  /** `point` (default): single points; `hour`, `day`: what the points of a UTC hour or day add up to. */
  readonly resolution?: "point" | "hour" | "day" | undefined;
}

/** One series, its points or sums oldest first. */
export interface PointSeries {
  readonly identity: SeriesIdentity;
  readonly points: readonly (SeriesPoint | SummaryBucket)[];
}

/** An answer of {@link MetricsQuery.getPoints}. */
export interface PointsAnswer {
  readonly resolution: "point" | "hour" | "day";
  /** In the order in which they first appeared. */
  readonly series: readonly PointSeries[];
  readonly nextCursor: string | undefined;
  /** Single points before this moment were deleted and only live on in sums; undefined when none is missing. */
  readonly deletedBeforeMillis: number | undefined;
}

/**
 * Every question that can be put to a store. Each answer sees one state of the file. All methods throw a RangeError
 * for what they cannot honour, naming it and what to do instead, and the signal's reason when it is aborted.
 */
export interface MetricsQuery {
  /** Data points of a metric, oldest first. */
  getPoints(question: PointsQuestion): PointsAnswer;
  /** Tasks, newest last sign of life first. */
  getTasks(question: TaskFilter & PageQuestion): Page<TaskRecord>;
  /** Agents with everything known of them. */
  getAgents(question: OverallQuestion): AgentsAnswer;
  /** Sessions, the one that ended last first. */
  getSessions(question: SessionFilter & PageQuestion): Page<SessionRecord>;
  /** Model calls, newest completion first. */
  getModelCalls(question: ModelCallFilter & PageQuestion): Page<ModelCallRecord>;
  /** Tool calls, newest start first. */
  getToolCalls(question: ToolCallFilter & PageQuestion): Page<ToolCallRecord>;
  /** A measure over time. Minutes are answered for ranges up to 24 hours, or one day of the zone. */
  aggregateByTime(question: TimeQuestion): TimeAnswer;
  /** A percentile of a measure by nearest rank. */
  percentile(question: PercentileQuestion): ValueAnswer;
  /** The average of a measure over the facts that have it. */
  average(question: AverageQuestion): ValueAnswer;
  /** Agents in order of any measure. */
  topAgents(question: TopAgentsQuestion): TopAgentsAnswer;
  /** The ended tasks that took longest. */
  slowestTasks(question: SlowestTasksQuestion): SlowestTasksAnswer;
  /** Everything on one page. */
  summary(question: OverallQuestion): SummaryAnswer;
  /** A period against the period before. */
  compare(question: CompareQuestion): CompareAnswer;
}
