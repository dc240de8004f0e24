/** What the ledger answers. All times are milliseconds UTC, all money is nano-dollars (1e-9 USD). */
import type {
  Period,
  QualityCounts,
  QualityMeasure,
  TaskKind,
  TaskResult,
  TimeRange,
  TokenSums,
  ToldTokens,
} from "@moai-metrics/model";

/** Which facts a question is about. Every given field must match; several values of one field are alternatives. */
export interface LedgerFilter {
  /** Facts whose time lies in this range; sessions that were active in it. */
  readonly range?: TimeRange | undefined;
  readonly products?: readonly string[] | undefined;
  readonly projects?: readonly string[] | undefined;
  readonly agents?: readonly string[] | undefined;
  readonly models?: readonly string[] | undefined;
  readonly sessionIds?: readonly string[] | undefined;
}

/** What usage can be grouped by. */
export const DIMENSIONS = ["product", "project", "agent", "model"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** Sums over model calls. */
export interface CallMeasures {
  /** Calls that were answered. */
  readonly calls: number;
  /** Calls that failed; one that failed after an answer with usage is in `calls` as well. */
  readonly callErrors: number;
  /** Answered calls whose reply carried no usage: their tokens are unknown. */
  readonly callsWithoutUsage: number;
  readonly tokens: TokenSums;
  /** Cost of the calls that have a price. */
  readonly costNanoUsd: number;
  /** The part of `costNanoUsd` that the agent itself reported; the rest was computed from list prices. */
  readonly reportedCostNanoUsd: number;
  /** Calls with usage but no known price. Their cost is unknown, not zero. */
  readonly unpricedCalls: number;
  /** Summed duration of the calls whose duration is known. */
  readonly callMillis: number;
}

/** Sums over tasks that have ended. */
export interface TaskMeasures {
  readonly tasksByResult: Readonly<Record<TaskResult, number>>;
  /** Summed duration of the ended tasks. */
  readonly taskMillis: number;
}

/** Sums over tool calls. */
export interface ToolMeasures {
  readonly toolCalls: number;
  readonly toolErrors: number;
}

/** One group of usage. A dimension that was not asked for is absent; a value that is not known is "". */
export interface UsageGroup extends CallMeasures, TaskMeasures, ToolMeasures {
  readonly period?: Period;
  /** Only of {@link LedgerReader.usageBySpec}. */
  readonly spec?: string;
  readonly product?: string;
  readonly project?: string;
  readonly agent?: string;
  readonly model?: string;
}

/** Files and lines that tool calls and tasks changed. Files are distinct paths per task. */
export interface ChangeMeasures {
  readonly filesCreated: number;
  readonly filesModified: number;
  readonly filesDeleted: number;
  readonly linesAdded: number;
  readonly linesRemoved: number;
}

/** The calls of one model inside a session or task. */
export interface ModelShare extends CallMeasures {
  readonly model: string;
}

/** One session with the sums of everything that happened in it. */
export interface SessionRow extends CallMeasures, TaskMeasures, ToolMeasures, ChangeMeasures {
  readonly product: string;
  readonly sessionId: string;
  readonly project: string;
  readonly branch: string;
  readonly version: string;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  /** Last event minus first event. */
  readonly wallMillis: number;
  /** Wall time without gaps of ten minutes or more. */
  readonly activeMillis: number;
  readonly models: readonly ModelShare[];
  readonly tools: readonly ToolShare[];
  /** Failed model calls, failed tool calls and failed tasks by error type. */
  readonly errors: Readonly<Record<string, number>>;
  /** Tasks still open. */
  readonly openTasks: number;
}

/** The calls of one tool inside a session, task or period. */
export interface ToolShare extends ToolMeasures {
  readonly tool: string;
  /** Summed duration of the tool calls whose end is known. */
  readonly toolMillis: number;
}

/** What a hook reported of a task. */
export interface ReportOfHook {
  /** What the task is called there; "" where that was not said. Not unique. */
  readonly name: string;
  /** All tokens together. */
  readonly tokens: number | undefined;
  readonly durationMillis: number | undefined;
  /** Whether tokens and duration are part of any sum: they are where no model call tells of the same work. */
  readonly isCounted: boolean;
}

/** One task with the sums of its own calls (children stand apart). */
export interface TaskRow extends CallMeasures, ToolMeasures, ChangeMeasures {
  readonly product: string;
  readonly taskId: string;
  readonly sessionId: string;
  readonly parentTaskId: string;
  readonly kind: TaskKind | "";
  readonly agent: string;
  readonly project: string;
  readonly startedAtMillis: number;
  readonly lastSeenAtMillis: number;
  readonly durationMillis: number;
  /** What a hook said of it; undefined where none did. */
  readonly report: ReportOfHook | undefined;
  /** `open` while the task runs. */
  readonly result: TaskResult | "open";
  readonly resultOrigin: "reported" | "inferred" | "";
  readonly errorType: string;
  readonly models: readonly ModelShare[];
}

/** Which measurements of quality are meant. Every given field must match. */
export interface QualityFilter {
  /** When they were measured. */
  readonly range?: TimeRange | undefined;
  readonly projects?: readonly string[] | undefined;
  /** Default: all. */
  readonly measures?: readonly QualityMeasure[] | undefined;
}

/** One measurement of quality. A name that is not known is "". */
export interface QualityRow {
  readonly project: string;
  readonly measure: QualityMeasure;
  readonly benchmark: string;
  readonly tool: string;
  readonly atMillis: number;
  /** From 0 to 1; of a benchmark any number. */
  readonly score: number;
  /** What the score was computed from, where that was told. */
  readonly counts: QualityCounts | undefined;
}

/** A question about usage over time. */
export interface UsageQuestion extends LedgerFilter {
  /** One group per period, where periods may overlap; without it, one group over the range. */
  readonly periods?: readonly Period[] | undefined;
  readonly by?: readonly Dimension[] | undefined;
}

/** A question about usage by the SPEC that sessions worked on. */
export interface SpecUsageQuestion extends LedgerFilter {
  readonly by: readonly Dimension[];
}

/** The sessions of a period. */
export interface SessionActivity {
  /** Sessions that were active in it. */
  readonly sessions: number;
  /** Their active time inside of it. */
  readonly activeMillis: number;
}

/** What tells that sums of the past may have changed since an earlier look. */
export interface RollupState {
  /** Another number than before: any day may have changed. */
  readonly generation: number;
  /** The same number: only days that touch one of these UTC days may have. First moments, ascending. */
  readonly openDays: readonly number[];
  /** The first moment of which the ledger still holds all; what lies before it changes no more. 0 for everything. */
  readonly watermarkMillis: number;
  /** Another text than before: measurements of quality may have changed. */
  readonly measurements: string;
}

/** Which sessions and tasks are looked for by their tokens. */
export interface TokenPeakQuestion extends Pick<LedgerFilter, "products" | "projects" | "agents"> {
  /** Tasks whose last sign of life lies in it; sessions that began before its end and were seen after its start. */
  readonly range: TimeRange;
  /** `new`: input, cache writes and output; `total`: cache reads, too. */
  readonly counts: "new" | "total";
  /** Those with at least as many tokens. */
  readonly atLeast: number;
}

/** A session or task that used many tokens. A task's are those of its own calls. */
export interface TokenPeak {
  readonly kind: "session" | "task";
  readonly product: string;
  readonly sessionId: string;
  /** "" for a session. */
  readonly taskId: string;
  /** "" for a session. */
  readonly agent: string;
  readonly project: string;
  /** Counted as the question says, over the whole session or task. */
  readonly tokens: number;
  readonly lastSeenAtMillis: number;
}

/** Who may have told the ledger of a call, the most trusted one first. */
export const REPORTERS = ["process", "transcript", "log", "hook", "span"] as const;
export type CallWitness = (typeof REPORTERS)[number];

/** Calls and what was said of their tokens. */
export interface ToldCalls {
  /** Calls that were answered. */
  readonly calls: number;
  /** Of these, calls whose tokens were not told. */
  readonly callsWithoutUsage: number;
  readonly tokens: ToldTokens;
  /** When the first and the last of the calls were complete. */
  readonly firstMillis: number;
  readonly lastMillis: number;
}

/** The calls of one model in a session, as the ledger has them and as each witness told of them. */
export interface WitnessedModel {
  readonly model: string;
  readonly ledger: ToldCalls;
  /** Witnesses that told of no call are left out. */
  readonly told: Partial<Readonly<Record<CallWitness, ToldCalls>>>;
  /** Calls that not all of these witnesses told of, oldest first. */
  readonly missed: readonly MissedCall[];
}

/** A call that some of the witnesses of its session and model told of, and others did not. */
export interface MissedCall {
  /** When it was complete. */
  readonly endedAtMillis: number;
  /** "" where it is not known. */
  readonly agent: string;
  /** Undefined where nobody told its usage. */
  readonly tokens: ToldTokens | undefined;
  readonly toldBy: readonly CallWitness[];
  readonly missedBy: readonly CallWitness[];
}

/** What each witness told of a session. */
export interface WitnessedSession {
  readonly product: string;
  readonly sessionId: string;
  readonly project: string;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  /** Most tokens first. */
  readonly models: readonly WitnessedModel[];
  /** Tokens that hooks reported of its tasks, as one number; undefined where none did. */
  readonly reportedByHook:
    | { readonly tokens: number /** In sums, as no call covers them. */; readonly countedTokens: number }
    | undefined;
  readonly toolCalls: {
    readonly ledger: number;
    /** Witnesses that told of none are left out. */
    readonly told: Partial<Readonly<Record<CallWitness, number>>>;
  };
}

/** Which calls to look at for how telemetry arrives. */
export interface TelemetryQuestion {
  readonly range: TimeRange;
  /** Only the newest of them. */
  readonly maxCalls: number;
  /** Of the calls that telemetry told of, how many are the newest ones of {@link TelemetryUse}. */
  readonly recentCalls: number;
}

/** Of how many calls something was known. */
export interface ToldFieldCounts {
  readonly calls: number;
  readonly duration: number;
  readonly firstChunk: number;
  /** The cost that the agent itself reported. */
  readonly cost: number;
}

/** How a product was heard by logs and spans, beside its transcripts. */
export interface TelemetryUse {
  readonly product: string;
  /** Completion of the newest call that telemetry told of. */
  readonly lastHeardMillis: number;
  /** Calls until then, and those of them that telemetry told of. */
  readonly callsUntilThen: number;
  readonly heardCalls: number;
  /** Calls after that, which transcripts alone told of, and when they were complete. */
  readonly silentCalls: number;
  readonly silence: TimeRange | undefined;
  /** The newest calls that telemetry told of, and the older ones. */
  readonly recent: ToldFieldCounts;
  readonly before: ToldFieldCounts;
}

/** The questions that the ledger answers. */
export interface LedgerReader {
  /**
   * Sums from the rollups, grouped by period and dimensions. Groups without facts are left out. Filters on
   * `models` leave tasks and tool calls out, since those have no model of their own.
   * @throws RangeError for a filter on `sessionIds`: rollups do not know sessions.
   */
  usage(question: UsageQuestion): UsageGroup[];
  /** The same from the facts that the ledger holds, by the SPEC that their sessions are tagged with; "" for none. */
  usageBySpec(question: SpecUsageQuestion): UsageGroup[];
  /** Sessions with activity in the range, newest first. */
  sessions(filter: LedgerFilter): SessionRow[];
  /** Tasks whose time (their end, or the last sign of life of an open one) lies in the range, newest first. */
  tasks(filter: LedgerFilter): TaskRow[];
  /** Tool calls by tool, most calls first. */
  tools(filter: LedgerFilter): ToolShare[];
  /** Measurements of quality by project, measure, benchmark and tool, each of these oldest first. */
  quality(filter: QualityFilter): QualityRow[];
  /** Projects of which quality was ever measured. */
  measuredProjects(): string[];
  /** Sessions and tasks with many tokens, most tokens first. With a filter on `agents` tasks alone. */
  tokenPeaks(question: TokenPeakQuestion): TokenPeak[];
  /**
   * What each witness told of the calls of sessions that were active in the range, whole sessions, newest first. A filter
   * on models leaves out the others; one on agents has no effect.
   */
  witnesses(filter: Omit<LedgerFilter, "agents">): WitnessedSession[];
  /** How the telemetry of products arrives; products of which none was heard are left out. */
  telemetryUse(question: TelemetryQuestion): TelemetryUse[];
  /** Number of sessions that were active in each period. */
  sessionCounts(periods: readonly Period[], filter: LedgerFilter): number[];
  /** The same, and how long they were active inside of each period. */
  sessionActivity(periods: readonly Period[], filter: LedgerFilter): SessionActivity[];
  /** Folders of all sessions; "" where one is not known. */
  projects(): string[];
  rollupState(): RollupState;
  /** First and last moment the ledger knows, or undefined when it is empty. */
  span(): TimeRange | undefined;
}
