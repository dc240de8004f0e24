/** The Vercel AI SDK 7.0.173 over the provider for OpenAI 4.0.118: what the provider said is what is recorded. */
import { withTask } from "@moai-metrics/instrumentation";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { chat, MODEL, nextId, usage } from "./support/chat-replies.ts";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
// biome-ignore lint/suspicious/noExplicitAny: see support/vercel-sdk.mjs.
type Untyped = any;
let ai: Untyped;
let openai: Untyped;

beforeAll(async () => {
  script = await startScript();
  const sdk: Untyped = await import(new URL("./support/vercel-sdk.mjs", import.meta.url).href);
  ai = sdk.ai;
  openai = sdk.createOpenAI({ apiKey: "none", baseURL: `${script.provider.url}/v1` });
});
afterAll(() => script.stop());

const call = (name: string, input = "{}") => ({ id: nextId(), type: "function", function: { name, arguments: input } });
const callTool = (told: unknown, name: string): Answer =>
  chat(told, { content: null, tool_calls: [call(name)] }, "tool_calls");

function stream(told: unknown, last: "end" | "cut" | "hang" = "end"): Answer {
  const chunk = { id: nextId(), object: "chat.completion.chunk", created: 1, model: MODEL };
  const delta = (content: string) => ({ ...chunk, choices: [{ index: 0, delta: { role: "assistant", content } }] });
  const stop = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const events = [
    delta("a"),
    delta("b"),
    ...(last === "end" ? [stop, { ...chunk, choices: [], usage: told }, "[DONE]"] : []),
  ];
  return { events: events.map((data) => ({ data })), last };
}
const refused: Answer = { json: { error: { message: "secret", type: "bad" } }, status: 400 };
const busy: Answer = {
  json: { error: { message: "busy", type: "busy" } },
  status: 503,
  headers: { "retry-after-ms": "1" },
};

it("twenty calls of every kind are in the ledger and the metrics, each once, with the provider's figures", async () => {
  const { embed, embedMany, generateObject, generateText, Output, streamText, tool, ToolLoopAgent, stepCountIs } = ai;
  const model = openai.chat("gpt-5");
  const look = tool({ inputSchema: z.object({}), execute: () => "seen" });
  const broken = tool({
    inputSchema: z.object({}),
    execute: () => {
      throw new RangeError("secret");
    },
  });
  const prompt = "hi";

  // Whole.
  script.next([chat(usage(100, 20, 60, 5))], {
    model: MODEL,
    tokens: { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
  });
  await generateText({ model, prompt });
  script.next([chat(usage(11, 3))], { model: MODEL, tokens: { input: 11, output: 3 } });
  await generateText({ model, prompt, telemetry: { isEnabled: false } });
  script.next([chat(undefined)], { model: MODEL });
  await generateText({ model, prompt });
  script.next([chat(usage(12, 4), { content: '{"a":1}' })], { model: MODEL, tokens: { input: 12, output: 4 } });
  await generateText({ model, prompt, output: Output.object({ schema: z.object({ a: z.number() }) }) });
  script.next([chat(usage(13, 5), { content: '{"a":1}' })], { model: MODEL, tokens: { input: 13, output: 5 } });
  await generateObject({ model, prompt, schema: z.object({ a: z.number() }) });

  // With tools, in steps.
  script.next(
    [callTool(usage(200, 10), "look"), callTool(usage(230, 11), "broken"), chat(usage(260, 12))],
    { model: MODEL, tokens: { input: 200, output: 10 }, agent: "worker" },
    { model: MODEL, tokens: { input: 230, output: 11 }, agent: "worker" },
    { model: MODEL, tokens: { input: 260, output: 12 }, agent: "worker" },
  );
  await withTask("worker", () => generateText({ model, prompt, tools: { look, broken }, stopWhen: stepCountIs(5) }));
  const nested = tool({ inputSchema: z.object({}), execute: async () => (await generateText({ model, prompt })).text });
  script.next(
    [callTool(usage(300, 1), "nested"), chat(usage(301, 2)), chat(usage(302, 3))],
    { model: MODEL, tokens: { input: 300, output: 1 }, agent: "planner" },
    { model: MODEL, tokens: { input: 301, output: 2 }, agent: "planner" },
    { model: MODEL, tokens: { input: 302, output: 3 }, agent: "planner" },
  );
  await new ToolLoopAgent({ id: "planner", model, tools: { nested } }).generate({ prompt });

  // Streamed: read, left, aborted, broken, by an agent.
  script.next([stream(usage(21, 6, 0, 2))], { model: MODEL, tokens: { input: 21, output: 6, reasoning: 2 } });
  await read(streamText({ model, prompt }).textStream);
  script.next([stream(usage(22, 7))], { model: MODEL, tokens: { input: 22, output: 7 } });
  await streamText({ model, prompt }).consumeStream();
  script.next([stream(undefined, "hang")], { model: MODEL, error: "AbortError" });
  const controller = new AbortController();
  const aborted = streamText({ model, prompt, abortSignal: controller.signal });
  for await (const _ of aborted.textStream) controller.abort();
  script.next([stream(undefined, "cut")], { model: MODEL, error: "AI_APICallError" });
  await read(streamText({ model, prompt, onError: () => {} }).textStream).catch(() => {});
  script.next([stream(usage(23, 8))], { model: MODEL, tokens: { input: 23, output: 8 }, agent: "ToolLoopAgent" });
  const answer = await new ToolLoopAgent({ model }).stream({ prompt });
  expect(await answer.text).toBe("ab");

  // Refused, retried, retried in vain.
  script.next([refused], { model: "gpt-5", error: "AI_APICallError" });
  await expect(generateText({ model, prompt })).rejects.toThrow();
  script.next([busy, busy, chat(usage(17, 4))], { model: MODEL, tokens: { input: 17, output: 4 } });
  await generateText({ model, prompt });
  script.next([busy, busy], { model: "gpt-5", error: "AI_APICallError" });
  await expect(generateText({ model, prompt, maxRetries: 1 })).rejects.toThrow("2 attempts");
  script.next([busy, stream(usage(18, 4))], { model: MODEL, tokens: { input: 18, output: 4 } });
  await streamText({ model, prompt }).consumeStream();

  // Responses and embeddings.
  const response = {
    id: nextId(),
    created_at: 1,
    model: MODEL,
    output: [
      { type: "message", role: "assistant", id: "m", content: [{ type: "output_text", text: "x", annotations: [] }] },
    ],
    usage: {
      input_tokens: 300,
      output_tokens: 80,
      input_tokens_details: { cached_tokens: 256 },
      output_tokens_details: { reasoning_tokens: 64 },
    },
  };
  script.next([{ json: response }], { model: MODEL, tokens: { input: 44, cacheRead: 256, output: 80, reasoning: 64 } });
  await generateText({ model: openai.responses("gpt-5"), prompt });
  const embedded: Answer = { json: { data: [{ embedding: [0] }], usage: { prompt_tokens: 8 } } };
  script.next([embedded], { model: "embed-3", tokens: { input: 8 } });
  await embed({ model: openai.textEmbeddingModel("embed-3"), value: "hi" });
  script.next([embedded], { model: "embed-3", tokens: { input: 8 } });
  await embedMany({ model: openai.textEmbeddingModel("embed-3"), values: ["hi"] });

  await script.expectTruth({ otherErrors: 1 });
  const store = await script.recording.open();
  const { rows } = store.query.getToolCalls({});
  expect(
    rows.map(({ tool: name, isSuccess, errorType, agent }) => ({ name, isSuccess, errorType, agent })).reverse(),
  ).toEqual([
    { name: "look", isSuccess: true, errorType: "", agent: "worker" },
    { name: "broken", isSuccess: false, errorType: "RangeError", agent: "worker" },
    { name: "nested", isSuccess: true, errorType: "", agent: "planner" },
  ]);
  expect(
    store.ledger
      .tasks({})
      .map(({ agent, result, calls, toolCalls }) => ({ agent, result, calls, toolCalls }))
      .reverse(),
  ).toEqual([
    { agent: "worker", result: "success", calls: 3, toolCalls: 2 },
    { agent: "planner", result: "success", calls: 3, toolCalls: 1 },
    { agent: "ToolLoopAgent", result: "success", calls: 1, toolCalls: 0 },
  ]);
});
