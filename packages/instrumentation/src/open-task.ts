/** The life of one task: its start, what it gathers, its end. */
import {
  cleanErrorType,
  MAIN_AGENT,
  TASK_KINDS,
  TASK_RESULTS,
  type TaskFact,
  type TaskKind,
  type TaskOutcome,
  type TaskResult,
} from "@moai-metrics/model";
import { cleanText, type KeyedAttributes, OTHER } from "./attributes.ts";
import { currentScope, currentSession } from "./current-scope.ts";
import { recordInCompany } from "./gathered-metrics.ts";
import { recordMetric } from "./instruments.ts";
import { INVOKE_AGENT } from "./operations.ts";
import { errorClock, isFirstCount, outcomeOfThrow, type ThrownOutcome } from "./outcome.ts";
import { countDrop, emitFact } from "./registry.ts";
import type { Scope, SessionScope, TaskState } from "./scope.ts";
import { endSpan, startSpan } from "./spans.ts";

/** What is known about a task when it starts. */
export interface TaskOptions {
  /** Name of the agent that runs it. Default: the agent of the enclosing task, else `main`. */
  readonly agent?: string | undefined;
  /** Default `sdk`, also for a kind that does not exist, which is counted. */
  readonly kind?: TaskKind | undefined;
}

/** How a task that reports its own result failed. */
export interface ResultDetails {
  /** OpenTelemetry's `error.type`: a class or code, never a message. */
  readonly errorType?: string | undefined;
}

/** A running task, as the code inside sees it. */
export interface Task {
  /** The id under which the ledger knows the task. */
  readonly id: string;
  /** Says how the task went, for agents that return instead of throwing. The last call holds; a throw outranks it. */
  setResult(result: TaskResult, details?: ResultDetails): void;
}

/** A started task. Ending it a second time does nothing. */
export interface OpenTask {
  readonly task: Task;
  readonly scope: Scope;
  readonly state: TaskState;
  /** The work came to its normal end. */
  succeed(): void;
  /** The work threw. */
  fail(error: unknown): void;
  /** A reply said that the work failed, and the call that gave it was recorded with that failure or was not. */
  report(outcome: ThrownOutcome, isCounted: boolean): void;
  /** No one waits for the rest: a stream was left early. */
  cancel(): void;
}

/** Starts a task. `isAgentRun` makes it an agent run with the span and the metrics of OpenTelemetry's `invoke_agent`. */
export function openTask(options: TaskOptions, isAgentRun: boolean): OpenTask {
  const session = currentSession();
  const parent = currentScope()?.task;
  const agent = cleanText(options.agent) ?? parent?.agent ?? MAIN_AGENT;
  const kind = cleanKind(options.kind);
  const startedAtMillis = Date.now();
  const started = startSpan(() => ({
    name: isAgentRun ? `${INVOKE_AGENT} ${agent}` : `task ${agent}`,
    attributes: {
      scopeKind: "task",
      operationName: isAgentRun ? INVOKE_AGENT : undefined,
      agentName: agent,
      taskKind: kind,
      parentTaskId: parent?.id,
      sessionId: session.sessionId,
      product: session.product,
    },
  }));
  const state: TaskState = {
    id: started.key,
    agent,
    kind,
    startedAtMillis,
    parent,
    files: new Set(),
    modelCalls: 0,
    toolCalls: 0,
    tokens: undefined,
    countedTokens: 0,
    hasUsageInside: false,
    linesAdded: 0,
    linesRemoved: 0,
    outcome: undefined,
    atEnd: undefined,
  };
  const startFact = taskFact(session, state);
  emitFact(startFact);
  recordInCompany(["task begins", agent], () => recordMetric("taskActive", 1, { agentName: agent }));

  const openedAt = errorClock();
  let isOpen = true;
  const end = (outcome: TaskOutcome, isErrorCounted = false): void => {
    if (!isOpen) return;
    isOpen = false;
    for (const record of state.atEnd ?? []) record();
    const endedAtMillis = outcome.atMillis;
    const { result, origin, errorType } = outcome;
    const describe = (): KeyedAttributes => ({
      taskResult: result,
      taskResultOrigin: origin,
      taskLinesAdded: state.linesAdded || undefined,
      taskLinesRemoved: state.linesRemoved || undefined,
    });
    endSpan(started.span, describe, errorType, endedAtMillis);
    emitFact({ ...taskFact(session, state), lastSeenAtMillis: endedAtMillis, outcome }, startFact);
    emitFact({
      kind: "session",
      witness: "process",
      product: session.product,
      sessionId: session.sessionId,
      activity: [{ startMillis: startedAtMillis, endMillis: endedAtMillis }],
    });
    const { product } = session;
    // A call that ends behind its task would still change the state.
    const { tokens, modelCalls, toolCalls } = state;
    const ended: EndedTask = { agent, kind, startedAtMillis, tokens, modelCalls, toolCalls };
    const ending = [result, errorType, isAgentRun, isErrorCounted, tokens === undefined];
    recordInCompany(["task ends", agent, kind, product, ...ending], () =>
      recordTaskMetrics(ended, outcome, { product, isAgentRun, isErrorCounted }),
    );
  };
  const now = (): number => Math.max(startedAtMillis, Date.now());

  return {
    state,
    scope: { session, task: state, span: started.span, context: started.context },
    task: {
      id: state.id,
      setResult: (result, details) => {
        if (!isOpen) return countDrop("result of a task that has ended");
        if (!TASK_RESULTS.includes(result)) return countDrop("unknown task result");
        const errorType = details?.errorType === undefined ? undefined : cleanErrorType(details.errorType);
        state.outcome = { result, origin: "reported", atMillis: now(), errorType };
      },
    },
    succeed: () => end({ ...(state.outcome ?? { result: "success", origin: "inferred" }), atMillis: now() }),
    fail: (error) => {
      if (!isOpen) return;
      const outcome = outcomeOfThrow(error);
      end({ ...outcome, origin: "reported", atMillis: now() }, !isFirstCount(error, openedAt));
    },
    report: ({ result, errorType, thrown }, isCounted) => {
      if (!isOpen) return;
      const isErrorCounted = isCounted || (thrown !== undefined && !isFirstCount(thrown, openedAt));
      end({ result, errorType, origin: "reported", atMillis: now() }, isErrorCounted);
    },
    cancel: () => end({ ...(state.outcome ?? { result: "cancelled", origin: "inferred" }), atMillis: now() }),
  };
}

function taskFact(session: SessionScope, state: TaskState): TaskFact {
  return {
    kind: "task",
    witness: "process",
    product: session.product,
    sessionId: session.sessionId,
    taskId: state.id,
    taskKind: state.kind,
    parentTaskId: state.parent?.id,
    agent: state.agent,
    startedAtMillis: state.startedAtMillis,
    lastSeenAtMillis: state.startedAtMillis,
    linesAdded: state.linesAdded || undefined,
    linesRemoved: state.linesRemoved || undefined,
  };
}

function cleanKind(kind: unknown): TaskKind {
  if (kind === undefined) return "sdk";
  const known = TASK_KINDS.find((each) => each === kind);
  if (known === undefined) countDrop("unknown task kind");
  return known ?? "sdk";
}

interface EndDetails {
  readonly product: string;
  readonly isAgentRun: boolean;
  /** The error was counted where it happened, inside of the task. */
  readonly isErrorCounted: boolean;
}

type EndedTask = Pick<TaskState, "agent" | "kind" | "startedAtMillis" | "tokens" | "modelCalls" | "toolCalls">;

function recordTaskMetrics(state: EndedTask, outcome: TaskOutcome, details: EndDetails): void {
  const { product, isAgentRun, isErrorCounted } = details;
  const { result, errorType } = outcome;
  const agentName = state.agent;
  const durationSeconds = (outcome.atMillis - state.startedAtMillis) / 1000;
  const labels = { agentName, taskKind: state.kind, taskResult: result };
  recordMetric("taskActive", -1, { agentName });
  recordMetric("taskCount", 1, labels);
  recordMetric("taskDuration", durationSeconds, labels);
  if (state.tokens !== undefined) recordMetric("taskTokens", state.tokens, { agentName, taskKind: state.kind });
  const failure: KeyedAttributes =
    result === "failure" || result === "timeout" ? { errorType: errorType ?? OTHER } : {};
  if (failure.errorType !== undefined && !isErrorCounted) recordMetric("errors", 1, { product, agentName, ...failure });
  if (isAgentRun) {
    recordMetric("invokeAgentDuration", durationSeconds, { agentName, ...failure });
    recordMetric("invokeAgentInferenceCalls", state.modelCalls, { agentName });
    recordMetric("invokeAgentToolCalls", state.toolCalls, { agentName });
  }
}
