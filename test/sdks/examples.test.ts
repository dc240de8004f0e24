/** The example of each SDK, as a program of its own that knows nothing of us, against a scripted provider. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openStore } from "@moai-metrics/store";
import { expect, it, onTestFinished } from "vitest";
import { type Answer, startProvider } from "./support/provider.ts";

async function run(name: string, answers: readonly Answer[]) {
  const left = [...answers];
  const provider = await startProvider(() => left.shift() ?? { json: {}, status: 400 });
  const storage = mkdtempSync(join(tmpdir(), "sdk-example-"));
  onTestFinished(async () => {
    await provider.close();
    rmSync(storage, { recursive: true, force: true });
  });
  const program = fileURLToPath(new URL(`../../examples/${name}.ts`, import.meta.url));
  const child = spawn(process.execPath, ["--import", "@moai-metrics/instrumentation/register", program], {
    env: {
      PATH: process.env["PATH"],
      HOME: storage,
      MOAI_METRICS_STORAGE: storage,
      OTEL_SERVICE_NAME: "painter-app",
      OPENAI_API_KEY: "none",
      OPENAI_BASE_URL: `${provider.url}/v1`,
      // Else it sends its traces to OpenAI.
      OPENAI_AGENTS_DISABLE_TRACING: "1",
      ANTHROPIC_API_KEY: "none",
      ANTHROPIC_BASE_URL: provider.url,
      GEMINI_API_KEY: "none",
      MASTRA_TELEMETRY_DISABLED: "1",
      GOOGLE_GEMINI_BASE_URL: provider.url,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (text) => {
      said += String(text);
    });
  }
  const [status] = await once(child, "close");
  expect({ status, left }, said).toEqual({ status: 0, left: [] });
  using store = openStore({ path: join(storage, "metrics.db"), readOnly: true });
  const calls = store.query.getModelCalls({}).rows.map(({ agent, tokens }) => [agent, tokens?.input, tokens?.output]);
  const tools = store.query.getToolCalls({}).rows.map(({ agent, tool, isSuccess }) => [agent, tool, isSuccess]);
  return { said, product: store.ledger.sessions({})[0]?.product, calls, tools };
}

const usage = (prompt: number, completion: number) => ({ prompt_tokens: prompt, completion_tokens: completion });
const chunk = { id: "c", object: "chat.completion.chunk", created: 1, model: "m" };
const response = (id: string, item: object, input: number, output: number): Answer => ({
  json: {
    ...{ id, object: "response", status: "completed", model: "m", output: [{ id, status: "completed", ...item }] },
    usage: { input_tokens: input, output_tokens: output, total_tokens: input + output, input_tokens_details: {} },
  },
});
const functionCall = (name: string) => ({ type: "function_call", call_id: name, name, arguments: "{}" });
const completion = (id: string, message: object, told: object): Answer => ({
  json: {
    ...chunk,
    id,
    object: "chat.completion",
    choices: [{ index: 0, finish_reason: "stop", message }],
    usage: told,
  },
});

it("the examples are recorded to the token, and print nothing of ours", { timeout: 120_000 }, async () => {
  const openai: Answer = {
    events: [
      { data: { ...chunk, choices: [{ index: 0, delta: { role: "assistant", content: "red" } }] } },
      { data: { ...chunk, choices: [], usage: usage(12, 3) } },
      { data: "[DONE]" },
    ],
  };
  const message = { id: "m", type: "message", role: "assistant", model: "m", content: [], stop_reason: null };
  const text = { type: "text", text: "" };
  const events = [
    { type: "message_start", message: { ...message, usage: { input_tokens: 20, output_tokens: 1 } } },
    { type: "content_block_start", index: 0, content_block: text },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "blue" } },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 5 } },
    { type: "message_stop" },
  ];
  const anthropic: Answer = { events: events.map((data) => ({ event: data.type, data })) };
  const google: Answer = {
    events: [
      { data: { candidates: [{ content: { role: "model", parts: [{ text: "green" }] }, finishReason: "STOP" }] } },
      { data: { usageMetadata: { promptTokenCount: 25, candidatesTokenCount: 2, thoughtsTokenCount: 7 } } },
    ],
  };
  const look = { id: "call", type: "function", function: { name: "look", arguments: "{}" } };
  const vercel = [
    completion("1", { role: "assistant", content: null, tool_calls: [look] }, usage(30, 4)),
    completion("2", { role: "assistant", content: "red" }, usage(40, 6)),
  ];
  const content = [{ type: "output_text", text: "red", annotations: [] }];
  const agents = [
    response("1", functionCall("transfer_to_painter"), 50, 5),
    response("2", functionCall("look"), 60, 6),
    response("3", { type: "message", role: "assistant", content }, 70, 7),
  ];
  const mastra = [
    response("1", { id: "f", ...functionCall("look") }, 30, 4),
    response("2", { id: "m", type: "message", role: "assistant", content }, 40, 6),
  ];
  const ran = await Promise.all([
    run("openai-sdk", [openai]),
    run("anthropic-sdk", [anthropic]),
    run("google-sdk", [google]),
    run("vercel-ai-sdk", vercel),
    run("mcp-sdk", []),
    run("openai-agents", agents),
    run("langchain-agent", vercel),
    run("mastra-agent", mastra),
  ]);
  const product = "painter-app";
  const painted = {
    said: "red",
    product,
    calls: [
      ["painter", 40, 6],
      ["painter", 30, 4],
    ],
    tools: [["painter", "look", true]],
  };
  expect(ran).toEqual([
    { said: "red", product, calls: [["", 12, 3]], tools: [] },
    { said: "blue", product, calls: [["", 20, 5]], tools: [] },
    { said: "green", product, calls: [["", 25, 9]], tools: [] },
    painted,
    { said: '[{"type":"text","text":"red"}]', product, calls: [], tools: [["", "color", true]] },
    {
      said: "red",
      product,
      calls: [
        ["painter", 70, 7],
        ["painter", 60, 6],
        ["receptionist", 50, 5],
      ],
      tools: [["painter", "look", true]],
    },
    painted,
    painted,
  ]);
});
