/** Follows the calls of a model of the Vercel AI SDK: of one that writes, or of one that embeds. */
import { ReadableStream } from "node:stream/web";
import { canonicalName } from "@moai-metrics/model";
import { boundProxy } from "../../bound-proxy.ts";
import { observeReadable } from "../../observe-stream.ts";
import type { CallStart } from "../../open-call.ts";
import { shapeOf } from "../../usage/shape.ts";
import { followReply, followStreamedReply } from "../follow-reply.ts";
import { providerName } from "../provider-name.ts";
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
      method = (...args) => follow(model, args, () => Reflect.apply(value, model, args));
      methods.set(key, method);
    }
    return method;
  });
  proxies.set(model, proxy);
  proxies.set(proxy, proxy);
  return proxy;
}

type Follow = (model: object, args: readonly unknown[], work: () => unknown) => Promise<unknown>;

const FOLLOWED: Readonly<Record<string, Follow>> = {
  doGenerate: (model, _, work) => followReply(() => describe(model, CHAT), work, readGenerateReply),
  doEmbed: (model, _, work) => followReply(() => describe(model, EMBEDDINGS), work, readEmbedReply),
  doStream: followStreamed,
};

function describe(model: object, operation: string): CallStart {
  const { provider, modelId } = model as { provider?: unknown; modelId?: unknown };
  return { provider: providerName(provider), operation, model: modelId };
}

function followStreamed(model: object, args: readonly unknown[], work: () => unknown): Promise<unknown> {
  return followStreamedReply(() => describe(model, CHAT), work, {
    reader: createVercelReader(),
    // The SDK leaves a stream when it is aborted, as a reader does who has seen enough.
    signal: signalOf(args),
    observe: (result, observer) => {
      const stream = shapeOf(result)?.["stream"];
      if (!(stream instanceof ReadableStream)) return undefined;
      return { ...(result as object), stream: observeReadable(stream, observer) };
    },
  });
}

function signalOf(args: readonly unknown[]): AbortSignal | undefined {
  const signal = shapeOf(args[0])?.["abortSignal"];
  return signal instanceof AbortSignal ? signal : undefined;
}
