/** The OpenAI SDK 7.59.0: what the provider said is what the ledger and the metrics say. */
import { instrumentAgent, withTask } from "@moai-metrics/instrumentation";
import type OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
let client: OpenAI;

beforeAll(async () => {
  script = await startScript();
  const sdk = await import("openai");
  client = new sdk.OpenAI({ apiKey: "none", baseURL: `${script.provider.url}/v1`, maxRetries: 0 });
});
afterAll(() => script.stop());

let ids = 0;
function nextId(): string {
  ids += 1;
  return `id-${ids}`;
}
const MODEL = "gpt-5-2026-01-01";
const say = [{ role: "user" as const, content: "hi" }];

const chatUsage = (prompt: number, completion: number, cached = 0, reasoning = 0) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: cached },
  completion_tokens_details: { reasoning_tokens: reasoning },
});
const chat = (usage: unknown, message: object = { content: "hello" }): Answer => ({
  json: {
    id: nextId(),
    object: "chat.completion",
    model: MODEL,
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", ...message } }],
    usage,
  },
});
const toolCall = { id: "call_1", type: "function", function: { name: "look", arguments: "{}" } };

function chatStream(usage: unknown, last: "end" | "cut" | "hang" = "end"): Answer {
  const chunk = { id: nextId(), object: "chat.completion.chunk", model: MODEL };
  const delta = (content: string) => ({
    ...chunk,
    choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason: null }],
  });
  const stop = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const told = usage === undefined ? [] : [{ ...chunk, choices: [], usage }];
  const events = [delta("a"), delta("b"), ...(last === "end" ? [stop, ...told, "[DONE]"] : [])];
  return { events: events.map((data) => ({ data })), last };
}

const responseUsage = (input: number, output: number, cached = 0, reasoning = 0) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
  input_tokens_details: { cached_tokens: cached },
  output_tokens_details: { reasoning_tokens: reasoning },
});
const responseBody = (usage: unknown, more: object = {}) => ({
  id: nextId(),
  object: "response",
  status: "completed",
  model: MODEL,
  output: [],
  usage,
  ...more,
});
function responseStream(usage: unknown, last = "completed", more: object = {}): Answer {
  const body = responseBody(usage, { status: last, ...more });
  const begun = { ...body, status: "in_progress", usage: null, error: null };
  const events = [
    { type: "response.created", sequence_number: 0, response: begun },
    { type: "response.in_progress", sequence_number: 1, response: begun },
    { type: `response.${last}`, sequence_number: 2, response: body },
  ];
  return { events: events.map((data) => ({ event: data.type, data })) };
}

it("twenty calls of every kind are in the ledger and the metrics, each once, with the provider's figures", async () => {
  const { completions } = client.chat;
  const stream = true as const;
  const withUsage = { stream, stream_options: { include_usage: true } };

  // Chat completions, whole.
  script.next([chat(chatUsage(100, 20, 60, 5))], {
    model: MODEL,
    tokens: { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
  });
  await completions.create({ model: "gpt-5", messages: say });
  script.next([chat(chatUsage(30, 7), { content: null, tool_calls: [toolCall] })], {
    model: MODEL,
    tokens: { input: 30, output: 7 },
  });
  await completions.create({ model: "gpt-5", messages: say, tools: [] });
  script.next([chat(undefined)], { model: MODEL });
  await completions.create({ model: "gpt-5", messages: say });
  script.next([chat(chatUsage(11, 2))], { model: MODEL, tokens: { input: 11, output: 2 } });
  const { data, response } = await completions.create({ model: "gpt-5", messages: say }).withResponse();
  expect([data.choices[0]?.message.content, response.status]).toEqual(["hello", 200]);
  script.next([chat(chatUsage(13, 3), { content: '{"a":1}' })], { model: MODEL, tokens: { input: 13, output: 3 } });
  await completions.parse({ model: "gpt-5", messages: say });
  script.next([chat(chatUsage(99, 99))], { model: "gpt-5" });
  await completions.create({ model: "gpt-5", messages: say }).asResponse();

  // Chat completions, streamed.
  script.next([chatStream(chatUsage(200, 50, 0, 30))], {
    model: MODEL,
    tokens: { input: 200, output: 50, reasoning: 30 },
  });
  await read(await completions.create({ model: "gpt-5", messages: say, ...withUsage }));
  script.next([chatStream(undefined)], { model: MODEL });
  await read(await completions.create({ model: "gpt-5", messages: say, stream }));
  script.next([chatStream(chatUsage(1, 1), "hang")], { model: MODEL });
  await read(await completions.create({ model: "gpt-5", messages: say, ...withUsage }), 1);
  script.next([chatStream(chatUsage(21, 6))], { model: MODEL, tokens: { input: 21, output: 6 } });
  const helper = completions.stream({ model: "gpt-5", messages: say, stream_options: { include_usage: true } });
  expect((await helper.finalChatCompletion()).choices[0]?.message.content).toBe("ab");
  script.next([chatStream(chatUsage(22, 8))], { model: MODEL, tokens: { input: 22, output: 8 } });
  const [left, right] = (await completions.create({ model: "gpt-5", messages: say, ...withUsage })).tee();
  await Promise.all([read(left), read(right)]);

  // Aborted, cut off, refused, retried.
  script.next([chatStream(undefined, "hang")], { model: MODEL, error: "AbortError" });
  const aborted = await completions.create({ model: "gpt-5", messages: say, stream });
  for await (const _ of aborted) aborted.controller.abort();
  script.next([{ hangs: true }], { model: "gpt-5", error: "APIUserAbortError" });
  const controller = new AbortController();
  const hanging = completions.create({ model: "gpt-5", messages: say }, { signal: controller.signal });
  setTimeout(() => controller.abort(), 30);
  await expect(hanging).rejects.toThrow("aborted");
  script.next([chatStream(undefined, "cut")], { model: MODEL, error: "TypeError" });
  await expect(completions.create({ model: "gpt-5", messages: say, stream }).then(read)).rejects.toThrow();
  script.next([{ json: { error: { message: "slow down", code: "rate_limit" } }, status: 429 }], {
    model: "gpt-5",
    error: "RateLimitError",
  });
  await expect(completions.create({ model: "gpt-5", messages: say })).rejects.toThrow("429");
  const busy: Answer = { json: {}, status: 500, headers: { "retry-after-ms": "1" } };
  script.next([busy, busy, chat(chatUsage(17, 4))], { model: MODEL, tokens: { input: 17, output: 4 } });
  await completions.create({ model: "gpt-5", messages: say }, { maxRetries: 2 });

  // Responses, embeddings, completions.
  script.next([{ json: responseBody(responseUsage(300, 80, 256, 64)) }], {
    model: MODEL,
    tokens: { input: 44, cacheRead: 256, output: 80, reasoning: 64 },
  });
  await client.responses.create({ model: "gpt-5", input: "hi" });
  script.next([responseStream(responseUsage(31, 9))], { model: MODEL, tokens: { input: 31, output: 9 } });
  await read(await client.responses.create({ model: "gpt-5", input: "hi", stream }));
  script.next([responseStream(responseUsage(32, 10))], { model: MODEL, tokens: { input: 32, output: 10 } });
  await client.responses.stream({ model: "gpt-5", input: "hi" }).finalResponse();
  const failed = { error: { code: "server_error", message: "secret" } };
  script.next([responseStream(responseUsage(33, 0), "failed", failed)], {
    model: MODEL,
    tokens: { input: 33 },
    error: "server_error",
  });
  await read(await client.responses.create({ model: "gpt-5", input: "hi", stream }));
  const embedding = {
    object: "list",
    model: "embed-3",
    data: [{ index: 0, embedding: [0] }],
    usage: { prompt_tokens: 8, total_tokens: 8 },
  };
  script.next([{ json: embedding }], { model: "embed-3", tokens: { input: 8 } });
  await client.embeddings.create({ model: "embed-3", input: "hi", encoding_format: "float" });
  script.next(
    [{ json: { id: nextId(), object: "text_completion", model: "old", choices: [], usage: chatUsage(5, 6) } }],
    {
      model: "old",
      tokens: { input: 5, output: 6 },
    },
  );
  await client.completions.create({ model: "old", prompt: "hi" });

  // Side by side, in tasks; what an agent returns is not counted again.
  const agent = instrumentAgent("asker", () => completions.create({ model: "gpt-5", messages: say }));
  script.next(
    [chat(chatUsage(1000, 1)), chat(chatUsage(2000, 2)), chat(chatUsage(3000, 3))],
    { model: MODEL, tokens: { input: 1000, output: 1 }, agent: "asker" },
    { model: MODEL, tokens: { input: 2000, output: 2 }, agent: "other" },
    { model: MODEL, tokens: { input: 3000, output: 3 }, agent: "asker" },
  );
  await agent();
  await withTask("other", async () => completions.create({ model: "gpt-5", messages: say }));
  await agent();

  await script.expectTruth();
});
