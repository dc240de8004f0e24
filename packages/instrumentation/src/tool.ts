/** Tool calls. */
import type { ToolCallFact } from "@moai-metrics/model";
import { cleanText, type KeyedAttributes } from "./attributes.ts";
import { currentScope, currentSession } from "./current-scope.ts";
import { recordInCompany } from "./gathered-metrics.ts";
import { recordMetric } from "./instruments.ts";
import { EXECUTE_TOOL } from "./operations.ts";
import { errorClock, isFirstCount, outcomeOfThrow } from "./outcome.ts";
import { emitFact, guarded, isRecording } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import type { Scope } from "./scope.ts";
import { type Ending, settle } from "./settle.ts";
import { endSpan, startSpan } from "./spans.ts";

/** What is known about a tool call when it starts. */
export interface ToolOptions {
  readonly name: string;
  /** The id the model gave the call; shown on the span. Some vendors number the calls of every reply from 0. */
  readonly callId?: string | undefined;
  /** OpenTelemetry's `gen_ai.tool.type`. Default `function`. */
  readonly type?: string | undefined;
}

/** A tool call under way. */
export interface OpenTool extends Ending {
  readonly scope: Scope;
}

/**
 * Runs `work` as one call of a tool, in the current task.
 *
 * @example
 * ```ts
 * const notes = await withTool("read_notes", async () => "Notes about houses");
 * ```
 * @returns what `work` returns; what `work` throws is thrown on unchanged, and the call counts as failed.
 */
export function withTool<T>(options: string | ToolOptions, work: () => T): T {
  const open = isRecording()
    ? guarded(() => openTool(typeof options === "string" ? { name: options } : options))
    : undefined;
  if (open === undefined) return work();
  let returned: T;
  try {
    returned = runInScope(open.scope, work);
  } catch (error) {
    open.fail(error);
    throw error;
  }
  return settle(returned, open);
}

/** Starts a tool call in the current task. */
export function openTool(options: ToolOptions): OpenTool {
  const session = currentSession();
  const task = currentScope()?.task;
  const tool = cleanText(options.name) ?? "unknown";
  const callId = cleanText(options.callId);
  const startedAtMillis = Date.now();
  const attributes: KeyedAttributes = {
    toolName: tool,
    toolType: cleanText(options.type) ?? "function",
    agentName: task?.agent,
  };
  const started = startSpan(() => ({
    name: `${EXECUTE_TOOL} ${tool}`,
    attributes: {
      ...attributes,
      operationName: EXECUTE_TOOL,
      toolCallId: callId,
      sessionId: session.sessionId,
      product: session.product,
      taskId: task?.id,
    },
  }));
  const fact: ToolCallFact = {
    kind: "tool_call",
    witness: "process",
    // A spread among other fields costs the engine several times what naming them does.
    product: session.product,
    sessionId: session.sessionId,
    taskId: task?.id,
    callId: started.key,
    tool,
    startedAtMillis,
  };
  emitFact(fact);
  if (task !== undefined) task.toolCalls += 1;
  const openedAt = errorClock();
  const end = (errorType?: string, isErrorCounted = false): void => {
    const endedAtMillis = Math.max(startedAtMillis, Date.now());
    endSpan(started.span, () => ({}), errorType, endedAtMillis);
    emitFact({ ...fact, endedAtMillis, isSuccess: errorType === undefined, errorType }, fact);
    recordInCompany(["tool", tool, attributes.toolType, task?.agent, errorType], () =>
      recordMetric("executeToolDuration", (endedAtMillis - startedAtMillis) / 1000, { ...attributes, errorType }),
    );
    if (errorType !== undefined && !isErrorCounted) {
      recordMetric("errors", 1, { product: session.product, agentName: task?.agent, errorType });
    }
  };
  const succeed = () => guarded(() => end());
  return {
    scope: { session, task, span: started.span, context: started.context, tools: [tool] },
    succeed,
    fail: (error) => guarded(() => end(outcomeOfThrow(error).errorType, !isFirstCount(error, openedAt))),
    cancel: succeed,
  };
}
