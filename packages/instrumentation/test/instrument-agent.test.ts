import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { droppedMeasurements, instrumentAgent, recordUsage, withTask, withTool } from "../src/index.ts";
import { readAll, startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const outcomes = () => watch.factsOf("task").flatMap((fact) => fact.outcome ?? []);
const usages = () => watch.factsOf("model_call").map((fact) => fact.usage);
const message = {
  id: "msg_1",
  type: "message",
  model: "claude-x",
  usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 2 },
};

describe("a wrapped function", () => {
  it("keeps this, arguments, name, properties, and what it returns", async () => {
    const self = { factor: 3 };
    const reply = { ...message };
    const original = Object.assign(
      async function multiply(this: typeof self, by: number, _label: string) {
        return { product: this.factor * by, reply };
      },
      { version: "1" },
    );
    const wrapped = instrumentAgent("calculator", original);
    expect(wrapped.name).toBe("multiply");
    expect(wrapped.length).toBe(2);
    expect(wrapped.version).toBe("1");
    const result = await wrapped.call(self, 4, "x");
    expect(result.product).toBe(12);
    expect(result.reply).toBe(reply);
    expect(watch.factsOf("task").at(-1)).toMatchObject({ agent: "calculator", outcome: { result: "success" } });
  });

  it("reads the usage of a returned reply, once, and leaves an unknown one unknown", async () => {
    await instrumentAgent("writer", async () => message)();
    expect(watch.factsOf("model_call")).toMatchObject([
      { responseId: "msg_1", model: "claude-x", usage: { input: 10, cacheRead: 2, output: 5 } },
    ]);
    await instrumentAgent("writer", async () => ({ text: "no usage" }))();
    expect(watch.factsOf("model_call")).toHaveLength(1);
  });

  it("takes returned usage for the sum where calls were recorded inside", async () => {
    const agent = instrumentAgent("writer", async () => {
      await withTask("helper", async () => recordUsage({ model: "m", inputTokens: 10, outputTokens: 5 }));
      return message;
    });
    await agent();
    expect(usages()).toMatchObject([{ input: 10, output: 5 }]);
  });

  it("counts calls of models and tools on the agent that made them", async () => {
    const child = instrumentAgent("child", async () => recordUsage({ inputTokens: 1 }));
    await instrumentAgent("parent", async () => {
      recordUsage({ inputTokens: 1 });
      withTool("Read", () => {});
      withTool("Read", () => {});
      await child();
    })();
    const calls = await watch.points("gen_ai.invoke_agent.inference_calls");
    expect(calls).toMatchObject([
      { attributes: { "gen_ai.agent.name": "child" }, value: { sum: 1 } },
      { attributes: { "gen_ai.agent.name": "parent" }, value: { sum: 1 } },
    ]);
    expect(await watch.points("gen_ai.invoke_agent.tool_calls")).toMatchObject([
      { value: { sum: 0 } },
      { value: { sum: 2 } },
    ]);
    const [inner, outer] = watch.spans.getFinishedSpans().filter((span) => span.name.startsWith("invoke_agent"));
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
  });

  it("throws on what the agent threw, also synchronously", async () => {
    const error = new RangeError("x");
    const fail = () => {
      throw error;
    };
    await expect(instrumentAgent("a", async () => fail())()).rejects.toBe(error);
    expect(() => instrumentAgent("a", fail)()).toThrow(error);
    expect(outcomes()).toMatchObject([{ result: "failure" }, { result: "failure" }]);
    expect(watch.spans.getFinishedSpans().at(-1)?.attributes["error.type"]).toBe("RangeError");
  });

  it("keeps the methods of an SDK's promise, and is followed when awaited", async () => {
    class ApiPromise<T> extends Promise<T> {
      #secret = "raw";
      asResponse(): string {
        return this.#secret;
      }
    }
    const call = instrumentAgent("a", () => ApiPromise.resolve(message) as ApiPromise<typeof message>);
    const promise = call();
    expect(promise).toBeInstanceOf(ApiPromise);
    expect(promise.asResponse()).toBe("raw");
    expect(await promise).toBe(message);
    await promise.finally(() => {});
    expect(usages()).toHaveLength(1);
    const rejected = instrumentAgent("a", () => ApiPromise.reject(new Error("no")) as ApiPromise<never>)();
    await expect(rejected.catch((reason: Error) => reason.message)).resolves.toBe("no");
    expect(outcomes().at(-1)).toMatchObject({ result: "failure" });
  });
});

describe("a wrapped generator", () => {
  it("starts with the first step, and every step runs inside", async () => {
    async function* steps(count: number): AsyncGenerator<number, string, string> {
      let answers = "";
      for (let i = 0; i < count; i++) {
        recordUsage({ model: "m", inputTokens: 1 });
        answers += yield i;
        await sleep(0);
      }
      return answers;
    }
    const generator = instrumentAgent("stepper", steps)(2);
    expect(watch.factsOf("task")).toEqual([]);
    expect(await generator.next("ignored")).toEqual({ done: false, value: 0 });
    recordUsage({ model: "outside", inputTokens: 1 });
    expect(await generator.next("a")).toEqual({ done: false, value: 1 });
    expect(await generator.next("b")).toEqual({ done: true, value: "ab" });
    const taskId = watch.factsOf("task")[0]?.taskId;
    expect(watch.factsOf("model_call").map((fact) => [fact.model, fact.taskId === taskId])).toEqual([
      ["m", true],
      ["outside", false],
      ["m", true],
    ]);
    expect(outcomes()).toMatchObject([{ result: "success" }]);
  });

  it("left early is cancelled, runs its finally blocks, and keeps the usage so far", async () => {
    let cleanedUp = false;
    const agent = instrumentAgent("streamer", async function* () {
      try {
        yield { type: "message_start", message: { ...message, usage: { input_tokens: 10, output_tokens: 1 } } };
        yield { type: "message_delta", usage: { output_tokens: 7 } };
        yield { type: "message_delta", usage: { output_tokens: 99 } };
      } finally {
        cleanedUp = true;
      }
    });
    let seen = 0;
    for await (const _chunk of agent()) {
      seen += 1;
      if (seen === 2) break;
    }
    expect(cleanedUp).toBe(true);
    expect(usages()).toMatchObject([{ input: 10, output: 7 }]);
    expect(outcomes()).toMatchObject([{ result: "cancelled", origin: "inferred" }]);
  });

  it("passes throw() into the agent, and its errors out", async () => {
    const agent = instrumentAgent("a", async function* () {
      try {
        yield 1;
      } catch {
        yield 2;
      }
    });
    const generator = agent();
    await generator.next();
    expect(await generator.throw(new Error("in"))).toEqual({ done: false, value: 2 });
    expect(await generator.next()).toEqual({ done: true, value: undefined });
    const error = new Error("out");
    const failing = instrumentAgent("b", async function* () {
      yield 1;
      throw error;
    })();
    await failing.next();
    await expect(failing.next()).rejects.toBe(error);
    expect(outcomes().map((outcome) => outcome.result)).toEqual(["success", "failure"]);
  });
});

describe("a returned stream", () => {
  it("is watched to its end, and keeps its other methods", async () => {
    class Stream {
      #chunks = [
        { object: "chat.completion.chunk", id: "c1", model: "gpt-x", usage: null },
        {
          object: "chat.completion.chunk",
          id: "c1",
          model: "gpt-x",
          usage: { prompt_tokens: 8, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 6 } },
        },
      ];
      size(): number {
        return this.#chunks.length;
      }
      async *[Symbol.asyncIterator]() {
        yield* this.#chunks;
      }
    }
    const stream = await instrumentAgent("a", async () => new Stream())();
    expect(stream).toBeInstanceOf(Stream);
    expect(stream.size()).toBe(2);
    expect(outcomes()).toEqual([]);
    expect((await readAll(stream)).length).toBe(2);
    expect(watch.factsOf("model_call")).toMatchObject([
      { responseId: "c1", model: "gpt-x", usage: { input: 2, cacheRead: 6, output: 3 } },
    ]);
    expect(outcomes()).toMatchObject([{ result: "success" }]);
  });

  it("stays a real ReadableStream, read, cancelled or failing", async () => {
    const chunks = [
      { usageMetadata: { promptTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 1 }, responseId: "g1" },
    ];
    const agent = instrumentAgent(
      "a",
      async (error?: Error) =>
        new ReadableStream<object>({
          start: (controller) => {
            for (const chunk of chunks) controller.enqueue(chunk);
            if (error) controller.error(error);
            else controller.close();
          },
        }),
    );
    const piped = (await agent()).pipeThrough(new TransformStream());
    expect(await readAll(piped)).toEqual(chunks);
    expect(usages()).toMatchObject([{ input: 4, output: 3, reasoning: 1 }]);
    await (await agent()).cancel();
    await expect(readAll(await agent(new TypeError("x")))).rejects.toThrow(TypeError);
    expect(outcomes().map((outcome) => outcome.result)).toEqual(["success", "cancelled", "failure"]);
  });

  it("of the Vercel AI SDK gives its total when the text has been read", async () => {
    let asked = 0;
    const makeResult = () => ({
      get textStream() {
        return (async function* () {
          yield "a";
          yield "b";
        })();
      },
      get totalUsage() {
        asked += 1;
        return Promise.resolve({ inputTokens: 7, outputTokens: 2, cachedInputTokens: 3 });
      },
      get response() {
        return Promise.resolve({ id: "r1", modelId: "m" });
      },
    });
    const result = instrumentAgent("a", () => makeResult())();
    expect(asked).toBe(0);
    expect(await readAll(result.textStream)).toEqual(["a", "b"]);
    await sleep(1);
    expect(watch.factsOf("model_call")).toMatchObject([
      { model: "m", responseId: "r1", usage: { input: 4, cacheRead: 3, output: 2 } },
    ]);
    const awaited = instrumentAgent("a", () => makeResult())();
    expect(await awaited.totalUsage).toMatchObject({ inputTokens: 7 });
    await sleep(1);
    expect(outcomes()).toHaveLength(2);
    const full = instrumentAgent("a", () => ({
      fullStream: (async function* () {
        yield { type: "finish-step", usage: { inputTokens: 1, outputTokens: 1 }, response: { id: "s1", modelId: "m" } };
        yield { type: "finish-step", usage: { inputTokens: 2, outputTokens: 2 }, response: { id: "s2", modelId: "m" } };
        yield { type: "finish", totalUsage: { inputTokens: 3, outputTokens: 3 } };
      })(),
    }))();
    await readAll(full.fullStream);
    expect(
      watch
        .factsOf("model_call")
        .slice(-2)
        .map((fact) => fact.responseId),
    ).toEqual(["s1", "s2"]);
  });
});

describe("a wrapped object", () => {
  class Agent {
    #runs = 0;
    mode = "fast";
    get runs(): number {
      return this.#runs;
    }
    async run(): Promise<typeof message> {
      this.#runs += 1;
      return message;
    }
    async generate(): Promise<typeof message> {
      return this.run();
    }
    reset(): this {
      this.#runs = 0;
      return this;
    }
  }

  it("records its run methods once each, and behaves the same otherwise", async () => {
    const original = new Agent();
    const agent = instrumentAgent("writer", original);
    expect(await agent.run()).toBe(message);
    expect(await agent.generate()).toBe(message);
    expect(agent.runs).toBe(2);
    expect(watch.factsOf("task").filter((fact) => fact.outcome)).toHaveLength(2);
    agent.reset();
    expect(original.runs).toBe(0);
    agent.mode = "slow";
    expect(original.mode).toBe("slow");
    expect(agent.run).toBe(agent.run);
    expect(agent.reset).toBe(agent.reset);
    expect(agent).toBeInstanceOf(Agent);
    expect(Object.keys(agent)).toEqual(Object.keys(original));
  });

  it("that is frozen works as before, and is counted as not recorded", async () => {
    const before = droppedMeasurements()["frozen method run of an agent"] ?? 0;
    const agent = instrumentAgent("frozen", Object.freeze({ run: async () => 5 }));
    expect(await agent.run()).toBe(5);
    expect(droppedMeasurements()["frozen method run of an agent"]).toBe(before + 1);
  });
});

describe("misuse", () => {
  it("is refused early, naming the agent and the remedy", () => {
    expect(() => instrumentAgent("", async () => {})).toThrow(/agent's name/);
    expect(() => instrumentAgent("x", {})).toThrow(/"x" is neither a function nor an object with run/);
    expect(() => instrumentAgent("x", null as unknown as object)).toThrow(TypeError);
  });
});
