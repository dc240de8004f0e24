/** One run of an instrumented agent: from the call to the end of whatever it returned. */
import { watchForLoss } from "./abandoned.ts";
import { type createRunFollower, type Emitter, isEmitter } from "./agent-events.ts";
import { OTHER } from "./attributes.ts";
import { followPromise, isPromiseLike } from "./follow-promise.ts";
import { followResult, isStreamResult, type StreamTotals } from "./follow-result.ts";
import { isStream, observeStream, type StreamObserver } from "./observe-stream.ts";
import { type OpenTask, openTask } from "./open-task.ts";
import { outcomeOfThrow, type ThrownOutcome } from "./outcome.ts";
import { callOfReply, recordCall } from "./record-usage.ts";
import { guarded, isRecording } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import { readReply } from "./usage/read-reply.ts";
import { createStreamUsage } from "./usage/read-stream.ts";
import type { ReplyUsage } from "./usage/shape.ts";

/** Runs `work` as one run of the agent, which lasts until the promise or stream that `work` returns has ended. */
export function runAgent<T>(agent: string, work: () => T): T {
  const open = isRecording() ? guarded(() => openAgentTask(agent)) : undefined;
  if (open === undefined) return work();
  let returned: T;
  try {
    returned = runInScope(open.scope, work);
  } catch (error) {
    guarded(() => open.fail(error));
    throw error;
  }
  return followOrPass(open, returned) as T;
}

/**
 * Follows a generator: the run starts with the first `next()`, as the generator's own code does, and every step runs
 * inside of it. What it yields may be replies of models, unless `createObserverOf` sees it otherwise.
 */
export function runGenerator<T extends AsyncIterable<unknown>>(
  agent: string,
  generator: T,
  createObserverOf: (open: OpenTask | undefined) => StreamObserver = createObserver,
): T {
  let observer: StreamObserver | undefined;
  const started = (): StreamObserver => {
    observer ??= createObserverOf(guarded(() => untilLost(openAgentTask(agent))));
    return observer;
  };
  return observeStream(generator, {
    run: (work) => (isRecording() || observer !== undefined ? started().run(work) : work()),
    chunk: (value) => observer?.chunk(value),
    ended: (value) => observer?.ended(value),
    failed: (error) => observer?.failed(error),
    left: () => observer?.left(),
  });
}

/**
 * Runs `work` as one run of an agent whose events tell when it is over: those of what `work` returns, where that is an
 * emitter, else those of the agent. What `work` throws, or rejects with, ends the run, too.
 */
export function runWithEvents<T>(
  agent: string,
  emitter: Emitter | undefined,
  follow: ReturnType<typeof createRunFollower>,
  work: () => T,
): T {
  const open = guarded(() => untilLost(openAgentTask(agent)));
  if (open === undefined) return work();
  const observer = createObserver(open);
  // The agent may emit before it returns.
  let leave = emitter === undefined ? undefined : guarded(() => follow(emitter, open, observer));
  const fail = (error: unknown): void => {
    leave?.();
    observer.failed(error);
  };
  const settle = (value: unknown): unknown => {
    if (isEmitter(value) && value !== emitter) {
      leave?.();
      leave = guarded(() => follow(value, open, observer));
    } else if (emitter === undefined) {
      observer.ended(value);
    }
    return value;
  };
  try {
    const returned = runInScope(open.scope, work);
    if (!isPromiseLike(returned)) return settle(returned) as T;
    return followPromise(returned, { onValue: settle, onError: fail }) as T;
  } catch (error) {
    fail(error);
    throw error;
  }
}

function openAgentTask(agent: string): OpenTask {
  return openTask({ agent }, true);
}

/** Whatever cannot be followed, such as a locked stream, is handed on as it is, and the run is over. */
function followOrPass(open: OpenTask, returned: unknown): unknown {
  const followed = guarded(() => ({ value: followReturned(open, returned) }));
  if (followed !== undefined) return followed.value;
  guarded(() => open.succeed());
  return returned;
}

function followReturned(open: OpenTask, returned: unknown): unknown {
  if (isPromiseLike(returned)) {
    const lasting = untilLost(open);
    return followPromise(returned, {
      onValue: (value) => followOrPass(lasting, value),
      onError: (error) => guarded(() => lasting.fail(error)),
    });
  }
  if (isStream(returned)) return observeStream(returned, createObserver(untilLost(open)));
  if (isStreamResult(returned)) return followStreamResult(untilLost(open), returned);
  if (isWithResponse(returned)) {
    const data = followReturned(open, returned.data);
    return data === returned.data ? returned : { ...returned, data };
  }
  guarded(() => endWithReplies(open, readReply(returned), undefined, open.succeed));
  return returned;
}

/** The same run, which ends as cancelled when everything that could end it has been thrown away. */
function untilLost(open: OpenTask): OpenTask {
  const standIn = watchForLoss(open);
  return {
    ...open,
    succeed: () => standIn.succeed(),
    fail: (error) => standIn.fail(error),
    cancel: () => standIn.cancel(),
  };
}

/** What an SDK's `withResponse()` gives: the reply beside the raw response. */
function isWithResponse(value: unknown): value is { readonly data: unknown } {
  try {
    return (
      typeof value === "object" &&
      value !== null &&
      Object.getPrototypeOf(value) === Object.prototype &&
      "data" in value &&
      "response" in value
    );
  } catch {
    return false;
  }
}

function followStreamResult(open: OpenTask, result: object): object {
  return followResult(result, {
    createStreamObserver: () => createObserver(open),
    ended: (totals) =>
      guarded(() => {
        const { usage, response } = totals;
        endWithReplies(open, readReply({ usage, response }), failureIn(totals), open.succeed);
      }),
    failed: (error) => guarded(() => open.fail(error)),
    left: () => guarded(() => open.cancel()),
  });
}

function failureIn({ finishReason, error }: StreamTotals): ThrownOutcome | undefined {
  if (finishReason === "aborted") return { result: "cancelled", errorType: "AbortError" };
  if (finishReason !== "error") return undefined;
  if (error instanceof Error) return { ...outcomeOfThrow(error), thrown: error };
  return { result: "failure", errorType: OTHER };
}

function createObserver(open: OpenTask | undefined): StreamObserver {
  const usage = createStreamUsage();
  let isOver = false;
  const finish = (end: (open: OpenTask) => void, canReport: boolean, last?: unknown): void => {
    if (isOver || open === undefined) return;
    isOver = true;
    guarded(() => {
      const seen = usage.read();
      const failure = canReport ? usage.failure() : undefined;
      endWithReplies(open, seen.length > 0 ? seen : readReply(last), failure, () => end(open));
    });
  };
  return {
    run: (work) => (open === undefined ? work() : runInScope(open.scope, work)),
    chunk: (value) => usage.accept(value),
    ended: (value) => finish(({ succeed }) => succeed(), true, value),
    // What is thrown says more than what passed by.
    failed: (error) => finish(({ fail }) => fail(error), false),
    left: () => finish(({ cancel }) => cancel(), true),
  };
}

/**
 * Records what an agent's replies say and ends the run: by `end`, or as the failure that the stream or its last reply
 * reports. What an agent returns is a call of its own only where nothing inside was recorded; else it is a sum.
 */
function endWithReplies(
  open: OpenTask,
  replies: readonly ReplyUsage[],
  failure: ThrownOutcome | undefined,
  end: () => void,
): void {
  const areCalls = !open.state.hasUsageInside;
  if (areCalls) {
    runInScope(open.scope, () => {
      for (const reply of replies) recordCall(callOfReply(reply, {}));
    });
  }
  const replyFailure = replies.at(-1)?.failure;
  const reported = replyFailure ?? failure;
  if (reported === undefined) end();
  else open.report(reported, areCalls && replyFailure !== undefined);
}
