/**
 * Facts: what witnesses tell us, before they are merged into the ledger.
 *
 * A fact may be partial: a field left out means "this witness does not know". Two facts with the same natural key
 * describe the same thing and are merged, never added. Times are integer milliseconds since the Unix epoch, UTC.
 * Facts carry no content: no prompts, replies, tool arguments or file contents. File paths travel in facts but are
 * stored only as keyed hashes.
 */
import type { TokenUsage } from "./tokens.ts";
import type { Witness } from "./witness.ts";

/**
 * Name of the log event under which a fact travels over OTLP, and of its attribute that holds the fact as JSON; the path of
 * a changed file as its digest.
 */
export const FACT_EVENT = "moai.fact";

/** Anything a witness can tell the ledger. */
export type Fact = SessionFact | TaskFact | ModelCallFact | ToolCallFact | FileChangeFact | QualityFact;

/** A fact of a session. */
export type SessionBoundFact = Exclude<Fact, QualityFact>;

/** What every fact of a session carries. */
interface FactBase {
  readonly witness: Witness;
  /** The agent product or service that ran: `claude-code`, or an application's `service.name`. */
  readonly product: string;
  /** The session, unique within the product. */
  readonly sessionId: string;
}

/** A session: one conversation with an agent product, or one run of an instrumented process. */
export interface SessionFact extends FactBase {
  readonly kind: "session";
  /** Folder that the session worked in. */
  readonly project?: string | undefined;
  /** Version-control branch. */
  readonly branch?: string | undefined;
  /** Version of the product. */
  readonly version?: string | undefined;
  /** When something happened; the ledger joins intervals that lie less than ten minutes apart. */
  readonly activity: readonly ActivityInterval[];
  /** The session said that it ended. */
  readonly hasEnded?: boolean | undefined;
  /** Labels that its owner gave it, such as a team; per key the better witness wins. No content, no ids. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** A closed interval in which a session was seen to be active. */
export interface ActivityInterval {
  readonly startMillis: number;
  readonly endMillis: number;
}

/** `prompt`: one user turn of the main agent; `subagent`: one run of a subagent; `sdk`: a wrapped function. */
export const TASK_KINDS = ["prompt", "subagent", "sdk", "hook"] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** How a task ended. `unknown`: it fell silent, or no one said. */
export const TASK_RESULTS = ["success", "failure", "timeout", "cancelled", "unknown"] as const;
export type TaskResult = (typeof TASK_RESULTS)[number];

/** The name of the main agent of a product. */
export const MAIN_AGENT = "main";

/** How a task ended, and who said so. */
export interface TaskOutcome {
  readonly result: TaskResult;
  /** `reported` by the agent, or `inferred` by us from a normal end. A reported outcome outranks an inferred one. */
  readonly origin: "reported" | "inferred";
  /** When this was observed; of two outcomes of equal rank the later one holds. */
  readonly atMillis: number;
  /** Low-cardinality class of the error, as OpenTelemetry's `error.type`. */
  readonly errorType?: string | undefined;
}

/** A task: the unit that has an agent, a duration and a result. */
export interface TaskFact extends FactBase {
  readonly kind: "task";
  /** Unique within the product. */
  readonly taskId: string;
  readonly taskKind?: TaskKind | undefined;
  readonly parentTaskId?: string | undefined;
  /** Name of the agent that ran it; {@link MAIN_AGENT} for the main agent. */
  readonly agent?: string | undefined;
  readonly startedAtMillis?: number | undefined;
  /** The latest moment at which the task was seen. */
  readonly lastSeenAtMillis?: number | undefined;
  readonly outcome?: TaskOutcome | undefined;
  /** Lines added so far, where the task reports its own figure. Grows only. */
  readonly linesAdded?: number | undefined;
  /** Lines removed so far, where the task reports its own figure. Grows only. */
  readonly linesRemoved?: number | undefined;
  /** What whoever called a hook said of the task as a whole. */
  readonly report?: TaskReport | undefined;
}

/**
 * A task in the words of the hook that was called behind it. Its tokens and its duration count only where no model call
 * covers the task's session (or project, when the session is not known), agent and time: then a better witness was there.
 */
export interface TaskReport {
  /** What the task is called there. Not unique: `task-001` comes again every day. */
  readonly name?: string | undefined;
  /** All tokens together; their parts are not known. */
  readonly tokens?: number | undefined;
  readonly durationMillis?: number | undefined;
  /**
   * The hook knew the agent's session: calls of other sessions cover nothing. Default false: then calls of every session
   * in the project do.
   */
  readonly knowsSession?: boolean | undefined;
  /** The figures are known to be wrong, as sums of what was written down twice: they are shown and never summed. */
  readonly isRough?: boolean | undefined;
}

/** One logical call of a model, retries included. */
export interface ModelCallFact extends FactBase {
  readonly kind: "model_call";
  /** The innermost task that made the call. */
  readonly taskId?: string | undefined;
  /**
   * The request, as its witnesses know it: the provider's request id, or `span:<trace id><span id>`.
   * At least one of `requestId` and `responseId` must be given.
   */
  readonly requestId?: string | undefined;
  /** The provider's id of the response or message. */
  readonly responseId?: string | undefined;
  /**
   * The witness may have copied this call from elsewhere under a new request id (a side conversation replaying
   * history): it counts only if no other call has its `responseId`.
   */
  readonly isReplay?: boolean | undefined;
  /**
   * The usage that was told of this call turned out to be the sum of calls inside of it: it no longer counts, and neither
   * does the call. Whoever says so gives no usage.
   */
  readonly isSum?: boolean | undefined;
  /** When the response was complete: the time of the fact. */
  readonly endedAtMillis: number;
  readonly durationMillis?: number | undefined;
  readonly firstChunkMillis?: number | undefined;
  readonly model?: string | undefined;
  /** Missing when the reply carried no usage: unknown, never zero. */
  readonly usage?: TokenUsage | undefined;
  /** Requests to a server-side web search, billed apart. */
  readonly webSearches?: number | undefined;
  /** The provider's price list: `fast` for the fast mode, else the standard one. */
  readonly speed?: "fast" | undefined;
  /** Cost that the agent itself reported, in nano-dollars. */
  readonly reportedCostNanoUsd?: number | undefined;
  /** Set when the call failed. A failed call without usage counts as an error, not as a call. */
  readonly errorType?: string | undefined;
}

/** One call of a tool. */
export interface ToolCallFact extends FactBase {
  readonly kind: "tool_call";
  readonly taskId?: string | undefined;
  /** The tool-use id, or `span:<trace id><span id>`. Unique within the product. */
  readonly callId: string;
  readonly tool?: string | undefined;
  /** Every witness must know the start: it locates the fact. */
  readonly startedAtMillis: number;
  readonly endedAtMillis?: number | undefined;
  /** Unknown until the tool returned. */
  readonly isSuccess?: boolean | undefined;
  readonly errorType?: string | undefined;
  readonly linesAdded?: number | undefined;
  readonly linesRemoved?: number | undefined;
}

/** What happened to a file. */
export const FILE_CHANGES = ["created", "modified", "deleted"] as const;
export type FileChange = (typeof FILE_CHANGES)[number];

/** A task changed a file. The same path and change in the same task is the same fact. */
export interface FileChangeFact extends FactBase {
  readonly kind: "file_change";
  readonly taskId: string;
  /** Absolute path where known, or its digest where it comes from the spool; stored only as a keyed hash. */
  readonly path: string;
  readonly change: FileChange;
  readonly atMillis: number;
}

/**
 * What is measured of a project. `test_coverage`: covered lines / lines; `lint_score`: linted files without errors /
 * linted files; `benchmark_score`: whatever the benchmark of that name says.
 */
export const QUALITY_MEASURES = ["test_coverage", "lint_score", "benchmark_score"] as const;
export type QualityMeasure = (typeof QUALITY_MEASURES)[number];

/** What a share was computed from: covered lines of all lines, or files without errors of all linted files. */
export interface QualityCounts {
  readonly good: number;
  /** At least 1. */
  readonly total: number;
}

/**
 * How good the code of a project was at a moment. It belongs to the project, not to a session. The same project,
 * measure, benchmark, tool and time is the same fact.
 */
export interface QualityFact {
  readonly kind: "quality";
  readonly witness: Witness;
  readonly measure: QualityMeasure;
  /** Folder of the project. */
  readonly project?: string | undefined;
  /** Name of the benchmark; only of a `benchmark_score`. */
  readonly benchmark?: string | undefined;
  /** What measured it: `istanbul`, `eslint` and the like. */
  readonly tool?: string | undefined;
  /** When it was measured. */
  readonly atMillis: number;
  /** From 0 to 1, `good / total` where there are counts; of a benchmark any finite number. */
  readonly score: number;
  readonly counts?: QualityCounts | undefined;
}

/**
 * The most of anything that a fact may tell. No call and no task has more, and sums over millions of facts stay exact.
 * The ledger refuses a fact beyond them, so whoever makes facts drops the field instead.
 */
export const FACT_LIMITS = Object.freeze({
  /** Tokens of one part, lines, web searches. */
  count: 1e9,
  /** A hundred and fifteen days. */
  durationMillis: 1e10,
  /** A thousand dollars: then sums over millions of calls stay exact. */
  costNanoUsd: 1e12,
  /** Tags of one session fact. */
  tags: 64,
});
