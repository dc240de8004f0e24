/**
 * Follows calls of SDKs whose methods return the promise of the reply, or of a stream of it: those of OpenAI and
 * Anthropic, which share their inside. Their promise parses the reply when it is first asked for, so nothing here asks:
 * what the promise would do by itself is watched while it does it.
 */
import { watchForLoss } from "../abandoned.ts";
import { type CallReply, type CallStart, type OpenCall, openCall } from "../open-call.ts";
import { ABORTED } from "../outcome.ts";
import { guarded, isRecording } from "../registry.ts";
import type { Ending } from "../settle.ts";
import { followIterator } from "./follow-iterator.ts";

/** Reads what a reply tells, from its pieces or from the whole. Never throws. */
export interface ReplyReader {
  accept(piece: unknown): void;
  read(): CallReply;
}

/** The part of the SDKs' promises that is used. */
interface ApiPromise {
  responsePromise: Promise<unknown>;
  parseResponse: (...args: unknown[]) => unknown;
  asResponse: () => Promise<unknown>;
  _thenUnwrap: (transform: unknown) => unknown;
}

/** The part of the SDKs' streams that is used. */
interface ApiStream {
  iterator: () => AsyncIterator<unknown>;
  readonly controller?: { readonly signal?: AbortSignal };
}

/** Makes a call through `work`, and records it. Returns what `work` returns. */
export function followCall(describe: () => CallStart, createReader: () => ReplyReader, work: () => unknown): unknown {
  const call = isRecording() ? guarded(() => openCall(describe())) : undefined;
  if (call === undefined) return work();
  let returned: unknown;
  try {
    returned = call.run(work);
  } catch (error) {
    call.fail(error);
    throw error;
  }
  if (isApiPromise(returned)) followApiPromise(returned, call, createFollowed(call, createReader()));
  else call.succeed(undefined);
  return returned;
}

/** A call whose reply is awaited. */
interface FollowedCall extends Ending {
  /** The reply came, whole or as a stream. What is made of it comes here, too, and changes nothing. */
  reply(value: unknown): void;
}

function createFollowed(call: OpenCall, reader: ReplyReader): FollowedCall {
  // What is thrown away before it has ended ends with what was told until then.
  const ending = watchForLoss({
    succeed: () => call.succeed(reader.read()),
    fail: (error) => call.fail(error, reader.read()),
    cancel: () => call.succeed(reader.read()),
  });
  let hasReply = false;
  return {
    succeed: () => ending.succeed(),
    fail: (error) => ending.fail(error),
    cancel: () => ending.cancel(),
    reply: (value) => {
      if (hasReply) return;
      hasReply = true;
      if (isApiStream(value)) {
        followStream(value, ending, (chunk) => {
          call.firstChunk();
          reader.accept(chunk);
        });
      } else {
        reader.accept(value);
        ending.succeed();
      }
    },
  };
}

function isApiPromise(value: unknown): value is ApiPromise {
  if (!(value instanceof Promise)) return false;
  const { responsePromise, parseResponse, asResponse, _thenUnwrap } = value as Partial<ApiPromise>;
  const methods = [parseResponse, asResponse, _thenUnwrap];
  return responsePromise instanceof Promise && methods.every((method) => typeof method === "function");
}

function followApiPromise(promise: ApiPromise, call: OpenCall, followed: FollowedCall): void {
  const { responsePromise, parseResponse, asResponse, _thenUnwrap: thenUnwrap } = promise;
  let isParsed = false;
  const failed = (error: unknown): never => {
    followed.fail(error);
    throw error;
  };
  // Made when it is asked for: a rejection that no one handles must stay one, and no second one may come of it.
  let response: Promise<unknown> | undefined;
  Object.defineProperty(promise, "responsePromise", {
    configurable: true,
    enumerable: true,
    get: () => {
      response ??= responsePromise.then((value) => value, failed);
      return response;
    },
  });
  promise.parseResponse = async (...args) => {
    isParsed = true;
    let reply: unknown;
    try {
      reply = await call.run(() => parseResponse(...args));
    } catch (error) {
      return failed(error);
    }
    followed.reply(reply);
    return reply;
  };
  promise.asResponse = async () => {
    const raw = await Reflect.apply(asResponse, promise, []);
    // Whoever takes the raw response alone reads it himself; what it says stays unknown.
    setImmediate(() => {
      if (!isParsed) followed.cancel();
    });
    return raw;
  };
  promise._thenUnwrap = (transform) => {
    const derived = Reflect.apply(thenUnwrap, promise, [transform]);
    if (isApiPromise(derived)) followApiPromise(derived, call, followed);
    return derived;
  };
}

function isApiStream(value: unknown): value is ApiStream {
  return typeof value === "object" && value !== null && typeof (value as Partial<ApiStream>).iterator === "function";
}

function followStream(stream: ApiStream, ending: Ending, chunk: (value: unknown) => void): void {
  const { iterator, controller } = stream;
  const hasAborted = (): boolean => controller?.signal?.aborted === true;
  stream.iterator = () =>
    followIterator(Reflect.apply(iterator, stream, []), {
      chunk,
      // The streams end without a throw when they are aborted.
      ended: () => (hasAborted() ? ending.fail(ABORTED) : ending.succeed()),
      failed: (error) => ending.fail(error),
      // An SDK on top may leave because of an abort.
      left: () => (hasAborted() ? ending.fail(ABORTED) : ending.cancel()),
    });
}
