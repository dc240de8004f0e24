/**
 * LangChain 1.5.14 and LangGraph 1.7.3 over OpenAI, Anthropic, Google and a model that speaks HTTP itself: what the
 * provider said is what is recorded, and what LangChain makes of it counts nothing more.
 */
import { withTask } from "@moai-metrics/instrumentation";
import { canonicalName } from "@moai-metrics/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { chat, MODEL, nextId, usage } from "./support/chat-replies.ts";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
// biome-ignore lint/suspicious/noExplicitAny: see support/langchain-sdk.mjs.
type Untyped = any;
let sdk: Untyped;
let openai: Untyped;
let anthropic: Untyped;
let google: Untyped;

beforeAll(async () => {
  process.env["LANGSMITH_TRACING"] = "false";
  script = await startScript();
  sdk = await import(new URL("./support/langchain-sdk.mjs", import.meta.url).href);
  openai = chatOpenAi();
  anthropic = new sdk.ChatAnthropic({ model: "claude-opus-4-6", apiKey: "none", anthropicApiUrl: script.provider.url });
  google = new sdk.ChatGoogleGenerativeAI({ model: "gemini-3-pro", apiKey: "none", baseUrl: script.provider.url });
});
afterAll(() => script.stop());

function chatOpenAi(more: object = {}): Untyped {
  const configuration = { baseURL: `${script.provider.url}/v1` };
  return new sdk.ChatOpenAI({ model: "gpt-5", apiKey: "none", configuration, ...more });
}

const call = (name: string) => ({ id: nextId(), type: "function", function: { name, arguments: "{}" } });
const callTools = (told: unknown, ...names: string[]): Answer =>
  chat(told, { content: "", tool_calls: names.map(call) }, "tool_calls");

function stream(told: unknown, last: "end" | "cut" | "hang" = "end"): Answer {
  const chunk = { id: nextId(), object: "chat.completion.chunk", created: 1, model: MODEL };
  const delta = (content: string) => ({ ...chunk, choices: [{ index: 0, delta: { role: "assistant", content } }] });
  const stop = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  const end = [stop, { ...chunk, choices: [], usage: told }, "[DONE]"];
  const events = [delta("a"), delta("b"), ...(last === "end" ? end : [])];
  return { events: events.map((data) => ({ data })), last };
}
const refused: Answer = { json: { error: { message: "secret", type: "bad" } }, status: 400 };
const busy: Answer = { json: { error: { message: "busy", type: "busy" } }, status: 503 };

it("twenty calls of every kind are in the ledger and the metrics, each once, with the provider's figures", async () => {
  const { createAgent, tool } = sdk;

  // OpenAI: whole, in a batch, as an object, over responses.
  script.next([chat(usage(100, 20, 60, 5))], {
    model: MODEL,
    tokens: { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
    agent: "worker",
  });
  await withTask("worker", () => openai.invoke("hi"));
  script.next([chat(undefined)], { model: MODEL });
  await openai.invoke("hi");
  script.next(
    [chat(usage(11, 3)), chat(usage(11, 3))],
    { model: MODEL, tokens: { input: 11, output: 3 } },
    { model: MODEL, tokens: { input: 11, output: 3 } },
  );
  await openai.batch(["hi", "ho"]);
  script.next([chat(usage(12, 4), { content: '{"a":1}' })], { model: MODEL, tokens: { input: 12, output: 4 } });
  expect(await openai.withStructuredOutput(z.object({ a: z.number() })).invoke("hi")).toEqual({ a: 1 });
  const response = {
    id: nextId(),
    object: "response",
    created_at: 1,
    model: MODEL,
    status: "completed",
    output: [
      { type: "message", role: "assistant", id: "m", content: [{ type: "output_text", text: "x", annotations: [] }] },
    ],
    usage: {
      input_tokens: 300,
      output_tokens: 80,
      total_tokens: 380,
      input_tokens_details: { cached_tokens: 256 },
      output_tokens_details: { reasoning_tokens: 64 },
    },
  };
  script.next([{ json: response }], { model: MODEL, tokens: { input: 44, cacheRead: 256, output: 80, reasoning: 64 } });
  await chatOpenAi({ useResponsesApi: true }).invoke("hi");

  // Streamed: read, left, aborted, broken, as events.
  script.next([stream(usage(21, 6, 0, 2))], { model: MODEL, tokens: { input: 21, output: 6, reasoning: 2 } });
  await read(await openai.stream("hi"));
  script.next([stream(undefined, "hang")], { model: MODEL });
  await read(await openai.stream("hi"), 1);
  script.next([stream(undefined, "hang")], { model: MODEL, error: "AbortError" });
  const controller = new AbortController();
  const reading = async (): Promise<void> => {
    for await (const _ of await openai.stream("hi", { signal: controller.signal })) controller.abort();
  };
  await expect(reading()).rejects.toThrow();
  script.next([stream(undefined, "cut")], { model: MODEL, error: "TypeError" });
  await expect(openai.stream("hi").then(read)).rejects.toThrow();
  script.next([stream(usage(22, 7))], { model: MODEL, tokens: { input: 22, output: 7 } });
  await openai.streamEvents("hi").text;

  // Refused, and tried again.
  script.next([refused], { model: "gpt-5", error: "BadRequestError" });
  await expect(openai.invoke("hi")).rejects.toThrow();
  script.next([busy, chat(usage(17, 4))], { model: MODEL, tokens: { input: 17, output: 4 } });
  await openai.invoke("hi");

  // Anthropic and Google.
  const message = {
    id: nextId(),
    type: "message",
    role: "assistant",
    model: "claude-opus-4-6",
    stop_reason: "end_turn",
  };
  const billed = { input_tokens: 10, cache_read_input_tokens: 200, cache_creation_input_tokens: 30, output_tokens: 7 };
  script.next([{ json: { ...message, content: [{ type: "text", text: "x" }], usage: billed } }], {
    model: "claude-opus-4-6",
    tokens: { input: 10, cacheRead: 200, cacheWrite5m: 30, output: 7 },
  });
  await anthropic.invoke("hi");
  const text = { type: "text", text: "" };
  const events = [
    {
      type: "message_start",
      message: { ...message, id: nextId(), content: [], usage: { ...billed, output_tokens: 1 } },
    },
    { type: "content_block_start", index: 0, content_block: text },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "blue" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } },
    { type: "message_stop" },
  ];
  script.next([{ events: events.map((data) => ({ event: data.type, data })) }], {
    model: "claude-opus-4-6",
    tokens: { input: 10, cacheRead: 200, cacheWrite5m: 30, output: 9 },
  });
  await read(await anthropic.stream("hi"));
  const candidates = [{ content: { role: "model", parts: [{ text: "green" }] }, index: 0, finishReason: "STOP" }];
  const counted = {
    promptTokenCount: 50,
    cachedContentTokenCount: 20,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 8,
    totalTokenCount: 63,
  };
  const generated = { candidates, usageMetadata: counted, modelVersion: "gemini-3-pro-002" };
  const truth = { model: "gemini-3-pro-002", tokens: { input: 30, cacheRead: 20, output: 13, reasoning: 8 } };
  script.next([{ json: generated }], truth);
  await google.invoke("hi");
  script.next([{ events: [{ data: { ...generated, usageMetadata: undefined } }, { data: generated }] }], truth);
  await read(await google.stream("hi"));

  // A model that speaks HTTP itself: its usage is the fact.
  const own = ownModel();
  script.next([{ json: { input: 70, cached: 20, output: 9, thought: 4 } }], {
    model: "own-1",
    tokens: { input: 50, cacheRead: 20, output: 9, reasoning: 4 },
  });
  await own.invoke("hi");
  script.next([{ json: { input: 71, output: 10 } }], { model: "own-1", tokens: { input: 71, output: 10 } });
  await read(await own.stream("hi"));
  script.next([{ json: {} }], { model: "own-1" });
  await own.invoke("hi");

  // Embeddings.
  script.next([{ json: { data: [{ embedding: [0] }], model: "embed-3", usage: { prompt_tokens: 8 } } }], {
    model: "embed-3",
    tokens: { input: 8 },
  });
  const configuration = { baseURL: `${script.provider.url}/v1` };
  await new sdk.OpenAIEmbeddings({ model: "embed-3", apiKey: "none", configuration }).embedQuery("hi");

  // An agent with tools, one of which fails and one of which is an agent.
  const schema = z.object({});
  const look = tool(() => "seen", { name: "look", description: "Looks.", schema });
  const broken = tool(
    () => {
      throw new RangeError("secret");
    },
    { name: "broken", description: "Fails.", schema },
  );
  const helper = createAgent({ name: "helper", model: openai, tools: [look] });
  const ask = tool(async () => (await helper.invoke({ messages: ["help"] })).messages.at(-1).text, {
    name: "ask",
    description: "Asks.",
    schema,
  });
  const planner = createAgent({ name: "planner", model: openai, tools: [look, broken, ask] });
  script.next(
    [callTools(usage(200, 10), "look"), callTools(usage(230, 11), "ask"), chat(usage(33, 2)), chat(usage(260, 12))],
    { model: MODEL, tokens: { input: 200, output: 10 }, agent: "planner" },
    { model: MODEL, tokens: { input: 230, output: 11 }, agent: "planner" },
    { model: MODEL, tokens: { input: 33, output: 2 }, agent: "helper" },
    { model: MODEL, tokens: { input: 260, output: 12 }, agent: "planner" },
  );
  await planner.invoke({ messages: ["plan"] });
  script.next(
    [callTools(usage(201, 10), "broken"), chat(usage(231, 5))],
    { model: MODEL, tokens: { input: 201, output: 10 }, agent: "planner" },
    { model: MODEL, tokens: { input: 231, output: 5 }, agent: "planner" },
  );
  await planner.invoke({ messages: ["fail"] });
  script.next([chat(usage(202, 10))], { model: MODEL, tokens: { input: 202, output: 10 }, agent: "planner" });
  await read(await planner.stream({ messages: ["plan"] }, { streamMode: "updates" }));

  script.next([{ hangs: true }], { model: "gpt-5", error: "AbortError", agent: "planner" });
  const late = new AbortController();
  const hanging = planner.invoke({ messages: ["plan"] }, { signal: late.signal });
  setTimeout(() => late.abort(), 50);
  await expect(hanging).rejects.toThrow();

  // A graph that waits for a human in the middle, alone and inside of another; and one that is left.
  const { Annotation, Command, END, interrupt, MemorySaver, START, StateGraph } = sdk;
  const state = Annotation.Root({ said: Annotation });
  const waiter = new StateGraph(state)
    .addNode("think", async () => ({ said: (await openai.invoke("hi")).text }))
    .addNode("wait", () => ({ said: interrupt("Go on?") }))
    .addEdge(START, "think")
    .addEdge("think", "wait")
    .addEdge("wait", END);
  const alone = waiter.compile({ name: "waiter", checkpointer: new MemorySaver() });
  const thread = { configurable: { thread_id: "1" } };
  script.next([chat(usage(203, 10))], { model: MODEL, tokens: { input: 203, output: 10 }, agent: "waiter" });
  await alone.invoke({ said: "" }, thread);
  expect(await alone.invoke(new Command({ resume: "yes" }), thread)).toEqual({ said: "yes" });
  const outer = new StateGraph(state)
    .addNode("inner", waiter.compile({ name: "inner" }))
    .addEdge(START, "inner")
    .addEdge("inner", END)
    .compile({ checkpointer: new MemorySaver() });
  script.next([chat(usage(204, 10))], { model: MODEL, tokens: { input: 204, output: 10 }, agent: "inner" });
  await outer.invoke({ said: "" }, thread);
  script.next([chat(usage(205, 10))], { model: MODEL, tokens: { input: 205, output: 10 }, agent: "waiter" });
  await read(await alone.stream({ said: "" }, { configurable: { thread_id: "2" } }), 1);

  // A tool that waits is no failure, and runs again.
  const confirm = tool(() => interrupt("Sure?"), { name: "confirm", description: "Asks.", schema });
  const asker = createAgent({ name: "asker", model: openai, tools: [confirm], checkpointer: new MemorySaver() });
  script.next([callTools(usage(206, 10), "confirm")], {
    model: MODEL,
    tokens: { input: 206, output: 10 },
    agent: "asker",
  });
  await asker.invoke({ messages: ["go"] }, thread);
  script.next([chat(usage(226, 10))], { model: MODEL, tokens: { input: 226, output: 10 }, agent: "asker" });
  await asker.invoke(new Command({ resume: "yes" }), thread);

  await script.expectTruth({ otherErrors: 1 });
  const store = await script.recording.open();
  const { rows } = store.query.getToolCalls({});
  expect(rows.map(({ tool: name, errorType, agent }) => `${agent} ${name} ${errorType}`).sort()).toEqual([
    "asker confirm ",
    "asker confirm ",
    "planner ask ",
    "planner broken RangeError",
    "planner look ",
  ]);
  const tasks = store.ledger.tasks({});
  expect(tasks.map(({ agent, result, calls, toolCalls }) => `${agent} ${result} ${calls} ${toolCalls}`).sort()).toEqual(
    [
      "LangGraph success 0 0",
      "asker success 1 1",
      "asker success 1 1",
      "helper success 1 0",
      "inner cancelled 1 0",
      "planner cancelled 0 0",
      "planner success 1 0",
      "planner success 2 1",
      "planner success 3 2",
      "waiter cancelled 1 0",
      "waiter success 0 0",
      "waiter success 1 0",
      "worker success 1 0",
    ],
  );
  const series = store.points(canonicalName("inferenceDuration"));
  const providers = series.map(({ identity }) => identity.attributes["gen_ai.provider.name"]);
  expect([...new Set(providers)].sort()).toEqual(["anthropic", "gcp.gemini", "openai", "ownmodel"]);
});

/** An integration of ours, as there are many: it asks by itself and tells the usage as LangChain wants it. */
function ownModel(): Untyped {
  const { AIMessage, AIMessageChunk, BaseChatModel, ChatGenerationChunk } = sdk;
  const ask = async () => {
    const { input, output, cached, thought } = (await (await fetch(script.provider.url)).json()) as Record<
      string,
      number
    >;
    const usage_metadata = {
      input_tokens: input,
      output_tokens: output,
      input_token_details: { cache_read: cached },
      output_token_details: { reasoning: thought },
    };
    return {
      content: "x",
      response_metadata: { model_name: "own-1" },
      ...(input === undefined ? {} : { usage_metadata }),
    };
  };
  class OwnModel extends BaseChatModel {
    model = "own";
    _llmType() {
      return "own";
    }
    async _generate() {
      return { generations: [{ text: "x", message: new AIMessage(await ask()) }] };
    }
    async *_streamResponseChunks() {
      yield new ChatGenerationChunk({ text: "x", message: new AIMessageChunk({ content: "x" }) });
      yield new ChatGenerationChunk({ text: "", message: new AIMessageChunk(await ask()) });
    }
  }
  return new (OwnModel as Untyped)({});
}
