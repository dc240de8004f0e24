/** Where the running code stands: in which session, in which task, under which span. */
import { randomUUID } from "node:crypto";
import type { TaskKind, TaskOutcome } from "@moai-metrics/model";
import type { Context, Span } from "@opentelemetry/api";
import { emitFact, registry } from "./registry.ts";

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

/** The scope of the running code, or undefined outside of any. */
export function currentScope(): Scope | undefined {
  return registry.scopes.getStore();
}

/** The session of the running code; outside of `withSession`, the one session that stands for the whole process. */
export function currentSession(): SessionScope {
  const session = currentScope()?.session;
  if (session !== undefined) return session;
  const { product } = registry.settings;
  if (registry.processSession?.product === product) return registry.processSession;
  const processSession = { product, sessionId: randomUUID() };
  registry.processSession = processSession;
  const now = Date.now();
  emitFact({
    kind: "session",
    witness: "process",
    ...processSession,
    project: process.cwd(),
    activity: [{ startMillis: now, endMillis: now }],
  });
  return processSession;
}
