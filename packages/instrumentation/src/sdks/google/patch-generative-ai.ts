/** Records the calls that go through `@google/generative-ai`, Google's SDK before the present one. */
import { canonicalName } from "@moai-metrics/model";
import { followPromise, isPromiseLike } from "../../follow-promise.ts";
import { isStream, observeStream, type StreamObserver } from "../../observe-stream.ts";
import type { CallStart } from "../../open-call.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";
import type { PatchFile } from "../contract.ts";
import { followReply, followStreamedReply } from "../follow-reply.ts";
import { type Around, prototypeOf, wrapMethod } from "../wrap-method.ts";
import { createGoogleReader, readWholeReply } from "./read.ts";

const GENERATE = canonicalName("generateContent");

const whole: Around = (self, _, work) =>
  followReply(
    () => describe(self),
    work,
    (result) => readWholeReply(shapeOf(result)?.["response"]),
  );

const streamed: Around = (self, [, options], work) => {
  const signal = shapeOf(options)?.["signal"];
  return followStreamedReply(() => describe(self), work, {
    reader: createGoogleReader(),
    signal: signal instanceof AbortSignal ? signal : undefined,
    observe: observeBoth,
  });
};

const METHODS: Readonly<Record<string, Readonly<Record<string, Around>>>> = {
  GenerativeModel: { generateContent: whole, generateContentStream: streamed },
  ChatSession: { sendMessage: whole, sendMessageStream: streamed },
};

export const patchGenerativeAi: PatchFile = (_, bindings) => {
  const missing = Object.entries(METHODS).flatMap(([type, methods]) =>
    Object.entries(methods)
      .filter(([name, around]) => !wrapMethod(prototypeOf(bindings[type]), name, around))
      .map(([name]) => `${type}.${name}`),
  );
  return { missing };
};

function describe(self: unknown): CallStart {
  return {
    provider: "gcp.gemini",
    operation: GENERATE,
    model: textOf(shapeOf(self)?.["model"])?.replace(/^models\//, ""),
  };
}

/** A streamed reply comes twice: as a stream, and as a promise of the whole. Whichever is over first tells all. */
function observeBoth(result: unknown, observer: StreamObserver): unknown {
  const { stream, response } = shapeOf(result) ?? {};
  if (!isStream(stream) || !isPromiseLike(response)) return undefined;
  const onValue = (value: unknown): unknown => {
    observer.chunk(value);
    observer.ended(undefined);
    return value;
  };
  return {
    ...(result as object),
    stream: observeStream(stream, observer),
    response: followPromise(response, { onValue, onError: (error) => observer.failed(error) }),
  };
}
