/** Reads what chat models of LangChain answer. Its usage counts as the conventions do: the input includes the cache. */
import { normalizeTokens, TOKEN_CONVENTIONS } from "@moai-metrics/model";
import type { CallReply } from "../../open-call.ts";
import { numberOf, type Shape, shapeOf, textOf } from "../../usage/shape.ts";
import type { StreamReader } from "../follow-reply.ts";

interface Counts {
  input: number | undefined;
  output: number | undefined;
  cacheRead: number | undefined;
  cacheWrite: number | undefined;
  reasoning: number | undefined;
}

/** A `ChatResult`. */
export function readChatResult(result: unknown): CallReply {
  const generations = shapeOf(result)?.["generations"];
  const message = shapeOf(shapeOf(Array.isArray(generations) ? generations[0] : undefined)?.["message"]);
  return replyOf(namesIn(message), countsIn(shapeOf(message?.["usage_metadata"])));
}

/** Creates the reader of one reply: of chunks, whose counts add up, or of events, whose last counts hold. */
export function createLangChainReader(): StreamReader {
  let names: CallReply;
  let counts: Counts | undefined;
  return {
    accept: (piece) => {
      const chunk = shapeOf(piece);
      const message = shapeOf(chunk?.["message"]);
      names = { ...names, ...namesIn(message) };
      const more = countsIn(shapeOf(message?.["usage_metadata"]));
      if (more !== undefined) counts = counts === undefined ? more : sumOf(counts, more);
      else counts = countsIn(shapeOf(chunk?.["usage"])) ?? counts;
    },
    read: () => replyOf(names, counts),
  };
}

function replyOf(names: CallReply, counts: Counts | undefined): CallReply {
  return counts === undefined ? names : { ...names, tokens: normalizeTokens(counts, TOKEN_CONVENTIONS.semconv) };
}

function countsIn(usage: Shape | undefined): Counts | undefined {
  const input = numberOf(usage?.["input_tokens"]);
  const output = numberOf(usage?.["output_tokens"]);
  if (input === undefined && output === undefined) return undefined;
  const inputs = shapeOf(usage?.["input_token_details"]);
  return {
    input,
    output,
    cacheRead: numberOf(inputs?.["cache_read"]),
    cacheWrite: numberOf(inputs?.["cache_creation"]),
    reasoning: numberOf(shapeOf(usage?.["output_token_details"])?.["reasoning"]),
  };
}

function sumOf(a: Counts, b: Counts): Counts {
  const sum = (key: keyof Counts): number => (a[key] ?? 0) + (b[key] ?? 0);
  return {
    input: sum("input"),
    output: sum("output"),
    cacheRead: sum("cacheRead"),
    cacheWrite: sum("cacheWrite"),
    reasoning: sum("reasoning"),
  };
}

function namesIn(message: Shape | undefined): CallReply {
  const metadata = shapeOf(message?.["response_metadata"]);
  const model = textOf(metadata?.["model_name"]) ?? textOf(metadata?.["model"]);
  const id = textOf(message?.["id"]);
  // An id of a run is LangChain's own.
  const responseId = id?.startsWith("run-") ? undefined : id;
  return { ...(model === undefined ? {} : { model }), ...(responseId === undefined ? {} : { responseId }) };
}
