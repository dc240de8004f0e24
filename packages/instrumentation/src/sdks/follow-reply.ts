/** Follows calls of SDKs whose methods return a plain promise of the reply, or of a stream of it. */
import { watchForLoss } from "../abandoned.ts";
import { observeStream, type StreamObserver } from "../observe-stream.ts";
import { type CallReply, type CallStart, type OpenCall, openCall } from "../open-call.ts";
import { ABORTED, thrownUnder } from "../outcome.ts";
import { guarded, isRecording } from "../registry.ts";
import type { Ending } from "../settle.ts";
import type { ReplyReader } from "./follow-call.ts";

/** Makes a call through `work`, and records it. Returns what `work` returns. */
export async function followReply(
  describe: () => CallStart,
  work: () => unknown,
  read: (reply: unknown) => CallReply,
): Promise<unknown> {
  const call = start(describe);
  if (call === undefined) return work();
  const reply = await replyOf(call, work);
  call.succeed(guarded(() => read(reply)));
  return reply;
}

/** Reads the pieces of a streamed reply. Never throws. */
export interface StreamReader extends ReplyReader {
  /** The error that the stream told as one of its pieces. */
  error?(): unknown;
  /** Whether a piece comes from the model; default: each does. */
  isContent?(piece: unknown): boolean;
}

/** How a streamed reply is followed. */
export interface StreamedReply {
  readonly reader: StreamReader;
  /** Aborts the call: who leaves the stream then has not seen enough. */
  readonly signal: AbortSignal | undefined;
  /** What the caller gets for the reply: its stream observed. Undefined where it has none. */
  observe(reply: unknown, observer: StreamObserver): unknown;
}

/** The same for a reply that is a stream, or has one. */
export async function followStreamedReply(
  describe: () => CallStart,
  work: () => unknown,
  { reader, signal, observe }: StreamedReply,
): Promise<unknown> {
  const call = start(describe);
  if (call === undefined) return work();
  const reply = await replyOf(call, work);
  const { observer, ending } = observerOf(call, reader, signal);
  const observed = guarded(() => observe(reply, observer));
  if (observed !== undefined) return observed;
  ending.succeed();
  return reply;
}

/** The same for a generator of the pieces, which makes the call when it is first asked, and whose code runs inside. */
export function followGenerator<T extends AsyncIterable<unknown>>(
  describe: () => CallStart,
  generator: T,
  { reader, signal }: Pick<StreamedReply, "reader" | "signal">,
): T {
  let followed: { readonly call: OpenCall; readonly observer: StreamObserver } | undefined;
  const open = (): typeof followed => {
    const call = start(describe);
    return call === undefined ? undefined : { call, observer: observerOf(call, reader, signal).observer };
  };
  return observeStream(generator, {
    run: (step) => {
      followed ??= open();
      return followed === undefined ? step() : followed.call.run(step);
    },
    chunk: (piece) => followed?.observer.chunk(piece),
    ended: (value) => followed?.observer.ended(value),
    failed: (error) => followed?.observer.failed(error),
    left: () => followed?.observer.left(),
  });
}

/** What sees the pieces of a reply; it ends the call, also when it is thrown away before the reply has ended. */
function observerOf(
  call: OpenCall,
  reader: StreamReader,
  signal: AbortSignal | undefined,
): { readonly observer: StreamObserver; readonly ending: Ending } {
  const ending = watchForLoss({
    succeed: () => {
      const error = reader.error?.();
      if (error === undefined) call.succeed(reader.read());
      else call.fail(error, reader.read());
    },
    fail: (error) => call.fail(thrownUnder(signal, error), reader.read()),
    cancel: () => (signal?.aborted ? call.fail(ABORTED, reader.read()) : call.succeed(reader.read())),
  });
  const observer: StreamObserver = {
    chunk: (piece) =>
      guarded(() => {
        if (reader.isContent?.(piece) !== false) call.firstChunk();
        reader.accept(piece);
      }),
    ended: () => ending.succeed(),
    failed: (error) => ending.fail(error),
    left: () => ending.cancel(),
    run: (step) => step(),
  };
  return { observer, ending };
}

function start(describe: () => CallStart): OpenCall | undefined {
  return isRecording() ? guarded(() => openCall(describe())) : undefined;
}

async function replyOf(call: OpenCall, work: () => unknown): Promise<unknown> {
  try {
    return await call.run(work);
  } catch (error) {
    call.fail(error);
    throw error;
  }
}
