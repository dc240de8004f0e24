/** The OpenAI Agents SDK 0.20.0 over the OpenAI SDK: what the provider said is what is recorded, under the agent that asked. */
import { createRequire } from "node:module";
import { withTask } from "@moai-metrics/instrumentation";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { MODEL, nextId } from "./support/chat-replies.ts";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
// biome-ignore lint/suspicious/noExplicitAny: see support/openai-agents-sdk.mjs.
type Untyped = any;
let sdk: Untyped;

beforeAll(async () => {
  script = await startScript();
  sdk = await import(new URL("./support/openai-agents-sdk.mjs", import.meta.url).href);
  const { OpenAI } = await import("openai");
  sdk.setDefaultOpenAIClient(new OpenAI({ apiKey: "none", baseURL: `${script.provider.url}/v1` }));
});
afterAll(() => script.stop());

const usage = (input: number, output: number, cached = 0, reasoning = 0) => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
  input_tokens_details: { cached_tokens: cached },
  output_tokens_details: { reasoning_tokens: reasoning },
});
const say = (text = "hello") => ({
  type: "message",
  id: nextId(),
  role: "assistant",
  status: "completed",
  content: [{ type: "output_text", text, annotations: [] }],
});
const call = (name: string, input = "{}") => ({
  type: "function_call",
  id: nextId(),
  call_id: nextId(),
  status: "completed",
  name,
  arguments: input,
});
const body = (told: unknown, output: readonly object[], status = "completed") => ({
  id: nextId(),
  object: "response",
  status,
  model: MODEL,
  output,
  usage: told,
});
const response = (told: unknown, ...output: object[]): Answer => ({
  json: body(told, output.length === 0 ? [say()] : output),
});

function stream(told: unknown, output: readonly object[] = [say()], last: "end" | "cut" | "hang" = "end"): Answer {
  const whole = body(told, output);
  const begun = { ...whole, status: "in_progress", usage: null, output: [] };
  const delta = { type: "response.output_text.delta", item_id: "m", output_index: 0, content_index: 0, delta: "a" };
  const events = [
    { type: "response.created", response: begun },
    ...(output.some((item) => "role" in item) ? [delta] : []),
    ...(last === "end" ? [{ type: "response.completed", response: whole }] : []),
  ];
  return {
    events: events.map((data, at) => ({ event: data.type, data: { ...data, sequence_number: at } })),
    last,
  };
}
const refused: Answer = { json: { error: { message: "secret", type: "bad" } }, status: 400 };
const busy: Answer = {
  json: { error: { message: "busy", type: "busy" } },
  status: 503,
  headers: { "retry-after-ms": "1" },
};

it("calls of every kind are in the ledger and the metrics, each once, under the agent that asked", async () => {
  const { Agent, run, Runner, tool, retryPolicies, OpenAIChatCompletionsModel, OpenAIResponsesModel } = sdk;
  const { OpenAI } = await import("openai");
  const client = new OpenAI({ apiKey: "none", baseURL: `${script.provider.url}/v1`, maxRetries: 0 });
  const look = tool({ name: "look", description: "looks", parameters: z.object({}), execute: () => "seen" });
  const broken = tool({
    name: "broken",
    description: "fails",
    parameters: z.object({}),
    execute: () => {
      throw new RangeError("secret");
    },
  });
  const writer = new Agent({ name: "writer", model: "gpt-5" });
  const truth = (agent: string, input: number, output: number, more: object = {}) => ({
    model: MODEL,
    agent,
    tokens: { input, output, ...more },
  });

  // Whole.
  script.next([response(usage(100, 20, 60, 5))], truth("writer", 40, 20, { cacheRead: 60, reasoning: 5 }));
  expect((await run(writer, "hi")).finalOutput).toBe("hello");
  script.next([response(undefined)], { model: MODEL, agent: "writer" });
  await run(writer, "hi");

  // Tools, and a limit of turns.
  const worker = new Agent({ name: "worker", model: "gpt-5", tools: [look, broken] });
  script.next(
    [response(usage(200, 10), call("look")), response(usage(230, 11), call("broken")), response(usage(260, 12))],
    truth("worker", 200, 10),
    truth("worker", 230, 11),
    truth("worker", 260, 12),
  );
  await run(worker, "hi");
  script.next([response(usage(210, 13), call("look"))], truth("worker", 210, 13));
  await expect(run(worker, "hi", { maxTurns: 1 })).rejects.toThrow("Max turns");

  // Handed over, there and back.
  const painter = new Agent({ name: "painter", model: "gpt-5" });
  const triage = new Agent({ name: "triage", model: "gpt-5", handoffs: [painter] });
  script.next(
    [response(usage(300, 1), call("transfer_to_painter")), response(usage(301, 2))],
    truth("triage", 300, 1),
    truth("painter", 301, 2),
  );
  await run(triage, "hi");

  // An agent as a tool of another, within a task of the application.
  const planner = new Agent({
    name: "planner",
    model: "gpt-5",
    tools: [painter.asTool({ toolName: "ask_painter", toolDescription: "asks" })],
  });
  script.next(
    [response(usage(310, 3), call("ask_painter", '{"input":"x"}')), response(usage(311, 4)), response(usage(312, 5))],
    truth("planner", 310, 3),
    truth("painter", 311, 4),
    truth("planner", 312, 5),
  );
  await withTask("application", () => run(planner, "hi"));

  // Someone has to approve.
  const careful = tool({
    ...look,
    name: "careful",
    execute: () => "done",
    needsApproval: true,
    parameters: z.object({}),
  });
  const clerk = new Agent({ name: "clerk", model: "gpt-5", tools: [careful] });
  script.next(
    [response(usage(320, 6), call("careful")), response(usage(321, 7))],
    truth("clerk", 320, 6),
    truth("clerk", 321, 7),
  );
  const asking = await run(clerk, "hi");
  for (const interruption of asking.interruptions) asking.state.approve(interruption);
  await run(clerk, asking.state);

  // Streamed: read, with a tool and a handoff, left, aborted, broken.
  script.next([stream(usage(21, 6, 0, 2))], truth("writer", 21, 6, { reasoning: 2 }));
  const streamed = await run(writer, "hi", { stream: true });
  await read(streamed);
  await streamed.completed;
  const guide = new Agent({ name: "guide", model: "gpt-5", tools: [look], handoffs: [painter] });
  script.next(
    [stream(usage(22, 7), [call("look")]), stream(usage(23, 8), [call("transfer_to_painter")]), stream(usage(24, 9))],
    truth("guide", 22, 7),
    truth("guide", 23, 8),
    truth("painter", 24, 9),
  );
  await (await run(guide, "hi", { stream: true })).completed;
  script.next([stream(usage(1, 1), [say()], "hang")], { model: MODEL, agent: "writer", error: "AbortError" });
  await read(await run(writer, "hi", { stream: true }), 1);
  const controller = new AbortController();
  script.next([stream(usage(1, 1), [say()], "hang")], { model: MODEL, agent: "writer", error: "AbortError" });
  const aborted = await run(writer, "hi", { stream: true, signal: controller.signal });
  for await (const _ of aborted) controller.abort();
  await aborted.completed.catch(() => {});
  script.next([stream(usage(1, 1), [say()], "cut")], { model: MODEL, agent: "writer", error: "TypeError" });
  await expect(read(await run(writer, "hi", { stream: true }))).rejects.toThrow();

  // Refused, retried by the client, retried by the runner, in vain.
  script.next([refused], { model: "gpt-5", agent: "writer", error: "BadRequestError" });
  await expect(run(writer, "hi")).rejects.toThrow();
  script.next([busy, busy, response(usage(17, 4))], truth("writer", 17, 4));
  await run(writer, "hi");
  const patient = new Agent({
    name: "patient",
    model: new OpenAIResponsesModel(client, "gpt-5"),
    modelSettings: {
      retry: { maxRetries: 2, policy: retryPolicies.httpStatus([503]), backoff: { initialDelayMs: 1 } },
    },
  });
  script.next([busy, busy, response(usage(18, 4))], truth("patient", 18, 4));
  await run(patient, "hi");
  script.next([busy, stream(usage(19, 4))], truth("patient", 19, 4));
  await read(await run(patient, "hi", { stream: true }));
  script.next([busy, busy, busy], { model: "gpt-5", agent: "patient", error: "InternalServerError" });
  await expect(run(patient, "hi")).rejects.toThrow();

  // Chat completions.
  const chatter = new Agent({
    name: "chatter",
    model: new OpenAIChatCompletionsModel(client, "gpt-5"),
  });
  const chunk = { id: "c", created: 1, model: MODEL };
  const told = {
    prompt_tokens: 90,
    completion_tokens: 9,
    total_tokens: 99,
    prompt_tokens_details: { cached_tokens: 50 },
    completion_tokens_details: { reasoning_tokens: 3 },
  };
  const message = { role: "assistant", content: "hello" };
  const whole = { ...chunk, object: "chat.completion", choices: [{ index: 0, finish_reason: "stop", message }] };
  script.next(
    [{ json: { ...whole, id: nextId(), usage: told } }],
    truth("chatter", 40, 9, { cacheRead: 50, reasoning: 3 }),
  );
  await run(chatter, "hi");
  const delta = { ...chunk, id: nextId(), object: "chat.completion.chunk" };
  const events = [
    { ...delta, choices: [{ index: 0, delta: message, finish_reason: null }] },
    { ...delta, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
    { ...delta, choices: [], usage: { ...told, prompt_tokens: 91 } },
    "[DONE]",
  ].map((data) => ({ data }));
  script.next([{ events }], truth("chatter", 41, 9, { cacheRead: 50, reasoning: 3 }));
  await read(await run(chatter, "hi", { stream: true }));

  // Side by side, on one runner.
  const runner = new Runner();
  const names = ["north", "south", "east"];
  script.next(
    names.map(() => response(usage(40, 4))),
    ...names.map((name) => truth(name, 40, 4)),
  );
  await Promise.all(names.map((name) => runner.run(new Agent({ name, model: "gpt-5" }), "hi")));

  await script.expectTruth({ otherErrors: 2 });
  const store = await script.recording.open();
  const { rows } = store.query.getToolCalls({});
  expect(rows.map(({ tool: name, isSuccess, errorType, agent }) => [agent, name, isSuccess, errorType]).sort()).toEqual(
    [
      ["clerk", "careful", true, ""],
      ["guide", "look", true, ""],
      ["planner", "ask_painter", true, ""],
      ["worker", "broken", false, "RangeError"],
      ["worker", "look", true, ""],
      ["worker", "look", true, ""],
    ],
  );
  const tasks = store.ledger.tasks({});
  const agentOf = (id: string): string => tasks.find(({ taskId }) => taskId === id)?.agent ?? "";
  expect(
    tasks
      .map(({ agent, parentTaskId, result, errorType, calls, toolCalls }) =>
        [agentOf(parentTaskId), agent, result, errorType, calls, toolCalls].join(" "),
      )
      .sort(),
  ).toEqual([
    " application success  0 0",
    " chatter success  1 0",
    " chatter success  1 0",
    " clerk success  1 1",
    " clerk unknown  1 0",
    " east success  1 0",
    " guide success  2 1",
    " north success  1 0",
    " painter success  1 0",
    " painter success  1 0",
    " patient failure InternalServerError 0 0",
    " patient success  1 0",
    " patient success  1 0",
    " south success  1 0",
    " triage success  1 0",
    " worker failure MaxTurnsExceededError 1 1",
    " worker success  3 2",
    " writer cancelled  0 0",
    " writer cancelled  0 0",
    " writer failure BadRequestError 0 0",
    " writer failure TypeError 0 0",
    " writer success  1 0",
    " writer success  1 0",
    " writer success  1 0",
    " writer success  1 0",
    "application planner success  2 1",
    "planner painter success  1 0",
  ]);
});

it("the CommonJS build is seen like the ES modules", async () => {
  const require = createRequire(import.meta.url);
  const { Agent, run, tool, OpenAIResponsesModel }: Untyped = require("@openai/agents");
  const { OpenAI } = require("openai") as typeof import("openai");
  const client = new OpenAI({ apiKey: "none", baseURL: `${script.provider.url}/v1` });
  const look = tool({ name: "look", description: "looks", parameters: z.object({}), execute: () => "seen" });
  const old = new Agent({ name: "old", model: new OpenAIResponsesModel(client, "gpt-5"), tools: [look] });
  script.next(
    [response(usage(70, 7), call("look")), busy, response(usage(71, 8))],
    { model: MODEL, agent: "old", tokens: { input: 70, output: 7 } },
    { model: MODEL, agent: "old", tokens: { input: 71, output: 8 } },
  );
  await run(old, "hi");
  const store = await script.recording.open();
  expect(store.ledger.tasks({}).filter(({ agent }) => agent === "old")).toMatchObject([
    { result: "success", calls: 2, toolCalls: 1, tokens: { input: 141, output: 15 } },
  ]);
});
