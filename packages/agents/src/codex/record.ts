/** A line of a rollout, as far as facts are made of it. */
import type { ReportedTokens } from "@moai-metrics/model";

/** Running or single counts, as Codex reports them: input with cached and written, output with reasoning. */
export interface CodexUsage extends ReportedTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

/** What every line carries. */
interface Line {
  readonly atMillis: number;
  /** Its number in the rollout; newer versions only. */
  readonly ordinal: number | undefined;
}

/** The first line: whose rollout it is. */
export interface ThreadRecord extends Line {
  readonly kind: "thread";
  readonly threadId: string;
  /** The session of the main thread, for subagents. */
  readonly sessionId: string;
  readonly project: string | undefined;
  readonly branch: string | undefined;
  readonly version: string | undefined;
  readonly isSubagent: boolean;
  readonly agent: string | undefined;
  /** The rollout begins with the history of another thread. */
  readonly hasHistory: boolean;
  /** Lines with a smaller number are that history; undefined where it is not told. */
  readonly ownFromOrdinal: number | undefined;
}

export type CodexRecord =
  | ThreadRecord
  | (Line & { readonly kind: "turnContext"; readonly turnId: string | undefined; readonly model: string | undefined })
  | (Line & {
      readonly kind: "turnStarted";
      readonly turnId: string | undefined;
      readonly parentTurnId: string | undefined;
    })
  /** `errorType`: it ended with an error that the line tells itself. */
  | (Line & {
      readonly kind: "turnCompleted";
      readonly turnId: string | undefined;
      readonly errorType: string | undefined;
    })
  | (Line & { readonly kind: "turnAborted"; readonly turnId: string | undefined })
  | (Line & { readonly kind: "userMessage" })
  | (Line & { readonly kind: "error"; readonly errorType: string })
  /** One response. */
  | (Line & {
      readonly kind: "response";
      readonly threadId: string | undefined;
      readonly responseId: string;
      readonly usage: CodexUsage;
      /** Counts of the thread with this response. */
      readonly threadTotal: CodexUsage | undefined;
    })
  /** Counts of the thread so far; of older versions the only ones. */
  | (Line & { readonly kind: "total"; readonly total: CodexUsage; readonly last: CodexUsage | undefined })
  | (Line & { readonly kind: "toolStarted"; readonly callId: string; readonly tool: string | undefined })
  | (Line & {
      readonly kind: "toolEnded";
      readonly callId: string;
      /** Undefined for success. */
      readonly errorType: string | undefined;
      /** False when the line is about the tool's effect and its result is still to come. */
      readonly isResult: boolean;
      /** The tool's name, where the line tells it. */
      readonly tool?: string | undefined;
    })
  | (Line & { readonly kind: "filesChanged"; readonly callId: string; readonly changes: readonly CodexFileChange[] })
  /** Known, and nothing but a sign of life. */
  | (Line & { readonly kind: "sign" });

/** A file that a patch touched. */
export interface CodexFileChange {
  readonly path: string;
  readonly change: "created" | "modified" | "deleted";
}
