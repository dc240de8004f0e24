/** What surrounds the patches of single SDKs. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configure, currentIds, droppedMeasurements, recordUsage, withTask } from "../src/index.ts";
import { openCall } from "../src/open-call.ts";
import { ABORTED } from "../src/outcome.ts";
import { applyPatch } from "../src/sdks/apply.ts";
import { followCall } from "../src/sdks/follow-call.ts";
import { followIterator } from "../src/sdks/follow-iterator.ts";
import { followGenerator, followReply, followStreamedReply } from "../src/sdks/follow-reply.ts";
import { followTool, followTools } from "../src/sdks/follow-tool.ts";
import { followCallableTools } from "../src/sdks/google/callable-tools.ts";
import { serverOf } from "../src/sdks/request.ts";
import { ownerOf, wrapMethod } from "../src/sdks/wrap-method.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const start = { provider: "p", operation: "chat", model: "asked" };
const tokens = (input: number) => ({ input, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 });
const calls = () => watch.factsOf("model_call");

describe("calls inside of one another", () => {
  it("are one, the innermost with usage", async () => {
    const outer = openCall(start);
    outer.run(() => {
      const inner = openCall({ ...start, model: "inner" });
      inner.run(() => expect(currentIds()?.requestId).toMatch(/^span:/));
      inner.succeed({ tokens: tokens(5), responseId: "r" });
    });
    outer.succeed({ tokens: tokens(5) });
    expect(calls()).toMatchObject([{ model: "inner", responseId: "r", usage: { input: 5 } }]);
  });

  it("are one, the outermost, where no inner one tells its usage; its error is counted once", async () => {
    const outer = openCall(start);
    const error = new RangeError("secret");
    outer.run(() => openCall({ ...start, model: "inner" }).fail(error));
    outer.fail(error);
    outer.fail(error);
    expect(calls()).toMatchObject([{ model: "asked", errorType: "RangeError" }]);
    expect((await watch.points("moai.errors")).map(({ value }) => value)).toEqual([1]);
  });

  it("are told by the outermost, with the names that an inner one was told", async () => {
    const outer = openCall(start);
    outer.run(() => openCall(start).succeed({ model: "answered", responseId: "r" }));
    outer.succeed(undefined);
    expect(calls()).toMatchObject([{ model: "answered", responseId: "r" }]);
  });

  it("are several where several inner ones tell their usage", () => {
    const outer = openCall(start);
    outer.run(() => {
      openCall(start).succeed({ tokens: tokens(1) });
      recordUsage({ model: "by hand", inputTokens: 2 });
    });
    outer.succeed({ tokens: tokens(3) });
    expect(calls().map(({ usage }) => usage?.input)).toEqual([1, 2]);
  });

  it("stand apart in a task that runs inside of a call", () => {
    const outer = openCall(start);
    outer.run(() => withTask("helper", () => openCall(start).succeed(undefined)));
    outer.succeed({ tokens: tokens(3) });
    expect(calls()).toHaveLength(2);
  });
});

describe("a followed call", () => {
  it("names the model that answered and the one that was asked", () => {
    const call = openCall({ ...start, serverAddress: "localhost", serverPort: 8080 });
    call.firstChunk();
    call.succeed({ model: "answered", tokens: tokens(1) });
    const [span] = watch.spans.getFinishedSpans();
    expect(span).toMatchObject({
      name: "chat asked",
      attributes: {
        "gen_ai.request.model": "asked",
        "gen_ai.response.model": "answered",
        "server.address": "localhost",
        "server.port": 8080,
        "gen_ai.response.time_to_first_chunk": expect.any(Number),
      },
    });
    expect(calls()).toMatchObject([{ model: "answered" }]);
  });

  it("that is aborted without a throw counts as aborted", () => {
    openCall(start).fail(ABORTED, { tokens: tokens(2) });
    expect(calls()).toMatchObject([{ errorType: "AbortError", usage: { input: 2 } }]);
  });

  it("that throws, or returns what is no promise of an SDK, is recorded all the same", () => {
    const reader = () => ({ accept: () => {}, read: () => undefined });
    const failing = (): never => {
      throw new TypeError("secret");
    };
    expect(() => followCall(() => start, reader, failing)).toThrow("secret");
    expect(
      followCall(
        () => start,
        reader,
        () => 7,
      ),
    ).toBe(7);
    expect(calls()).toMatchObject([{ errorType: "TypeError" }, { errorType: undefined }]);
  });

  it("is not recorded where recording is off", () => {
    configure({ isEnabled: false });
    expect(
      followCall(
        () => start,
        () => ({ accept: () => {}, read: () => undefined }),
        () => 7,
      ),
    ).toBe(7);
    expect(calls()).toEqual([]);
  });
});

describe("wrapping a method", () => {
  it("happens once, keeps name and length, and says what is not there", () => {
    const owner = {
      ask(_question: string) {
        return 1;
      },
    };
    const around = (_: unknown, __: readonly unknown[], work: () => unknown) => Number(work()) + 1;
    expect([wrapMethod(owner, "ask", around), wrapMethod(owner, "ask", around)]).toEqual([true, true]);
    expect([owner.ask("?"), owner.ask.name, owner.ask.length]).toEqual([2, "ask", 1]);
    expect([wrapMethod(owner, "other", around), wrapMethod(undefined, "ask", around)]).toEqual([false, false]);
    expect(wrapMethod(Object.freeze({ ask: () => 1 }), "ask", around)).toBe(false);
    expect([ownerOf(Object.create(owner), "ask") === owner, ownerOf(owner, "other")]).toEqual([true, undefined]);
  });

  it("counts what an SDK does not have", () => {
    applyPatch("openai", "resources/embeddings", { Embeddings: class {} });
    applyPatch("@anthropic-ai/sdk", "resources/messages/messages", {});
    applyPatch("@google/genai", "dist/node/index", { Models: class {} });
    applyPatch("@openai/agents-core", "dist/run", {});
    applyPatch("@openai/agents-core", "dist/tool", {});
    applyPatch("@google/generative-ai", "dist/index", {});
    applyPatch("@langchain/core", "dist/tools/index", { StructuredTool: class {} });
    applyPatch("@mastra/core", "dist/agent/index", {});
    applyPatch("unknown", "x", {});
    expect(droppedMeasurements()).toMatchObject({
      "not found in @google/genai: Models.generateContentInternal": 1,
      "not found in @google/generative-ai: ChatSession.sendMessage": 1,
      "not found in @langchain/core: StructuredTool.call": 1,
      "not found in @mastra/core: Agent.generate": 1,
      "not found in openai: Embeddings.create": 1,
      "not found in @anthropic-ai/sdk: Messages.create": 1,
      "not found in @openai/agents-core: Runner.run": 1,
      "not found in @openai/agents-core: tool": 1,
    });
  });
});

async function* count() {
  yield 1;
}

describe("a reply of a plain promise", () => {
  it("that has no stream where one was expected is over at once", async () => {
    const reader = { accept: () => {}, read: () => ({ model: "answered" }) };
    const observe = () => undefined;
    const asked = followStreamedReply(
      () => start,
      () => 7,
      { reader, signal: undefined, observe },
    );
    expect(await asked).toBe(7);
    expect(calls()).toMatchObject([{ model: "answered" }]);
  });

  it("is not recorded where recording is off", async () => {
    configure({ isEnabled: false });
    const work = async () => 7;
    const reader = { accept: () => {}, read: () => undefined };
    const streamed = { reader, signal: undefined, observe: () => undefined };
    expect(await followReply(() => start, work, reader.read)).toBe(7);
    expect(await followStreamedReply(() => start, work, streamed)).toBe(7);
    const pieces: number[] = [];
    for await (const piece of followGenerator(() => start, count(), streamed)) pieces.push(piece);
    expect(pieces).toEqual([1]);
    expect(calls()).toEqual([]);
  });
});

describe("tools that run together", () => {
  it("are one call each, also where one of them asks for another by its name", async () => {
    const tools = [{ name: "look" }, { name: "listen" }, { name: undefined }];
    const inner = () =>
      followTool(
        { name: "listen" },
        () => 1,
        () => undefined,
      );
    const ran = followTools(tools, inner, () => [undefined, new RangeError("secret")]);
    expect(await ran).toBe(1);
    const ended = watch.factsOf("tool_call").filter(({ endedAtMillis }) => endedAtMillis !== undefined);
    expect(ended).toMatchObject([
      { tool: "look", isSuccess: true },
      { tool: "listen", isSuccess: false, errorType: "RangeError" },
    ]);
  });

  it("that cannot be wrapped are counted", () => {
    const tool = Object.freeze({ callTool: async () => [] });
    followCallableTools({ config: { tools: [tool, { googleSearch: {} }] } }, undefined);
    expect(droppedMeasurements()).toMatchObject({ "tool that cannot be followed": 1 });
  });
});

describe("the steps of an iterator", () => {
  const seen: string[] = [];
  const observer = {
    chunk: (value: unknown) => void seen.push(`chunk ${value}`),
    ended: () => void seen.push("ended"),
    failed: (error: unknown) => void seen.push(`failed ${error}`),
    left: () => void seen.push("left"),
  };
  beforeEach(() => void seen.splice(0));

  it("are told, also the last one, and a throw into it", async () => {
    const followed = followIterator(count(), observer);
    for await (const _ of followed);
    await followIterator(count(), observer).return?.("x");
    await expect(followIterator(count(), observer).throw?.("bad")).rejects.toBe("bad");
    expect(seen).toEqual(["chunk 1", "ended", "left", "failed bad"]);
  });

  it("of an iterator that has only next() end all the same", async () => {
    const bare = { next: async () => Promise.reject(new Error("gone")) };
    await expect(followIterator(bare, observer).next()).rejects.toThrow("gone");
    expect(await followIterator(bare, observer).return?.(5)).toEqual({ done: true, value: 5 });
    await expect(followIterator(bare, observer).throw?.("bad")).rejects.toBe("bad");
    expect(seen).toEqual(["failed Error: gone", "left", "failed bad"]);
  });
});

it("the server is told as the client knows it", () => {
  const at = (baseURL: unknown) => serverOf({ _client: { baseURL } });
  expect(at("https://api.openai.com/v1")).toEqual({ serverAddress: "api.openai.com" });
  expect(at("http://localhost:8080")).toEqual({ serverAddress: "localhost", serverPort: 8080 });
  expect([at("no address"), at(undefined), serverOf(undefined)]).toEqual([{}, {}, {}]);
});
