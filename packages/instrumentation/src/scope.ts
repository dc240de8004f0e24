/** What there is to know of where code runs: in which session, in which task, under which span. */
import type { TaskKind, TaskOutcome } from "@moai-metrics/model";
import type { Context, Span } from "@opentelemetry/api";

/** The session that facts belong to. */
export interface SessionScope {
  readonly product: string;
  readonly sessionId: string;
}

/** What a running task has gathered. */
export interface TaskState {
  readonly id: string;
  readonly agent: string;
  readonly kind: TaskKind;
  readonly startedAtMillis: number;
  readonly parent: TaskState | undefined;
  readonly files: Set<string>;
  modelCalls: number;
  toolCalls: number;
  /** Total of the task's own calls; undefined while no usage is known. */
  tokens: number | undefined;
  /** Tokens of the task's own calls, as warnings count them. */
  countedTokens: number;
  /** Usage was recorded here or in a child: what the task returns is then a sum of it, not a call of its own. */
  hasUsageInside: boolean;
  linesAdded: number;
  linesRemoved: number;
  outcome: TaskOutcome | undefined;
  /** What is to be recorded before the task ends, at the latest. */
  atEnd: Set<() => void> | undefined;
}

/** A model call that is under way. */
export interface CallState {
  /** Names the fact of the call. */
  readonly key: string;
  /** The call that this one is a part of, as where one SDK stands upon another. */
  readonly parent: CallState | undefined;
  /** A call with usage was recorded inside: that one is the fact, and this one is its wrapping. */
  hasUsageInside: boolean;
  /** Who answered, as a call inside without usage was told: it is no fact of its own. */
  answeredBy?: { readonly model: string | undefined; readonly responseId: string | undefined };
  /** Set where this stands for several attempts at one call. */
  readonly attempts?: AttemptsState | undefined;
}

/** Several attempts at one call. */
interface AttemptsState {
  /** Another attempt begins. */
  begin(): void;
  /** Takes an attempt that failed without usage. */
  holdBack(record: () => void): void;
}

/** One level of nesting. */
export interface Scope {
  readonly session: SessionScope;
  readonly task: TaskState | undefined;
  readonly span: Span;
  readonly context: Context;
  /** The model call whose code is running. */
  readonly call?: CallState | undefined;
  /** The names of the tools whose code is running: several where an SDK runs them together. */
  readonly tools?: readonly string[] | undefined;
}
