/** Sessions: one conversation, or one run. */
import { randomUUID } from "node:crypto";
import { cleanText } from "./attributes.ts";
import { recordMetric } from "./instruments.ts";
import { outcomeOfThrow } from "./outcome.ts";
import { emitFact, guarded, isRecording, registry } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import type { Scope } from "./scope.ts";
import { type Ending, settle } from "./settle.ts";
import { endSpan, startSpan } from "./spans.ts";

/** What is known about a session when it starts. */
export interface SessionOptions {
  /** The session's id, unique within the product. Default: a random one. */
  readonly id?: string | undefined;
  /** Folder that the session works in. Default: the working directory. */
  readonly project?: string | undefined;
  /** Version-control branch. */
  readonly branch?: string | undefined;
  /** Version of the application. */
  readonly version?: string | undefined;
  /** The product, when it is not the application's `service.name`. */
  readonly product?: string | undefined;
}

interface OpenSession extends Ending {
  readonly scope: Scope;
}

/**
 * Runs `work` as one session: everything recorded inside, across awaits, belongs to it.
 *
 * @example
 * ```ts
 * await withSession({ id: "chat-4711", branch: "main" }, async () => {
 *   withTask("planner", () => recordUsage({ model: "gpt-5", inputTokens: 100, outputTokens: 10 }));
 * });
 * ```
 * @returns what `work` returns; what `work` throws is thrown on unchanged.
 */
export function withSession<T>(options: SessionOptions, work: () => T): T {
  const open = isRecording() ? guarded(() => openSession(options)) : undefined;
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

function openSession(options: SessionOptions): OpenSession {
  const session = {
    product: cleanText(options.product) ?? registry.settings.product,
    sessionId: cleanText(options.id) ?? randomUUID(),
  };
  const project = cleanText(options.project, 4096) ?? process.cwd();
  const branch = cleanText(options.branch);
  const version = cleanText(options.version);
  const startedAtMillis = Date.now();
  const started = startSpan(() => ({
    name: "session",
    attributes: {
      scopeKind: "session",
      sessionId: session.sessionId,
      product: session.product,
      project,
      branch,
      serviceVersion: version,
    },
  }));
  const fact = { kind: "session", witness: "process", ...session, project, branch, version } as const;
  emitFact({ ...fact, activity: [{ startMillis: startedAtMillis, endMillis: startedAtMillis }] });
  const end = (errorType?: string): void => {
    const endedAtMillis = Math.max(startedAtMillis, Date.now());
    endSpan(started.span, () => ({}), errorType, endedAtMillis);
    emitFact({ ...fact, activity: [{ startMillis: endedAtMillis, endMillis: endedAtMillis }], hasEnded: true });
    recordMetric("sessionDuration", (endedAtMillis - startedAtMillis) / 1000, { product: session.product });
  };
  const succeed = () => guarded(() => end());
  return {
    scope: { session, task: undefined, span: started.span, context: started.context },
    succeed,
    fail: (error) => guarded(() => end(outcomeOfThrow(error).errorType)),
    cancel: succeed,
  };
}
