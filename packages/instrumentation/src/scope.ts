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
}

/** One level of nesting. */
export interface Scope {
  readonly session: SessionScope;
  readonly task: TaskState | undefined;
  readonly span: Span;
  readonly context: Context;
}
