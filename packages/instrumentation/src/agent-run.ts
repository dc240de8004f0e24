/** One run of an instrumented agent: from the call to the end of whatever it returned. */
import { types } from "node:util";
import { boundProxy } from "./bound-proxy.ts";
import { isStream, observeStream, type StreamObserver } from "./observe-stream.ts";
import { type OpenTask, openTask } from "./open-task.ts";
import { recordCall } from "./record-usage.ts";
import { guarded, registry } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import { isPlainPromise } from "./settle.ts";
import { readReply } from "./usage/read-reply.ts";
import { createStreamUsage } from "./usage/read-stream.ts";
import type { ReplyUsage } from "./usage/shape.ts";

/** Runs `work` as one run of the agent, which lasts until the promise or stream that `work` returns has ended. */
export function runAgent<T>(agent: string, work: () => T): T {
  const open = registry.settings.isEnabled ? guarded(() => openAgentTask(agent)) : undefined;
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
 * inside of it.
 */
export function runGenerator<T extends AsyncIterable<unknown>>(agent: string, generator: T): T {
  let observer: StreamObserver | undefined;
  const started = (): StreamObserver => {
    observer ??= createObserver(guarded(() => openAgentTask(agent)));
    return observer;
  };
  return observeStream(generator, {
    run: (work) => (registry.settings.isEnabled || observer !== undefined ? started().run(work) : work()),
    chunk: (value) => observer?.chunk(value),
    ended: (value) => observer?.ended(value),
    failed: (error) => observer?.failed(error),
    left: () => observer?.left(),
  });
}

function openAgentTask(agent: string): OpenTask {
  return openTask({ agent }, true);
}

/** Whatever cannot be followed is handed on as it is. */
function followOrPass(open: OpenTask, returned: unknown): unknown {
  const followed = guarded(() => ({ value: followReturned(open, returned) }));
  return followed === undefined ? returned : followed.value;
}

function followReturned(open: OpenTask, returned: unknown): unknown {
  if (types.isPromise(returned)) return followPromise(open, returned);
  if (isStream(returned)) return observeStream(returned, createObserver(open));
  if (isStreamResult(returned)) return followStreamResult(open, returned);
  guarded(() => {
    recordReplies(open, readReply(returned));
    open.succeed();
  });
  return returned;
}

function followPromise(open: OpenTask, promise: Promise<unknown>): unknown {
  const follow = (original: Promise<unknown>): Promise<unknown> =>
    original.then(
      (value) => followOrPass(open, value),
      (error: unknown) => {
        guarded(() => open.fail(error));
        throw error;
      },
    );
  if (isPlainPromise(promise)) return follow(promise);
  // Promises of SDKs have methods of their own and start working when first asked: followed only when awaited.
  let followed: Promise<unknown> | undefined;
  return boundProxy(promise, (key) => {
    if (key !== "then" && key !== "catch" && key !== "finally") return undefined;
    return (...handlers: unknown[]) => {
      followed ??= follow(promise);
      return Reflect.apply(followed[key] as () => unknown, followed, handlers);
    };
  });
}

/** The Vercel AI SDK's result of a streamed call: streams and promises side by side. */
function isStreamResult(value: unknown): value is object {
  try {
    return typeof value === "object" && value !== null && ("fullStream" in value || "textStream" in value);
  } catch {
    return false;
  }
}

function followStreamResult(open: OpenTask, result: object): object {
  const observed = new Map<PropertyKey, unknown>();
  // Only streams and promises that the application asks for are watched: asking by ourselves would start the stream.
  return boundProxy(result, (key, value) => {
    if (observed.has(key)) return observed.get(key);
    if (isStream(value)) {
      const observer = createObserver(open);
      const isFull = key === "fullStream";
      const stream = observeStream(value, {
        ...observer,
        ended: (last) => (isFull ? observer.ended(last) : endWithTotal(open, result)),
      });
      // A stream can be read once, and some getters make a new one on every access.
      if (value instanceof ReadableStream) return stream;
      observed.set(key, stream);
      return stream;
    }
    if (types.isPromise(value)) {
      void value.then(
        () => endWithTotal(open, result),
        (error: unknown) => guarded(() => open.fail(error)),
      );
    }
    return undefined;
  });
}

/** The stream is over, so the promises of its result can be read without starting anything. */
function endWithTotal(open: OpenTask, result: object): void {
  const { totalUsage, usage, response } = result as Record<string, unknown>;
  void Promise.all([totalUsage ?? usage, response]).then(
    ([total, reply]) =>
      guarded(() => {
        recordReplies(open, readReply({ usage: total, response: reply }));
        open.succeed();
      }),
    (error: unknown) => guarded(() => open.fail(error)),
  );
}

function createObserver(open: OpenTask | undefined): StreamObserver {
  const usage = createStreamUsage();
  let isOver = false;
  const finish = (end: () => void, last?: unknown): void => {
    if (isOver || open === undefined) return;
    isOver = true;
    guarded(() => {
      const seen = usage.read();
      recordReplies(open, seen.length > 0 ? seen : readReply(last));
      end();
    });
  };
  return {
    run: (work) => (open === undefined ? work() : runInScope(open.scope, work)),
    chunk: (value) => usage.accept(value),
    ended: (value) => finish(() => open?.succeed(), value),
    failed: (error) => finish(() => open?.fail(error)),
    left: () => finish(() => open?.cancel()),
  };
}

/** What an agent returns is a call of its own only where nothing inside was recorded; else it is a sum. */
function recordReplies(open: OpenTask, replies: readonly ReplyUsage[]): void {
  if (open.state.hasUsageInside) return;
  runInScope(open.scope, () => {
    for (const reply of replies) recordCall(reply);
  });
}
