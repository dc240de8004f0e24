/** Follows the calls of chat models of LangChain, at the methods that their classes answer them with. */
import { canonicalName } from "@moai-metrics/model";
import type { CallStart } from "../../open-call.ts";
import { guarded } from "../../registry.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";
import { followGenerator, followReply } from "../follow-reply.ts";
import { providerName } from "../provider-name.ts";
import { type Around, ownerOf, wrapMethod } from "../wrap-method.ts";
import { createLangChainReader, readChatResult } from "./read.ts";

const CHAT = canonicalName("chat");

/** The classes whose methods are wrapped. */
const followed = new WeakSet<object>();
const providers = new WeakMap<object, string>();

const streamed: Around = (self, [, options], work) =>
  followGenerator(() => describe(self), work() as AsyncIterable<unknown>, {
    reader: createLangChainReader(),
    signal: signalIn(options),
  });

const METHODS: Readonly<Record<string, Around>> = {
  _generate: (self, _, work) => followReply(() => describe(self), work, readChatResult),
  _streamResponseChunks: streamed,
  _streamChatModelEvents: streamed,
};

/** Wraps the methods of a model's class; what the class has from `base` asks these methods, and stays as it is. */
export function followModelOf(model: unknown, base: unknown): void {
  const type = shapeOf(model)?.constructor;
  if (type === undefined || followed.has(type)) return;
  followed.add(type);
  guarded(() => {
    for (const [name, around] of Object.entries(METHODS)) {
      const owner = ownerOf(model, name);
      if (owner !== base) wrapMethod(owner, name, around);
    }
  });
}

function describe(model: unknown): CallStart {
  const self = shapeOf(model);
  return { provider: providerOf(model), operation: CHAT, model: textOf(self?.["model"]) ?? self?.["modelName"] };
}

/** What the class says of itself; asking it takes a while. */
function providerOf(model: unknown): string {
  const self = shapeOf(model);
  const type = self?.constructor ?? {};
  let provider = providers.get(type);
  if (provider === undefined) {
    const ask = self?.["getLsParams"];
    const params = typeof ask === "function" ? guarded(() => Reflect.apply(ask, model, [{}]) as unknown) : undefined;
    provider = providerName(textOf(shapeOf(params)?.["ls_provider"])?.toLowerCase());
    providers.set(type, provider);
  }
  return provider;
}

function signalIn(options: unknown): AbortSignal | undefined {
  const signal = shapeOf(options)?.["signal"];
  return signal instanceof AbortSignal ? signal : undefined;
}
