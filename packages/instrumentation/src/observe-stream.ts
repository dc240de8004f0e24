/** Watches a stream go by without changing what its reader sees. */
import {
  type ReadableByteStreamController,
  ReadableStream,
  type ReadableStreamDefaultController,
} from "node:stream/web";
import { boundProxy } from "./bound-proxy.ts";
import { followPromise, isPromiseLike } from "./follow-promise.ts";
import { guarded } from "./registry.ts";

/** What happens to a stream. Exactly one of `ended`, `failed` and `left` is called, once, after the chunks. */
export interface StreamObserver {
  chunk(value: unknown): void;
  /** The stream came to its end; a generator's return value comes along. */
  ended(value: unknown): void;
  failed(error: unknown): void;
  /** The reader left before the end. */
  left(): void;
  /** Runs the stream's own code, which may record things. */
  run<T>(work: () => T): T;
}

/** Whether a value is a stream: a `ReadableStream`, an async generator, or anything to `for await` over. */
export function isStream(value: unknown): value is AsyncIterable<unknown> {
  try {
    return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
  } catch {
    return false;
  }
}

/** A stream of the same behaviour that tells `observer` what passes by. */
export function observeStream<T extends AsyncIterable<unknown>>(stream: T, observer: StreamObserver): T {
  if (stream instanceof ReadableStream) return observeReadable(stream, observer) as unknown as T;
  const call = (method: unknown, args: unknown[]): unknown => Reflect.apply(method as () => unknown, stream, args);
  const proxy: T = boundProxy(
    stream,
    (key, value) => {
      if (typeof value !== "function") return undefined;
      if (key === Symbol.asyncIterator) {
        return () => {
          const iterator = call(value, []) as AsyncIterator<unknown>;
          return (iterator as unknown) === stream ? proxy : observeIterator(iterator, observer);
        };
      }
      if (key === Symbol.asyncDispose) {
        return async () => {
          await observer.run(() => call(value, []));
          observer.left();
        };
      }
      if ((key === "next" || key === "return" || key === "throw") && "next" in stream) {
        return (...args: [unknown]) => step(key, () => call(value, args) as Step, observer);
      }
      return undefined;
    },
    (key, result) => {
      if (STREAM_METHODS.has(key)) {
        if (Array.isArray(result)) return result.map((each) => (isStream(each) ? observeStream(each, observer) : each));
        return isStream(result) ? observeStream(result, observer) : result;
      }
      return isLastWord(key) && isPromiseLike(result) ? observeLastWord(result, observer) : result;
    },
  );
  guarded(() => listen(stream, observer));
  return proxy;
}

/** Methods that give the same stream in another form. */
const STREAM_METHODS: ReadonlySet<PropertyKey> = new Set(["tee", "toReadableStream", "iterator"]);

/** Whether a method's promise settles when the stream is over: `finalMessage`, `finalChatCompletion`, `done`, … */
function isLastWord(key: PropertyKey): boolean {
  return typeof key === "string" && (key.startsWith("final") || key === "done");
}

function observeLastWord(promise: Promise<unknown>, observer: StreamObserver): unknown {
  return followPromise(promise, {
    onValue: (value) => {
      observer.ended(value);
      return value;
    },
    onError: (error) => observer.failed(error),
  });
}

/**
 * Follows the events of Node's streams and of the SDKs' helpers for streams, which may be read without being iterated.
 * Nobody may listen to `error` for us: that would mark it as handled.
 */
function listen(stream: object, observer: StreamObserver): void {
  const { on } = stream as { on?: unknown };
  if (typeof on !== "function") return;
  const over = (): void => {
    const { errored, aborted, readableAborted } = stream as Record<string, unknown>;
    if (errored instanceof Error) observer.failed(errored);
    else if (aborted === true || readableAborted === true) observer.left();
    // The error itself is on its way to whoever waits for the stream, and says more.
    else if (errored === true) setImmediate(() => observer.failed(undefined));
    else observer.ended(undefined);
  };
  for (const event of ["streamEvent", "chunk", "event"]) {
    Reflect.apply(on, stream, [event, (chunk: unknown) => observer.chunk(chunk)]);
  }
  for (const event of ["end", "close"]) Reflect.apply(on, stream, [event, () => guarded(over)]);
}

type Step = Promise<IteratorResult<unknown, unknown>>;

function observeIterator(iterator: AsyncIterator<unknown>, observer: StreamObserver): AsyncIterator<unknown> {
  return boundProxy(iterator, (key, value) => {
    if (typeof value !== "function" || (key !== "next" && key !== "return" && key !== "throw")) return undefined;
    return (...args: [unknown]) => step(key, () => Reflect.apply(value, iterator, args) as Step, observer);
  });
}

async function step(
  key: "next" | "return" | "throw",
  advance: () => Step,
  observer: StreamObserver,
): Promise<IteratorResult<unknown, unknown>> {
  let result: IteratorResult<unknown, unknown>;
  try {
    result = await observer.run(advance);
  } catch (error) {
    observer.failed(error);
    throw error;
  }
  if (!result.done) observer.chunk(result.value);
  else if (key === "return") observer.left();
  else observer.ended(result.value);
  return result;
}

/** The same for a `ReadableStream`, which stays one, of bytes where it is one of bytes. */
export function observeReadable(stream: ReadableStream, observer: StreamObserver): ReadableStream {
  const isOfBytes = isByteStream(stream);
  const source = stream.getReader();
  const pull = async (controller: ReadableStreamDefaultController | ReadableByteStreamController): Promise<void> => {
    try {
      const { done, value } = await source.read();
      if (done) {
        observer.ended(undefined);
        controller.close();
        // A reader that brought its own buffer waits until it is given back.
        if ("byobRequest" in controller) controller.byobRequest?.respond(0);
        return;
      }
      observer.chunk(value);
      controller.enqueue(value as never);
    } catch (error) {
      observer.failed(error);
      controller.error(error);
    }
  };
  const cancel = (reason: unknown): Promise<void> => {
    observer.left();
    return source.cancel(reason);
  };
  return isOfBytes
    ? (new ReadableStream({ type: "bytes", pull, cancel }) as ReadableStream)
    : new ReadableStream({ pull, cancel }, { highWaterMark: 0 });
}

function isByteStream(stream: ReadableStream): boolean {
  try {
    stream.getReader({ mode: "byob" }).releaseLock();
    return true;
  } catch {
    return false;
  }
}
