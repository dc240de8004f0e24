/** Warns once when a session or a task has used more tokens than the application wants to hear nothing about. */
import { type TokenUsage, totalTokens } from "@moai-metrics/model";
import { diag } from "@opentelemetry/api";
import { currentScope } from "./current-scope.ts";
import { countDrop, guarded, registry } from "./registry.ts";
import type { SessionScope, TaskState } from "./scope.ts";

/** A session or task that has just reached the threshold. */
export interface TokenWarning {
  readonly kind: "session" | "task";
  readonly product: string;
  readonly sessionId: string;
  /** Undefined for a session. */
  readonly taskId: string | undefined;
  /** Undefined for a session. */
  readonly agent: string | undefined;
  /** What it has used until now: of a task its own calls, counted as {@link counts} says. */
  readonly tokens: number;
  readonly threshold: number;
  /** `new`: input, cache writes and output; `total`: cache reads, too. */
  readonly counts: "new" | "total";
}

/** Name of the event on the span in which the threshold was reached. */
const EVENT = "moai.token.warning";

/** Sessions that are counted at a time; the one that was silent longest is forgotten first. */
const MAX_SESSIONS = 10_000;

/** Adds a call to its session and task, and warns of each that reaches the threshold with it. Never throws. */
export function noteTokens(session: SessionScope, task: TaskState | undefined, usage: TokenUsage): void {
  const { warnThreshold: threshold, warnCounts: counts } = registry.settings;
  const tokens = totalTokens(usage) - (counts === "new" ? usage.cacheRead : 0);
  if (task !== undefined) {
    const before = task.countedTokens;
    task.countedTokens += tokens;
    if (reaches(before, task.countedTokens, threshold)) {
      const { id: taskId, agent, countedTokens } = task;
      warn({ kind: "task", ...idsOf(session), taskId, agent, tokens: countedTokens, threshold, counts });
    }
  }
  const before = takeOut(session);
  registry.sessionTokens.set(keyOf(session), before + tokens);
  if (reaches(before, before + tokens, threshold)) {
    const whole = { taskId: undefined, agent: undefined, tokens: before + tokens };
    warn({ kind: "session", ...idsOf(session), ...whole, threshold, counts });
  }
}

function reaches(before: number, after: number, threshold: number): boolean {
  return threshold > 0 && before < threshold && after >= threshold;
}

/** What the session has used; putting it back makes it the one that was heard of last. */
function takeOut(session: SessionScope): number {
  const { sessionTokens } = registry;
  const key = keyOf(session);
  const tokens = sessionTokens.get(key);
  if (tokens === undefined) {
    const [oldest] = sessionTokens.size >= MAX_SESSIONS ? sessionTokens.keys() : [];
    if (oldest !== undefined) sessionTokens.delete(oldest);
  } else if (key !== lastKey) {
    // Taking entries out has the map made anew now and then; mostly it is the same session again.
    sessionTokens.delete(key);
  }
  lastKey = key;
  return tokens ?? 0;
}

let lastKey: string | undefined;

let last: { readonly session: SessionScope; readonly key: string } | undefined;

function keyOf(session: SessionScope): string {
  if (last?.session === session) return last.key;
  const key = `${session.product} ${session.sessionId}`;
  last = { session, key };
  return key;
}

function idsOf({ product, sessionId }: SessionScope): SessionScope {
  return { product, sessionId };
}

/** To OpenTelemetry's log, to the running span, and to the application. */
function warn(warning: TokenWarning): void {
  const { kind, sessionId, taskId, agent, tokens, threshold, counts } = warning;
  const name = kind === "session" ? `session ${sessionId}` : `task ${taskId} of ${agent}`;
  const word = counts === "new" ? "new tokens" : "tokens";
  guarded(() =>
    diag.warn(
      `moai-metrics: ${name} has used ${tokens} ${word}, the threshold is ${threshold}. Set warnThreshold to move it, 0 to hear nothing.`,
    ),
  );
  guarded(() =>
    currentScope()?.span.addEvent(EVENT, {
      "moai.token.warning.kind": kind,
      "moai.token.warning.tokens": tokens,
      "moai.token.warning.threshold": threshold,
    }),
  );
  tellApplication(Object.freeze(warning));
}

/** What the application does with it is its own business, and none of it reaches the agent. */
function tellApplication(warning: TokenWarning): void {
  const failed = (): void => countDrop("onWarn failed");
  try {
    const returned: unknown = registry.settings.onWarn?.(warning);
    // An async callback that fails would end the process.
    if (typeof returned === "object" && returned !== null) void Promise.resolve(returned).catch(failed);
  } catch {
    failed();
  }
}
