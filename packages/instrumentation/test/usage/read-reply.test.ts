import { describe, expect, it } from "vitest";
import { readReply } from "../../src/usage/read-reply.ts";
import { createStreamUsage } from "../../src/usage/read-stream.ts";

const zero = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };

describe("replies", () => {
  it.each([
    [
      "an OpenAI chat completion",
      {
        id: "chatcmpl-1",
        object: "chat.completion",
        model: "gpt-x",
        usage: {
          prompt_tokens: 100,
          completion_tokens: 20,
          prompt_tokens_details: { cached_tokens: 60 },
          completion_tokens_details: { reasoning_tokens: 5 },
        },
      },
      { provider: "openai", model: "gpt-x", responseId: "chatcmpl-1" },
      { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
    ],
    [
      "an OpenAI response",
      {
        id: "resp_1",
        object: "response",
        model: "gpt-x",
        usage: {
          input_tokens: 100,
          output_tokens: 20,
          input_tokens_details: { cached_tokens: 60 },
          output_tokens_details: { reasoning_tokens: 5 },
        },
      },
      { provider: "openai", responseId: "resp_1" },
      { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
    ],
    [
      "an Anthropic message",
      {
        id: "msg_1",
        type: "message",
        model: "claude-x",
        usage: {
          input_tokens: 40,
          cache_read_input_tokens: 60,
          cache_creation_input_tokens: 9,
          cache_creation: { ephemeral_5m_input_tokens: 4, ephemeral_1h_input_tokens: 5 },
          output_tokens: 20,
          server_tool_use: { web_search_requests: 2 },
        },
      },
      { provider: "anthropic", model: "claude-x", webSearches: 2 },
      { input: 40, cacheRead: 60, cacheWrite5m: 4, cacheWrite1h: 5, output: 20 },
    ],
    [
      "a Google response",
      {
        responseId: "g1",
        modelVersion: "gemini-x",
        usageMetadata: {
          promptTokenCount: 90,
          toolUsePromptTokenCount: 10,
          cachedContentTokenCount: 60,
          candidatesTokenCount: 15,
          thoughtsTokenCount: 5,
        },
      },
      { provider: "gcp.gen_ai", model: "gemini-x", responseId: "g1" },
      { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
    ],
    [
      "a Vercel result of version 6",
      {
        usage: {
          inputTokens: 100,
          outputTokens: 20,
          inputTokenDetails: { cacheReadTokens: 50, cacheWriteTokens: 10 },
          outputTokenDetails: { reasoningTokens: 5 },
        },
        response: { id: "r", modelId: "m" },
      },
      { model: "m", responseId: "r" },
      { input: 40, cacheRead: 50, cacheWrite5m: 10, output: 20, reasoning: 5 },
    ],
    [
      "a Vercel result of version 4",
      { usage: { promptTokens: 40, completionTokens: 20, totalTokens: 60 } },
      { model: undefined },
      { input: 40, output: 20 },
    ],
    [
      "a Vercel result of version 5 whose input leaves cached tokens out",
      { usage: { inputTokens: 40, outputTokens: 20, cachedInputTokens: 60 } },
      {},
      { input: 40, cacheRead: 60, output: 20 },
    ],
    [
      "a Vercel result that names its uncached tokens",
      {
        usage: {
          inputTokens: 40,
          outputTokens: 20,
          inputTokenDetails: { noCacheTokens: 40, cacheReadTokens: 30, cacheWriteTokens: 5 },
        },
      },
      {},
      { input: 40, cacheRead: 30, cacheWrite5m: 5, output: 20 },
    ],
    [
      "what a provider of the Vercel AI SDK returns",
      {
        usage: {
          inputTokens: { total: 10, noCache: 4, cacheRead: 6, cacheWrite: undefined },
          outputTokens: { total: 3, text: 2, reasoning: 1 },
        },
        response: { id: "a", modelId: "m" },
      },
      { model: "m", responseId: "a" },
      { input: 4, cacheRead: 6, output: 3, reasoning: 1 },
    ],
    [
      "a completion counted in bigints",
      { id: "b", usage: { prompt_tokens: 5n, completion_tokens: 6n } },
      { provider: "openai" },
      { input: 5, output: 6 },
    ],
    [
      "a reply inside of an agent's result",
      { text: "hi", response: { id: "m", model: "c", usage: { input_tokens: 40, output_tokens: 20 } } },
      { responseId: "m" },
      { input: 40, output: 20 },
    ],
  ])("%s is read", (_name, reply, fields, tokens) => {
    expect(readReply(reply)).toMatchObject([{ ...fields, tokens: { ...zero, ...tokens } }]);
  });

  it("of several steps are one call each", () => {
    const step = (id: string, inputTokens: number) => ({
      usage: { inputTokens, outputTokens: 1 },
      response: { id, modelId: "m" },
    });
    const result = { steps: [step("a", 1), step("b", 2)], totalUsage: { inputTokens: 3, outputTokens: 2 } };
    expect(readReply(result).map((reply) => [reply.responseId, reply.tokens?.input])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it("without a known usage are unknown, not zero", () => {
    for (const reply of [
      null,
      5,
      "x",
      {},
      { usage: {} },
      { usage: { promptTokens: NaN, completionTokens: NaN } },
      { id: "c", usage: { prompt_tokens: null, completion_tokens: null } },
      { type: "message", usage: { input_tokens: null, output_tokens: NaN } },
      { usageMetadata: { promptTokenCount: null } },
      [],
    ]) {
      expect(readReply(reply)).toEqual([]);
    }
  });
});

describe("streams", () => {
  const read = (...chunks: unknown[]) => {
    const usage = createStreamUsage();
    for (const chunk of chunks) usage.accept(chunk);
    return usage.read();
  };

  it("of Anthropic take later figures over earlier ones", () => {
    expect(
      read(
        {
          type: "message_start",
          message: { id: "m", model: "c", usage: { input_tokens: 9, cache_read_input_tokens: 4, output_tokens: 1 } },
        },
        { type: "content_block_delta", delta: { text: "…" } },
        { type: "message_delta", usage: { output_tokens: 30, input_tokens: null } },
        { type: "message_stop" },
      ),
    ).toMatchObject([{ responseId: "m", model: "c", tokens: { input: 9, cacheRead: 4, output: 30 } }]);
  });

  it("whose chunks lack what they should hold give what the rest tells", () => {
    expect(
      read(
        undefined,
        "text",
        { type: "message_start" },
        { type: "message_start", message: { model: "c" } },
        { type: "message_delta" },
        { type: "message_delta", usage: { input_tokens: 2, output_tokens: 3 } },
      ),
    ).toMatchObject([{ model: "c", tokens: { input: 2, output: 3 } }]);
  });

  it("of OpenAI responses read the completed one", () => {
    expect(
      read(
        { type: "response.created", response: { id: "r", object: "response", usage: null } },
        {
          type: "response.completed",
          response: { id: "r", object: "response", model: "g", usage: { input_tokens: 5, output_tokens: 2 } },
        },
      ),
    ).toMatchObject([{ responseId: "r", tokens: { input: 5, output: 2 } }]);
  });

  it("of Google take the last of the growing counts", () => {
    const chunk = (candidatesTokenCount: number) => ({
      responseId: "g",
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount },
    });
    expect(read(chunk(1), chunk(5), chunk(9))).toMatchObject([{ tokens: { input: 3, output: 9 } }]);
  });

  it("of several replies keep them apart", () => {
    const start = (id: string) => ({
      type: "message_start",
      message: { id, usage: { input_tokens: 1, output_tokens: 1 } },
    });
    expect(read(start("a"), start("b"))).toHaveLength(2);
  });

  it("survive chunks that throw", () => {
    const trap = new Proxy(
      {},
      {
        get: () => {
          throw new Error("trap");
        },
      },
    );
    expect(read(trap, null, 5)).toEqual([]);
  });
});
