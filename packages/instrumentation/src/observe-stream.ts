/** Watches a stream go by without changing what its reader sees. */
import { ReadableStream } from "node:stream/web";
import { boundProxy } from "./bound-proxy.ts";

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
  return boundProxy(stream, (key, value) => {
    if (typeof value !== "function") return undefined;
    if (key === Symbol.asyncIterator) {
      return () => observeIterator(Reflect.apply(value, stream, []) as AsyncIterator<unknown>, observer);
    }
    if ((key === "next" || key === "return" || key === "throw") && "next" in stream) {
      const iterator = stream as unknown as AsyncIterator<unknown>;
      return (...args: [unknown]) => step(key, () => Reflect.apply(value, iterator, args) as Step, observer);
    }
    return undefined;
  });
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

function observeReadable(stream: ReadableStream, observer: StreamObserver): ReadableStream {
  const source = stream.getReader();
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await source.read();
          if (done) {
            observer.ended(undefined);
            controller.close();
            return;
          }
          observer.chunk(value);
          controller.enqueue(value);
        } catch (error) {
          observer.failed(error);
          controller.error(error);
        }
      },
      cancel: (reason) => {
        observer.left();
        return source.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
