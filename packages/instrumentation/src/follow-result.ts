/** Follows the result of a streamed call of the Vercel AI SDK, or of an agent of Mastra: streams, promises and methods side by side. */
import { boundProxy } from "./bound-proxy.ts";
import { followPromise, isPromiseLike } from "./follow-promise.ts";
import { isStream, observeReadable, observeStream, type StreamObserver } from "./observe-stream.ts";
import { guarded } from "./registry.ts";

/** What such a result tells at its end. */
export interface StreamTotals {
  readonly usage: unknown;
  readonly response: unknown;
  readonly finishReason: unknown;
  /** What ended it, where it tells. */
  readonly error: unknown;
}

/** Where such a result stands. */
export interface ResultObserver {
  /** A new observer of one of the result's streams. */
  createStreamObserver(): StreamObserver;
  /** Everything has been read; the totals are known, and reading them starts nothing. */
  ended(totals: StreamTotals): void;
  failed(error: unknown): void;
  left(): void;
}

/** Whether a value is such a result. */
export function isStreamResult(value: unknown): value is object {
  try {
    return typeof value === "object" && value !== null && ("fullStream" in value || "textStream" in value);
  } catch {
    return false;
  }
}

/** Only what the application itself asks for is watched: asking by ourselves would start the stream. */
export function followResult<T extends object>(result: T, observer: ResultObserver): T {
  const known = new WeakMap<object, unknown>();
  const end = (): void => void guarded(() => endWithTotals(result, observer));
  const remember = (value: object, replaced: unknown): unknown => {
    known.set(value, replaced);
    return replaced;
  };
  const follow = (key: PropertyKey, value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return undefined;
    if (known.has(value)) return known.get(value);
    if (isStream(value)) return remember(value, observeStream(value, observerOfStream(key, observer, end)));
    if (isPromiseLike(value)) {
      const onValue = (settled: unknown): unknown => {
        end();
        return settled;
      };
      return remember(value, followPromise(value, { onValue, onError: (error) => observer.failed(error) }));
    }
    if (value instanceof Response && value.body !== null) {
      const body = observeReadable(value.body as never, observerOfStream(key, observer, end));
      return new Response(body as never, value);
    }
    return undefined;
  };
  return boundProxy(result, follow, (key, returned, args) => {
    for (const target of args) if (isServerResponse(target)) followServerResponse(target, end, observer);
    return follow(key, returned) ?? returned;
  });
}

function observerOfStream(key: PropertyKey, observer: ResultObserver, end: () => void): StreamObserver {
  const own = observer.createStreamObserver();
  return key === "fullStream" ? own : { ...own, ended: end };
}

function endWithTotals(result: object, observer: ResultObserver): void {
  const { totalUsage, usage, response, finishReason, error } = result as Record<string, unknown>;
  void Promise.all([totalUsage ?? usage, response, finishReason]).then(
    ([total, reply, reason]) => observer.ended({ usage: total, response: reply, finishReason: reason, error }),
    (thrown: unknown) => observer.failed(thrown),
  );
}

/** What `pipeTextStreamToResponse` and its like write to. */
interface ServerResponse {
  readonly writableFinished: boolean;
  once(event: "close", listener: () => void): unknown;
}

function isServerResponse(value: unknown): value is ServerResponse {
  return typeof value === "object" && value !== null && "writableFinished" in value && "once" in value;
}

function followServerResponse(target: ServerResponse, end: () => void, observer: ResultObserver): void {
  target.once("close", () => (target.writableFinished ? end() : guarded(() => observer.left())));
}
