/** Mastra 1.71.0 over the provider for OpenAI 4.0.118: what the provider said is what is recorded. */
import { withTask } from "@moai-metrics/instrumentation";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { z } from "zod";
import { chat, MODEL, nextId, usage } from "./support/chat-replies.ts";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
// biome-ignore lint/suspicious/noExplicitAny: see support/mastra-sdk.mjs.
type Untyped = any;
let sdk: Untyped;
let model: Untyped;

beforeAll(async () => {
  process.env["MASTRA_TELEMETRY_DISABLED"] = "1";
  // Mastra prints what a provider refuses.
  vi.spyOn(console, "error").mockImplementation(() => {});
  script = await startScript();
  sdk = await import(new URL("./support/mastra-sdk.mjs", import.meta.url).href);
  model = sdk.createOpenAI({ apiKey: "none", baseURL: `${script.provider.url}/v1` }).chat("gpt-5");
});
afterAll(() => script.stop());

const call = (name: string, input: object = {}) => ({
  id: nextId(),
  type: "function",
  function: { name, arguments: JSON.stringify(input) },
});
const callTools = (told: unknown, ...calls: object[]): Answer =>
  chat(told, { content: null, tool_calls: calls }, "tool_calls");

type Delta = Readonly<Record<string, unknown>>;
function stream(
  told: unknown,
  deltas: readonly Delta[] = [{ content: "a" }, { content: "b" }],
  last?: "cut" | "hang",
): Answer {
  const chunk = { id: nextId(), object: "chat.completion.chunk", created: 1, model: MODEL };
  const part = (delta: Delta) => ({ ...chunk, choices: [{ index: 0, delta: { role: "assistant", ...delta } }] });
  const finish_reason = deltas.some((delta) => "tool_calls" in delta) ? "tool_calls" : "stop";
  const stop = { ...chunk, choices: [{ index: 0, delta: {}, finish_reason }] };
  const end = [stop, { ...chunk, choices: [], usage: told }, "[DONE]"];
  const events = [...deltas.map(part), ...(last === undefined ? end : [])];
  return { events: events.map((data) => ({ data })), last: last ?? "end" };
}
const refused: Answer = { json: { error: { message: "secret", type: "bad" } }, status: 400 };
const busy: Answer = {
  json: { error: { message: "busy", type: "busy" } },
  status: 503,
  headers: { "retry-after-ms": "1" },
};

it("twenty calls of every kind are in the ledger and the metrics, each once, with the provider's figures", async () => {
  const { Agent, createTool } = sdk;
  const agent = (name: string, more: object = {}): Untyped =>
    new Agent({ id: name, name, instructions: "Be short.", model, ...more });
  const inputSchema = z.object({});
  const look = createTool({ id: "look", description: "Looks.", inputSchema, execute: async () => "seen" });
  const broken = createTool({
    id: "broken",
    description: "Fails.",
    inputSchema,
    execute: async () => {
      throw new RangeError("secret");
    },
  });
  const picky = createTool({
    id: "picky",
    description: "Wants a number.",
    inputSchema: z.object({ a: z.number() }),
    execute: async () => "seen",
  });
  const worker = agent("worker");
  const of = (name: string) => ({ model: MODEL, agent: name });

  // Whole: with cache and thoughts, without usage, as an object, inside of a task.
  script.next([chat(usage(100, 20, 60, 5))], {
    ...of("worker"),
    tokens: { input: 40, cacheRead: 60, output: 20, reasoning: 5 },
  });
  expect((await worker.generate("hi")).text).toBe("hello");
  script.next([chat(undefined)], of("worker"));
  await worker.generate("hi");
  script.next([chat(usage(12, 4), { content: '{"a":1}' })], { ...of("worker"), tokens: { input: 12, output: 4 } });
  const { object } = await worker.generate("hi", { structuredOutput: { schema: z.object({ a: z.number() }) } });
  expect(object).toEqual({ a: 1 });
  script.next([chat(usage(13, 5))], { ...of("worker"), tokens: { input: 13, output: 5 } });
  await withTask("manager", () => worker.generate("hi"));

  // With tools, one of which fails and one of which refuses its input; and with an agent as a tool.
  const planner = agent("planner", { tools: { look, broken, picky } });
  script.next(
    [
      callTools(usage(200, 10), call("look"), call("broken")),
      callTools(usage(230, 11), call("picky", { a: "x" })),
      chat(usage(260, 12)),
    ],
    { ...of("planner"), tokens: { input: 200, output: 10 } },
    { ...of("planner"), tokens: { input: 230, output: 11 } },
    { ...of("planner"), tokens: { input: 260, output: 12 } },
  );
  await planner.generate("plan");
  const helper = agent("helper", { description: "Helps." });
  const chief = agent("chief", { agents: { helper } });
  script.next(
    [callTools(usage(300, 1), call("agent-helper", { prompt: "help" })), chat(usage(301, 2)), chat(usage(302, 3))],
    { ...of("chief"), tokens: { input: 300, output: 1 } },
    { ...of("helper"), tokens: { input: 301, output: 2 } },
    { ...of("chief"), tokens: { input: 302, output: 3 } },
  );
  await chief.generate("plan");

  // A model that Mastra finds by its name.
  const url = `${script.provider.url}/v1`;
  script.next([chat(usage(14, 6))], { ...of("router"), tokens: { input: 14, output: 6 } });
  await agent("router", { model: { id: "openai/gpt-5", url, apiKey: "none" } }).generate("hi");

  // Streamed: read as text, in full, at once, with tools, left, aborted, broken.
  script.next([stream(usage(21, 6, 0, 2))], { ...of("worker"), tokens: { input: 21, output: 6, reasoning: 2 } });
  await read((await worker.stream("hi")).textStream);
  script.next([stream(usage(22, 7))], { ...of("worker"), tokens: { input: 22, output: 7 } });
  await read((await worker.stream("hi")).fullStream);
  script.next([stream(usage(23, 8))], { ...of("worker"), tokens: { input: 23, output: 8 } });
  expect(await (await worker.stream("hi")).text).toBe("ab");
  const asked = { tool_calls: [{ index: 0, ...call("look") }] };
  script.next(
    [stream(usage(24, 1), [asked]), stream(usage(25, 2))],
    { ...of("planner"), tokens: { input: 24, output: 1 } },
    { ...of("planner"), tokens: { input: 25, output: 2 } },
  );
  await read((await planner.stream("plan")).textStream);
  // Mastra reads on where its reader has left.
  script.next([stream(usage(26, 3))], { ...of("leaver"), tokens: { input: 26, output: 3 } });
  const left = await agent("leaver").stream("hi");
  await read(left.textStream, 1);
  await left.consumeStream();
  script.next([stream(undefined, undefined, "hang")], { ...of("worker"), error: "AbortError" });
  const controller = new AbortController();
  const aborted = await worker.stream("hi", { abortSignal: controller.signal });
  for await (const _ of aborted.textStream) controller.abort();
  script.next([stream(undefined, undefined, "cut")], { ...of("worker"), error: "AI_APICallError" });
  await read((await worker.stream("hi")).textStream);
  script.next([stream(undefined, undefined, "cut")], { ...of("worker"), error: "AI_APICallError" });
  await read((await worker.stream("hi")).fullStream);

  // Refused, retried, retried in vain, aborted.
  script.next([refused], { model: "gpt-5", error: "AI_APICallError", agent: "worker" });
  await expect(worker.generate("hi")).rejects.toThrow();
  const patient = agent("patient", { maxRetries: 2 });
  script.next([busy, chat(usage(17, 4))], { ...of("patient"), tokens: { input: 17, output: 4 } });
  await patient.generate("hi");
  script.next([busy, stream(usage(18, 4))], { ...of("patient"), tokens: { input: 18, output: 4 } });
  await read((await patient.stream("hi")).textStream);
  script.next([busy, busy], { model: "gpt-5", error: "AI_APICallError", agent: "hasty" });
  await expect(agent("hasty", { maxRetries: 1 }).generate("hi")).rejects.toThrow();
  script.next([{ hangs: true }], { model: "gpt-5", error: "AbortError", agent: "worker" });
  const late = new AbortController();
  const hanging = worker.generate("hi", { abortSignal: late.signal });
  setTimeout(() => late.abort(), 100);
  expect((await hanging).finishReason).toBe("aborted");

  await script.expectTruth({ otherErrors: 2 });
  const store = await script.recording.open();
  const { rows } = store.query.getToolCalls({});
  expect(rows.map(({ tool, errorType, agent: name }) => `${name} ${tool} ${errorType}`).sort()).toEqual([
    "chief agent-helper ",
    "planner broken RangeError",
    "planner look ",
    "planner look ",
    "planner picky tool_error",
  ]);
  const tasks = store.ledger.tasks({});
  const lines = tasks.map((task) => `${task.agent} ${task.result} ${task.calls} ${task.toolCalls}`);
  expect([...Map.groupBy(lines, (line) => line)].map(([line, all]) => `${all.length} × ${line}`).sort()).toEqual([
    "1 × chief success 2 1",
    "1 × hasty failure 0 0",
    "1 × helper success 1 0",
    "1 × leaver cancelled 1 0",
    "1 × manager success 0 0",
    "1 × planner success 2 1",
    "1 × planner success 3 3",
    "1 × router success 1 0",
    "2 × patient success 1 0",
    "2 × worker cancelled 0 0",
    "3 × worker failure 0 0",
    "7 × worker success 1 0",
  ]);
});
