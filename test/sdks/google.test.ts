/** The Google GenAI SDK 3.3.0: what the provider said is what is recorded. */
import { withTask } from "@moai-metrics/instrumentation";
import { canonicalName } from "@moai-metrics/model";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Answer } from "./support/provider.ts";
import { read, type Script, startScript } from "./support/script.ts";

let script: Script;
// biome-ignore lint/suspicious/noExplicitAny: see support/google-sdk.mjs.
type Untyped = any;
let gemini: Untyped;
let vertex: Untyped;

beforeAll(async () => {
  script = await startScript();
  const { GoogleGenAI }: Untyped = await import(new URL("./support/google-sdk.mjs", import.meta.url).href);
  const httpOptions = { baseUrl: script.provider.url };
  gemini = new GoogleGenAI({ apiKey: "none", httpOptions: { ...httpOptions } });
  vertex = new GoogleGenAI({ vertexai: true, apiKey: "none", httpOptions: { ...httpOptions } });
});
afterAll(() => script.stop());

const MODEL = "gemini-3-pro-002";
let ids = 0;
interface Told {
  readonly cached?: number;
  readonly thoughts?: number;
  readonly toolUse?: number;
}
/** What the API tells: the cached part is inside of the prompt, thoughts and tool results stand apart. */
const usage = (prompt: number, candidates: number, { cached, thoughts, toolUse }: Told = {}) => ({
  promptTokenCount: prompt,
  candidatesTokenCount: candidates,
  totalTokenCount: prompt + candidates + (thoughts ?? 0) + (toolUse ?? 0),
  cachedContentTokenCount: cached,
  thoughtsTokenCount: thoughts,
  toolUsePromptTokenCount: toolUse,
});
function chunk(told: unknown, parts: readonly object[] = [{ text: "hello" }], more: object = { finishReason: "STOP" }) {
  ids += 1;
  return {
    candidates: [{ content: { role: "model", parts }, index: 0, ...more }],
    usageMetadata: told,
    modelVersion: MODEL,
    responseId: `r-${ids}`,
  };
}
const reply = (...args: Parameters<typeof chunk>): Answer => ({ json: chunk(...args) });
const stream = (chunks: readonly object[], last: "end" | "cut" | "hang" = "end"): Answer => ({
  events: chunks.map((data) => ({ data })),
  last,
});
const half = (told: unknown, text = "a") => chunk(told, [{ text }], {});
const calls = (...names: string[]) => names.map((name) => ({ functionCall: { id: `call-${name}`, name, args: {} } }));
const refused: Answer = { json: { error: { code: 400, message: "secret", status: "INVALID_ARGUMENT" } }, status: 400 };
const busy: Answer = { json: { error: { code: 503, message: "busy", status: "UNAVAILABLE" } }, status: 503 };

/** Functions that the SDK calls by itself. */
function callable(functions: Readonly<Record<string, () => object>>) {
  return {
    tool: async () => ({ functionDeclarations: Object.keys(functions).map((name) => ({ name })) }),
    callTool: async (asked: readonly { id?: string; name: string }[]) =>
      asked
        .filter(({ name }) => functions[name] !== undefined)
        .map(({ id, name }) => ({ functionResponse: { id, name, response: functions[name]?.() } })),
  };
}

it("over twenty calls of every kind are in the ledger and the metrics, each once, with the provider's figures", async () => {
  const ask = { model: "gemini-3-pro", contents: "hi" };
  const asked = "gemini-3-pro";

  // Whole: with cache, thoughts and results of server-side tools; with a part of it; with nothing.
  script.next([reply(usage(100, 20, { cached: 60, thoughts: 30, toolUse: 5 }))], {
    model: MODEL,
    tokens: { input: 45, cacheRead: 60, output: 50, reasoning: 30 },
  });
  await gemini.models.generateContent({ ...ask, config: { cachedContent: "cachedContents/c" } });
  script.next([reply({ promptTokenCount: 11, thoughtsTokenCount: 7, totalTokenCount: 18 })], {
    model: MODEL,
    tokens: { input: 11, output: 7, reasoning: 7 },
  });
  await gemini.models.generateContent(ask);
  script.next([reply(undefined)], { model: MODEL });
  await gemini.models.generateContent(ask);
  script.next([{ json: { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 9 } } }], {
    model: asked,
    tokens: { input: 9 },
  });
  await gemini.models.generateContent({ ...ask, model: "models/gemini-3-pro" });
  script.next([reply(usage(12, 3))], { model: MODEL, tokens: { input: 12, output: 3 }, agent: "worker" });
  await withTask("worker", () => gemini.models.generateContent({ ...ask, config: { automaticContinuation: false } }));
  script.next([reply(usage(13, 4))], { model: MODEL, tokens: { input: 13, output: 4 } });
  await vertex.models.generateContent({ ...ask, model: "publishers/google/models/gemini-3-pro" });

  // Streamed: read, told piece by piece, left, never read, aborted, broken, failed in the middle, without usage.
  const told = usage(21, 6, { thoughts: 4 });
  script.next([stream([half(usage(21, 1, { thoughts: 4 })), half({ candidatesTokenCount: 6 }), chunk(told)])], {
    model: MODEL,
    tokens: { input: 21, output: 10, reasoning: 4 },
  });
  await read(await gemini.models.generateContentStream(ask));
  script.next([stream([half(usage(22, 1, { thoughts: 2 })), half({ candidatesTokenCount: 5 })])], {
    model: MODEL,
    tokens: { input: 22, output: 7, reasoning: 2 },
  });
  await read(await gemini.models.generateContentStream(ask));
  script.next([stream([half(usage(23, 1)), half(usage(23, 2))], "hang")], {
    model: MODEL,
    tokens: { input: 23, output: 1 },
  });
  await read(await gemini.models.generateContentStream(ask), 1);
  script.next([stream([half(usage(24, 1))], "hang")], {
    model: MODEL,
    tokens: { input: 24, output: 1 },
    error: "AbortError",
  });
  const controller = new AbortController();
  const config = { abortSignal: controller.signal };
  const reading = async (): Promise<void> => {
    for await (const _ of await gemini.models.generateContentStream({ ...ask, config })) controller.abort();
  };
  await expect(reading()).rejects.toThrow();
  script.next([stream([half(usage(25, 1))], "cut")], {
    model: MODEL,
    tokens: { input: 25, output: 1 },
    error: "TypeError",
  });
  await expect(gemini.models.generateContentStream(ask).then(read)).rejects.toThrow();
  script.next([stream([half(usage(26, 1)), { error: { code: 503, message: "secret", status: "UNAVAILABLE" } }])], {
    model: MODEL,
    tokens: { input: 26, output: 1 },
    error: "ApiError",
  });
  await expect(gemini.models.generateContentStream(ask).then(read)).rejects.toThrow();
  script.next([stream([half(undefined), chunk(undefined)])], { model: MODEL });
  await read(await gemini.models.generateContentStream({ ...ask, config: { automaticContinuation: false } }));
  script.next([stream([chunk(usage(27, 2))])], { model: MODEL, tokens: { input: 27, output: 2 } });
  await read(await vertex.models.generateContentStream(ask));

  // Continued by the SDK: each request is billed.
  const more = { continuationToken: "t", finishReason: "CONTINUATION" };
  script.next(
    [reply(usage(31, 10), [{ text: "a" }], more), reply(usage(41, 11))],
    { model: MODEL, tokens: { input: 31, output: 10 } },
    { model: MODEL, tokens: { input: 41, output: 11 } },
  );
  await gemini.models.generateContent(ask);
  script.next(
    [stream([chunk(usage(32, 10), [{ text: "a" }], more)]), stream([chunk(usage(42, 11))])],
    { model: MODEL, tokens: { input: 32, output: 10 } },
    { model: MODEL, tokens: { input: 42, output: 11 } },
  );
  await read(await gemini.models.generateContentStream(ask));

  // Chats.
  const chat = gemini.chats.create({ model: "gemini-3-pro" });
  script.next([reply(usage(51, 5))], { model: MODEL, tokens: { input: 51, output: 5 } });
  await chat.sendMessage({ message: "hi" });
  script.next([stream([half(usage(61, 1)), chunk(usage(61, 6))])], { model: MODEL, tokens: { input: 61, output: 6 } });
  await read(await chat.sendMessageStream({ message: "more" }));

  // Functions: called by the application, and by the SDK, whole and streamed, one of them failing, one throwing.
  script.next([reply(usage(70, 2), calls("look"))], { model: MODEL, tokens: { input: 70, output: 2 } });
  await gemini.models.generateContent({
    ...ask,
    config: { tools: [{ functionDeclarations: [{ name: "look" }] }] },
  });
  const eyes = callable({ look: () => ({ output: "red" }), blink: () => ({ error: "secret" }) });
  const ears = callable({ listen: () => ({ output: "loud" }) });
  script.next(
    [reply(usage(71, 2), calls("look", "listen", "blink")), reply(usage(91, 3))],
    { model: MODEL, tokens: { input: 71, output: 2 }, agent: "painter" },
    { model: MODEL, tokens: { input: 91, output: 3 }, agent: "painter" },
  );
  await withTask("painter", () => gemini.models.generateContent({ ...ask, config: { tools: [eyes, ears] } }));
  script.next(
    [stream([chunk(usage(72, 2), calls("look"))]), stream([chunk(usage(92, 3))])],
    { model: MODEL, tokens: { input: 72, output: 2 } },
    { model: MODEL, tokens: { input: 92, output: 3 } },
  );
  await read(await gemini.models.generateContentStream({ ...ask, config: { tools: [eyes, ears] } }));
  const broken = callable({
    fall: () => {
      throw new RangeError("secret");
    },
  });
  script.next([reply(usage(73, 2), calls("fall"))], { model: MODEL, tokens: { input: 73, output: 2 } });
  await expect(gemini.models.generateContent({ ...ask, config: { tools: [broken] } })).rejects.toThrow(RangeError);

  // Refused, retried, retried in vain, aborted.
  script.next([refused], { model: asked, error: "ApiError" });
  await expect(gemini.models.generateContent(ask)).rejects.toThrow();
  script.next([refused], { model: asked, error: "ApiError" });
  await expect(gemini.models.generateContentStream(ask)).rejects.toThrow();
  const retryOptions = { attempts: 2, initialDelay: 0.001 };
  script.next([busy, reply(usage(17, 4))], { model: MODEL, tokens: { input: 17, output: 4 } });
  await gemini.models.generateContent({ ...ask, config: { httpOptions: { retryOptions } } });
  script.next([busy, busy], { model: asked, error: "ApiError" });
  await expect(gemini.models.generateContent({ ...ask, config: { httpOptions: { retryOptions } } })).rejects.toThrow();
  script.next([{ hangs: true }], { model: asked, error: "AbortError" });
  const late = new AbortController();
  const hanging = gemini.models.generateContent({ ...ask, config: { abortSignal: late.signal } });
  setTimeout(() => late.abort(), 50);
  await expect(hanging).rejects.toThrow();

  // Embeddings: with a figure for all, with one for each, with none.
  const values = { values: [0] };
  script.next([{ json: { embeddings: [values], usageMetadata: { promptTokenCount: 8 } } }], {
    model: "embed-2",
    tokens: { input: 8 },
  });
  await gemini.models.embedContent({ model: "models/embed-2", contents: "hi" });
  const counted = (token_count: number) => ({ embeddings: { ...values, statistics: { token_count } } });
  script.next([{ json: { predictions: [counted(3), counted(4)] } }], { model: "embed-1", tokens: { input: 7 } });
  await vertex.models.embedContent({ model: "embed-1", contents: ["a", "b"] });
  script.next([{ json: { embeddings: [values] } }], { model: "embed-2" });
  await gemini.models.embedContent({ model: "embed-2", contents: "hi" });

  await script.expectTruth({ otherErrors: 2 });
  const store = await script.recording.open();
  const { rows } = store.query.getToolCalls({});
  expect(
    rows.map(({ tool, isSuccess, errorType, agent }) => `${tool} ${isSuccess} ${errorType} ${agent}`).sort(),
  ).toEqual([
    "blink false tool_error painter",
    "fall false RangeError ",
    "listen true  painter",
    "look true  ",
    "look true  painter",
  ]);
  const series = store.points(canonicalName("inferenceDuration"));
  const labels = series.map(({ identity }) => identity.attributes["gen_ai.provider.name"]);
  expect([...new Set(labels)].sort()).toEqual(["gcp.gemini", "gcp.vertex_ai"]);
});
