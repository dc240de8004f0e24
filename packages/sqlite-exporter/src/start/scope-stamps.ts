/** Tells spans of other libraries in which session, task and model call they were started. */
import { currentIds } from "@moai-metrics/instrumentation";
import { isBareContext } from "@moai-metrics/instrumentation/set-up";
import { CONVENTIONS, spanKey } from "@moai-metrics/model";
import { type Context, trace } from "@opentelemetry/api";
import type { SpanProcessor } from "@opentelemetry/sdk-trace";
import { INSTRUMENTATION_SCOPE } from "./names.ts";

const SESSION_ID = CONVENTIONS.sessionId.names.g3;
const PRODUCT = CONVENTIONS.product.names.g3;
const TASK_ID = CONVENTIONS.taskId.names.g3;
const PARENT_TASK_ID = CONVENTIONS.parentTaskId.names.g3;
const REQUEST_ID = CONVENTIONS.requestId.names.g3;

/**
 * Creates a processor that puts the ids of the running session, product, task and model call onto spans of other
 * libraries as they start; what such a span says itself stays. A span of a model call that starts inside of a call that
 * the process records itself is that call. A span below another library's span gets no task: the agent run between
 * the two, if there is one, is nearer. One below a bare span gets it as the task around it, too, should it be an agent
 * run: no span will tell that.
 */
export function createScopeStamps(): SpanProcessor {
  return {
    onStart: (span, parentContext) => {
      if (span.instrumentationScope.name === INSTRUMENTATION_SCOPE) return;
      const ids = currentIds();
      if (ids === undefined) return;
      const { attributes } = span;
      if (attributes[SESSION_ID] === undefined) span.setAttribute(SESSION_ID, ids.sessionId);
      if (attributes[PRODUCT] === undefined) span.setAttribute(PRODUCT, ids.product);
      if (ids.requestId !== undefined && attributes[REQUEST_ID] === undefined) {
        span.setAttribute(REQUEST_ID, ids.requestId);
      }
      const isBelowBareSpan = isBareContext(trace.getSpanContext(parentContext));
      if (ids.taskId === undefined || !(isBelowBareSpan || ids.taskId === keyOfActiveSpan(parentContext))) return;
      if (attributes[TASK_ID] === undefined) span.setAttribute(TASK_ID, ids.taskId);
      if (isBelowBareSpan && attributes[PARENT_TASK_ID] === undefined) span.setAttribute(PARENT_TASK_ID, ids.taskId);
    },
    onEnd: () => {},
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function keyOfActiveSpan(context: Context): string | undefined {
  const active = trace.getSpanContext(context);
  return active === undefined ? undefined : spanKey(active.traceId, active.spanId);
}
