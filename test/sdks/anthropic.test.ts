/** The Anthropic SDK 1.14.0: what the provider said is what the ledger and the metrics say. */
import type Anthropic from "@anthropic-ai/sdk";
import { instrumentAgent, withTask } from "@moai-metrics/instrumentation";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
let client: Anthropic;

beforeAll(async () => {
  script = await startScript();
  const sdk = await import("@anthropic-ai/sdk");
  client = new sdk.Anthropic({ apiKey: "none", baseURL: script.provider.url, maxRetries: 0 });
});
afterAll(() => script.stop());

const MODEL = "claude-opus-9-20261101";
const ask = { model: "claude-opus-9", max_tokens: 100, messages: [{ role: "user" as const, content: "hi" }] };
const text = { type: "text", text: "hello" };
const toolUse = { type: "tool_use", id: "toolu_1", name: "look", input: {} };

let ids = 0;
function messageBody(usage: unknown, content: readonly object[] = [text]) {
  ids += 1;
  const reason = content.includes(toolUse) ? "tool_use" : "end_turn";
  return { id: `msg_${ids}`, type: "message", role: "assistant", model: MODEL, content, stop_reason: reason, usage };
}
const message = (usage: unknown, content?: readonly object[]): Answer => ({ json: messageBody(usage, content) });

/** The first event tells the input, the last but one the output; `more` is what the last one adds. */
function stream(
  input: object,
  output: number,
  last: "end" | "cut" | "hang" | "error" = "end",
  more: object = {},
): Answer {
  const begun = { ...messageBody({ ...input, output_tokens: 1 }), content: [], stop_reason: null };
  const events: { type: string; [field: string]: unknown }[] = [
    { type: "message_start", message: begun },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "ping" },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "hello" } },
  ];
  if (last === "error") events.push({ type: "error", error: { type: "overloaded_error", message: "secret" } });
  if (last === "end") {
    events.push(
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: output, ...more } },
      { type: "message_stop" },
    );
  }
  return { events: events.map((data) => ({ event: data.type, data })), last: last === "error" ? "end" : last };
}

it("twenty calls of every kind are in the ledger and the metrics, each once, with the provider's figures", async () => {
  const { messages } = client;
  // Whole messages.
  script.next([message({ input_tokens: 100, output_tokens: 20 })], {
    model: MODEL,
    tokens: { input: 100, output: 20 },
  });
  await messages.create(ask);
  const cached = {
    cache_read_input_tokens: 5000,
    cache_creation_input_tokens: 300,
    cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
  };
  script.next([message({ input_tokens: 7, output_tokens: 21, ...cached })], {
    model: MODEL,
    tokens: { input: 7, cacheRead: 5000, cacheWrite5m: 200, cacheWrite1h: 100, output: 21 },
  });
  await messages.create(ask);
  script.next([message({ input_tokens: 50, output_tokens: 9 }, [toolUse])], {
    model: MODEL,
    tokens: { input: 50, output: 9 },
  });
  await messages.create({ ...ask, tools: [{ name: "look", input_schema: { type: "object" } }] });
  script.next([message(undefined)], { model: MODEL });
  await messages.create(ask);
  script.next([message({ input_tokens: 51, output_tokens: 8 })], { model: MODEL, tokens: { input: 51, output: 8 } });
  const { data, request_id } = await messages.create(ask).withResponse();
  expect([data.content, request_id]).toEqual([[text], null]);
  script.next([message({ input_tokens: 1, output_tokens: 1 })], { model: "claude-opus-9" });
  await messages.create(ask).asResponse();
  script.next([message({ input_tokens: 52, output_tokens: 7 })], { model: MODEL, tokens: { input: 52, output: 7 } });
  await messages.parse(ask);
  script.next([message({ input_tokens: 53, output_tokens: 6 })], { model: MODEL, tokens: { input: 53, output: 6 } });
  await client.beta.messages.create(ask);
  script.next([{ json: { input_tokens: 999 } }]);
  await messages.countTokens({ model: ask.model, messages: ask.messages });

  // Streams: read, abandoned, through the helpers, twice.
  script.next([stream({ input_tokens: 60, cache_read_input_tokens: 4000 }, 30)], {
    model: MODEL,
    tokens: { input: 60, cacheRead: 4000, output: 30 },
  });
  await read(await messages.create({ ...ask, stream: true }));
  script.next(
    [
      stream({ input_tokens: 61 }, 31, "end", {
        input_tokens: 70,
        cache_read_input_tokens: 9,
        server_tool_use: { web_search_requests: 1 },
      }),
    ],
    {
      model: MODEL,
      tokens: { input: 70, cacheRead: 9, output: 31 },
    },
  );
  await read(await messages.create({ ...ask, stream: true }));
  script.next([stream({ input_tokens: 62 }, 0, "hang")], { model: MODEL, tokens: { input: 62, output: 1 } });
  await read(await messages.create({ ...ask, stream: true }), 2);
  script.next([stream({ input_tokens: 63 }, 33)], { model: MODEL, tokens: { input: 63, output: 33 } });
  expect(await messages.stream(ask).finalText()).toBe("hello");
  script.next([stream({ input_tokens: 64 }, 34)], { model: MODEL, tokens: { input: 64, output: 34 } });
  await read(messages.stream(ask));
  script.next([stream({ input_tokens: 65 }, 35)], { model: MODEL, tokens: { input: 65, output: 35 } });
  await client.beta.messages.stream(ask).done();

  // Aborted, cut off, refused, retried.
  script.next([stream({ input_tokens: 66 }, 0, "hang")], {
    model: MODEL,
    tokens: { input: 66, output: 1 },
    error: "AbortError",
  });
  const aborted = await messages.create({ ...ask, stream: true });
  for await (const _ of aborted) aborted.controller.abort();
  script.next([{ hangs: true }], { model: "claude-opus-9", error: "APIUserAbortError" });
  const controller = new AbortController();
  const hanging = messages.create(ask, { signal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  await expect(hanging).rejects.toThrow("aborted");
  script.next([stream({ input_tokens: 67 }, 0, "cut")], {
    model: MODEL,
    tokens: { input: 67, output: 1 },
    error: "TypeError",
  });
  await expect(messages.create({ ...ask, stream: true }).then((cut) => read(cut))).rejects.toThrow();
  script.next([stream({ input_tokens: 68 }, 0, "error")], {
    model: MODEL,
    tokens: { input: 68, output: 1 },
    error: "APIError",
  });
  await expect(messages.create({ ...ask, stream: true }).then((bad) => read(bad))).rejects.toThrow();
  script.next([{ json: { type: "error", error: { type: "rate_limit_error", message: "secret" } }, status: 429 }], {
    model: "claude-opus-9",
    error: "RateLimitError",
  });
  await expect(messages.create(ask)).rejects.toThrow("429");
  const busy: Answer = { json: {}, status: 529, headers: { "retry-after-ms": "1" } };
  script.next([busy, busy, message({ input_tokens: 54, output_tokens: 5 })], {
    model: MODEL,
    tokens: { input: 54, output: 5 },
  });
  await messages.create(ask, { maxRetries: 2 });

  // In tasks; what an agent returns is not counted again.
  const agent = instrumentAgent("asker", () => messages.create(ask));
  script.next(
    [message({ input_tokens: 1000, output_tokens: 1 }), message({ input_tokens: 2000, output_tokens: 2 })],
    { model: MODEL, tokens: { input: 1000, output: 1 }, agent: "asker" },
    { model: MODEL, tokens: { input: 2000, output: 2 }, agent: "other" },
  );
  await agent();
  await withTask("other", async () => messages.create(ask));
  await script.expectTruth();
});
