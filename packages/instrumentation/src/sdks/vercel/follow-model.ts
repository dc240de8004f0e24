/** Follows the calls of a model of the Vercel AI SDK: of one that writes, or of one that embeds. */
import { ReadableStream } from "node:stream/web";
import { canonicalName } from "@moai-metrics/model";
import { watchForLoss } from "../../abandoned.ts";
import { boundProxy } from "../../bound-proxy.ts";
import { observeReadable } from "../../observe-stream.ts";
import { ABORTED, type CallReply, type OpenCall, openCall } from "../../open-call.ts";
import { guarded, isRecording } from "../../registry.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";
import { providerName } from "./provider-name.ts";
import { createVercelReader, readEmbedReply, readGenerateReply } from "./read.ts";

type Method = (...args: unknown[]) => unknown;

const CHAT = canonicalName("chat");
const EMBEDDINGS = canonicalName("embeddings");

/** The proxy of a model, and every proxy itself: the SDK resolves a model more than once. */
const proxies = new WeakMap<object, object>();

/** The same model, whose calls are recorded. */
export function followModel(model: unknown): unknown {
  if (typeof model !== "object" || model === null) return model;
  const known = proxies.get(model);
  if (known !== undefined) return known;
  const methods = new Map<PropertyKey, Method>();
  const proxy = boundProxy(model, (key, value) => {
    const follow = FOLLOWED[key as string];
    if (follow === undefined || typeof value !== "function") return undefined;
    let method = methods.get(key);
    if (method === undefined) {
      method = (...args) => follow(model, args, () => Reflect.apply(value, model, args) as Promise<unknown>);
      methods.set(key, method);
    }
    return method;
  });
  proxies.set(model, proxy);
  proxies.set(proxy, proxy);
  return proxy;
}

type Follow = (model: object, args: readonly unknown[], work: () => Promise<unknown>) => Promise<unknown>;

const FOLLOWED: Readonly<Record<string, Follow>> = {
  doGenerate: (model, _, work) => followWhole(open(model, CHAT), work, readGenerateReply),
  doEmbed: (model, _, work) => followWhole(open(model, EMBEDDINGS), work, readEmbedReply),
  doStream: (model, args, work) => followStreamed(open(model, CHAT), signalOf(args), work),
};

function open(model: object, operation: string): OpenCall | undefined {
  if (!isRecording()) return undefined;
  const { provider, modelId } = model as { provider?: unknown; modelId?: unknown };
  return guarded(() => openCall({ provider: providerName(provider), operation, model: modelId }));
}

async function followWhole(
  call: OpenCall | undefined,
  work: () => Promise<unknown>,
  read: (result: unknown) => CallReply,
): Promise<unknown> {
  if (call === undefined) return work();
  const result = await call.run(work).catch((error: unknown) => failed(call, error));
  call.succeed(guarded(() => read(result)));
  return result;
}

async function followStreamed(
  call: OpenCall | undefined,
  signal: AbortSignal | undefined,
  work: () => Promise<unknown>,
): Promise<unknown> {
  if (call === undefined) return work();
  const result = await call.run(work).catch((error: unknown) => failed(call, error));
  const stream = shapeOf(result)?.["stream"];
  if (!(stream instanceof ReadableStream)) {
    call.succeed(undefined);
    return result;
  }
  const reader = createVercelReader();
  const ending = watchForLoss({
    succeed: () =>
      reader.error() === undefined ? call.succeed(reader.read()) : call.fail(reader.error(), reader.read()),
    fail: (error) => call.fail(error, reader.read()),
    // The SDK leaves a stream when it is aborted, as a reader does who has seen enough.
    cancel: () => (signal?.aborted ? call.fail(ABORTED, reader.read()) : call.succeed(reader.read())),
  });
  const followed = observeReadable(stream, {
    chunk: (part) =>
      guarded(() => {
        if (isContent(part)) call.firstChunk();
        reader.accept(part);
      }),
    ended: () => ending.succeed(),
    failed: (error) => ending.fail(error),
    left: () => ending.cancel(),
    run: (step) => step(),
  });
  return { ...(result as object), stream: followed };
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const signal = shapeOf(args[0])?.["abortSignal"];
  return signal instanceof AbortSignal ? signal : undefined;
}

function failed(call: OpenCall, error: unknown): never {
  call.fail(error);
  throw error;
}

/** What a provider says before it has anything from the model. */
const PREFACES: ReadonlySet<string> = new Set(["stream-start", "response-metadata", "raw"]);

function isContent(part: unknown): boolean {
  const type = textOf(shapeOf(part)?.["type"]);
  return type !== undefined && !PREFACES.has(type);
}
