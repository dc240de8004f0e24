/** The life of one model call that is followed from its request to the end of its reply. */
import { cleanErrorType } from "@moai-metrics/model";
import { context } from "@opentelemetry/api";
import { cleanText } from "./attributes.ts";
import { currentBudget } from "./budget.ts";
import { currentScope, currentSession } from "./current-scope.ts";
import { errorClock, isFirstCount, outcomeOfThrow } from "./outcome.ts";
import { endCall, type RecordedCall, recordCall, startCallSpan } from "./record-usage.ts";
import { guarded } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import type { CallState, Scope } from "./scope.ts";
import { NO_SPAN } from "./spans.ts";
import type { ReplyUsage } from "./usage/shape.ts";

/** What is known of a call when it starts. */
export interface CallStart {
  /** OpenTelemetry's `gen_ai.provider.name`. */
  readonly provider: string;
  /** OpenTelemetry's `gen_ai.operation.name`. */
  readonly operation: string;
  /** The model that is asked. */
  readonly model: unknown;
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
}

/** What the reply has told by the end of a call; nothing where it told nothing. */
export type CallReply = Partial<ReplyUsage> | undefined;

/** A call under way. Ending it a second time does nothing. None of this throws. */
export interface OpenCall {
  /** Runs the code that makes the call. */
  run<T>(work: () => T): T;
  /** The first piece of a streamed reply came. */
  firstChunk(): void;
  /** The reply came to its end, or its reader has left. */
  succeed(reply: CallReply): void;
  /** The call threw, with what the reply had told until then. */
  fail(error: unknown, reply?: CallReply): void;
}

/** A call that is made in one or more attempts. */
export interface Attempts {
  /** Runs code that makes an attempt. */
  run<T>(work: () => T): T;
  /** No further attempt follows. Never throws. */
  end(): void;
}

/** Opens a call in attempts: one that fails without usage counts only where no other one follows. */
export function openAttempts(): Attempts {
  const outer = currentScope();
  const span = outer?.span ?? NO_SPAN;
  let failed: (() => void) | undefined;
  let isOver = false;
  const call: CallState = {
    key: "",
    parent: outer?.call,
    hasUsageInside: false,
    attempts: {
      begin: () => {
        failed = undefined;
      },
      // A stream that breaks off later is no attempt any more.
      holdBack: (record) => {
        if (isOver) record();
        else failed = record;
      },
    },
  };
  const scope: Scope = {
    session: currentSession(),
    task: outer?.task,
    span,
    context: outer?.context ?? context.active(),
    call,
  };
  return {
    run: (work) => runInScope(scope, work),
    end: () => {
      isOver = true;
      guarded(() => failed?.());
      failed = undefined;
    },
  };
}

/**
 * Runs `work`, which makes a call in one or more attempts: see {@link openAttempts}.
 *
 * @returns what `work` returns; what it throws is thrown on unchanged.
 */
export async function withAttempts<T>(work: () => PromiseLike<T>): Promise<T> {
  const attempts = openAttempts();
  try {
    return await attempts.run(work);
  } finally {
    attempts.end();
  }
}

/**
 * Opens a call in the current task. Of calls inside of one another, as where an SDK stands upon another, one is
 * recorded: the innermost whose reply told its usage, else the outermost.
 */
export function openCall(start: CallStart): OpenCall {
  const session = currentSession();
  const enclosing = currentScope();
  const task = enclosing?.task;
  const parent = enclosing?.call;
  parent?.attempts?.begin();
  const budget = currentBudget();
  const startedAt = performance.now();
  const openedAt = errorClock();
  const known: RecordedCall = {
    tokens: undefined,
    model: cleanText(start.model),
    provider: start.provider,
    operation: start.operation,
    serverAddress: cleanText(start.serverAddress),
    serverPort: start.serverPort,
  };
  // A call inside of another may turn out to be no call of its own: it gets its span when it is over.
  const started = parent === undefined ? startCallSpan(known, { session, task }) : undefined;
  const state: CallState = { key: started?.key ?? parent?.key ?? "", parent, hasUsageInside: false };
  const scope: Scope = {
    session,
    task,
    span: started?.span ?? (enclosing as Scope).span,
    context: started?.context ?? (enclosing as Scope).context,
    call: state,
  };
  let firstChunkMillis: number | undefined;
  let isOpen = true;

  const end = (reply: CallReply, errorType: string | undefined, thrown: unknown): void => {
    isOpen = false;
    const model = cleanText(reply?.model) ?? state.answeredBy?.model;
    const responseId = cleanText(reply?.responseId) ?? state.answeredBy?.responseId;
    const call: RecordedCall = {
      ...known,
      tokens: reply?.tokens,
      model: model ?? known.model,
      requestModel: model === undefined ? undefined : known.model,
      responseId,
      webSearches: reply?.webSearches,
      durationMillis: performance.now() - startedAt,
      firstChunkMillis,
      errorType: errorType ?? reply?.failure?.errorType,
    };
    if (state.hasUsageInside) started?.span.end();
    else if (started !== undefined) endCall(call, { session, task, started, budget }, !isFirstCount(thrown, openedAt));
    else if (call.tokens !== undefined || parent?.attempts !== undefined) {
      const record = (): void =>
        runInScope(enclosing as Scope, () => recordCall(call, !isFirstCount(thrown, openedAt), budget));
      if (call.tokens === undefined && thrown !== undefined && parent?.attempts !== undefined) {
        parent.attempts.holdBack(record);
      } else record();
    } else if (parent !== undefined && model !== undefined) parent.answeredBy = { model, responseId };
  };

  return {
    run: (work) => runInScope(scope, work),
    firstChunk: () => {
      firstChunkMillis ??= performance.now() - startedAt;
    },
    succeed: (reply) => {
      if (isOpen) guarded(() => end(reply, undefined, undefined));
    },
    fail: (error, reply) => {
      if (isOpen) guarded(() => end(reply, cleanErrorType(outcomeOfThrow(error).errorType), error));
    },
  };
}
