import { EventEmitter, once } from "node:events";
import { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instrumentAgent, recordUsage, withSession, withTask, withTool } from "../src/index.ts";
import { readAll, startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const results = () =>
  watch.factsOf("task").flatMap((fact) => (fact.outcome ? [`${fact.agent} ${fact.outcome.result}`] : []));
const usages = () => watch.factsOf("model_call").map((fact) => fact.usage);
const active = async () => (await watch.points("moai.task.active")).map((point) => point.value);
const message = { id: "msg_1", type: "message", model: "claude-x", usage: { input_tokens: 10, output_tokens: 5 } };

/** A promise as SDKs return it: the request is under way, and its reply is parsed when asked. */
class ApiPromise<T> extends Promise<T> {
  async withResponse(): Promise<{ data: T; response: Response }> {
    return { data: await this, response: new Response("") };
  }
  asResponse(): Promise<Response> {
    return Promise.resolve(new Response("raw"));
  }
}
const slowly = <T>(value: T): Promise<T> => new ApiPromise<T>((resolve) => setTimeout(() => resolve(value), 15));

describe("an outer scope around an agent whose promise is an SDK's", () => {
  it("lasts as long as the agent's run", async () => {
    const llm = instrumentAgent("llm", () => slowly(message));
    const outer = withSession({ id: "s" }, () => withTask("outer", () => withTool("call", () => llm())));
    expect(results()).toEqual([]);
    expect(await outer).toBe(message);
    expect(results()).toEqual(["llm success", "outer success"]);
    expect(watch.factsOf("tool_call").map((fact) => fact.isSuccess)).toEqual([undefined, true]);
    expect(watch.factsOf("session").some((fact) => fact.hasEnded)).toBe(true);
    await instrumentAgent("agent", () => llm())();
    expect(results().slice(2)).toEqual(["llm success", "agent success"]);
    expect(usages()).toHaveLength(2);
  });

  it("fails with it", async () => {
    const error = new RangeError("x");
    const llm = instrumentAgent("llm", () => ApiPromise.reject(error) as Promise<never>);
    await expect(withTask("outer", () => llm())).rejects.toBe(error);
    expect(results()).toEqual(["llm failure", "outer failure"]);
  });
});

describe("a promise that its owner never asks", () => {
  it("is not started by us, nor is its rejection marked as handled", async () => {
    let started = 0;
    const lazy = {
      // biome-ignore lint/suspicious/noThenProperty: a query builder is a thenable.
      then: (resolve: (value: number) => void) => {
        started += 1;
        resolve(started);
      },
    };
    const query = withTask("lazy", () => lazy);
    await sleep(1);
    expect([started, results()]).toEqual([0, []]);
    expect(await (query as unknown as Promise<number>)).toBe(1);
    expect(results()).toEqual(["lazy success"]);
    expect(await (query as unknown as Promise<number>)).toBe(2);
    expect("catch" in query).toBe(false);

    const unhandled: unknown[] = [];
    const listener = (reason: unknown) => unhandled.push(reason);
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", listener);
    const lost = new Error("lost");
    void withTask("lost", () => new ApiPromise((_, reject) => reject(lost)));
    await sleep(5);
    process.off("unhandledRejection", listener);
    for (const other of others) process.on("unhandledRejection", other);
    expect(unhandled).toEqual([lost]);
  });

  it("does not keep its run active once it is thrown away", async () => {
    const { gc } = globalThis as { gc?: () => void };
    const collect = gc ?? (await exposedCollector());
    void instrumentAgent("forgotten", () => slowly(message))();
    void instrumentAgent("unread", () => ({ textStream: new ReadableStream() }))();
    const wanted = ["forgotten cancelled", "unread cancelled"];
    for (let i = 0; i < 50 && !wanted.every((each) => results().includes(each)); i++) {
      await sleep(10);
      collect();
    }
    expect(results()).toEqual(expect.arrayContaining(wanted));
    expect((await active()).slice(0, 2)).toEqual([0, 0]);
  });
});

/** V8 gives its collector to contexts made after the flag was set. */
async function exposedCollector(): Promise<() => void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

describe("an SDK's promise read by withResponse or asResponse", () => {
  it("ends the run, with the usage of the reply where it is parsed", async () => {
    const llm = instrumentAgent("llm", () => slowly(message) as ApiPromise<typeof message>);
    const { data, response } = await llm().withResponse();
    expect(data).toBe(message);
    expect(response).toBeInstanceOf(Response);
    expect(usages()).toMatchObject([{ input: 10, output: 5 }]);
    expect(await (await llm().asResponse()).text()).toBe("raw");
    expect(results()).toEqual(["llm success", "llm success"]);
  });
});

describe("a Vercel result", () => {
  class Result {
    #usage = { inputTokens: 7, outputTokens: 3 };
    #finishReason = "stop";
    constructor(finishReason = "stop") {
      this.#finishReason = finishReason;
    }
    get textStream(): ReadableStream<string> {
      return ReadableStream.from(["a", "b"]) as ReadableStream<string>;
    }
    get totalUsage() {
      return Promise.resolve(this.#usage);
    }
    get finishReason() {
      return Promise.resolve(this.#finishReason);
    }
    get response() {
      return Promise.resolve({ id: "r1", modelId: "m" });
    }
    toTextStreamResponse(): Response {
      return new Response(this.textStream.pipeThrough(new TextEncoderStream()), { status: 201, headers: { x: "1" } });
    }
    toUIMessageStream(): ReadableStream<string> {
      return this.textStream;
    }
    async consumeStream(): Promise<void> {}
    pipeTextStreamToResponse(target: Writable): void {
      Readable.fromWeb(this.textStream as never).pipe(target);
    }
  }
  const agent = instrumentAgent("vercel", (finishReason?: string) => new Result(finishReason));

  it.each<[string, (result: Result) => Promise<unknown>]>([
    ["toTextStreamResponse", async (result) => expect(await result.toTextStreamResponse().text()).toBe("ab")],
    ["toUIMessageStream", (result) => readAll(result.toUIMessageStream() as never)],
    ["consumeStream", (result) => result.consumeStream()],
    [
      "pipeTextStreamToResponse",
      async (result) => {
        const target = new Writable({ write: (_chunk, _encoding, done) => done() });
        result.pipeTextStreamToResponse(target);
        await once(target, "close");
      },
    ],
    ["totalUsage", (result) => result.totalUsage],
  ])("read by %s ends the run with its total", async (_way, consume) => {
    await consume(agent());
    await sleep(1);
    expect(usages()).toMatchObject([{ input: 7, output: 3 }]);
    expect(results()).toEqual(["vercel success"]);
  });

  it("keeps what its response says, and is cancelled when no one reads on", async () => {
    const response = agent().toTextStreamResponse();
    expect([response.status, response.headers.get("x")]).toEqual([201, "1"]);
    await response.body?.cancel();
    expect(results()).toEqual(["vercel cancelled"]);
  });

  it("whose stream is locked already gives it as it is", () => {
    const textStream = new ReadableStream();
    textStream.getReader();
    expect(instrumentAgent("locked", () => ({ textStream }))().textStream).toBe(textStream);
  });

  it("that finished with an error is a failure", async () => {
    await agent("error").consumeStream();
    await sleep(1);
    expect(results()).toEqual(["vercel failure"]);
  });

  it("with an error or an abort among its parts is a failure or cancelled", async () => {
    const streamOf = (...parts: object[]) =>
      instrumentAgent("parts", () => ({ fullStream: ReadableStream.from(parts) }))();
    await readAll(streamOf({ type: "error", error: new TypeError("x") }, { type: "finish" }).fullStream as never);
    await readAll(streamOf({ type: "abort" }).fullStream as never);
    expect(watch.factsOf("task").flatMap((fact) => fact.outcome ?? [])).toMatchObject([
      { result: "failure", errorType: "TypeError" },
      { result: "cancelled" },
    ]);
  });
});

describe("a reply that reports its failure", () => {
  it("makes the run a failure, and is one error", async () => {
    const failed = { object: "response", id: "r", status: "failed", error: { code: "server_error" }, usage: null };
    await instrumentAgent("reply", async () => failed)();
    const events = instrumentAgent("events", async function* () {
      yield { type: "response.failed", response: { ...failed, usage: { input_tokens: 4, output_tokens: 0 } } };
    });
    await readAll(events());
    const overloaded = instrumentAgent("overloaded", async function* () {
      yield { type: "error", error: { type: "overloaded_error" } };
    });
    await readAll(overloaded());
    expect(results()).toEqual(["reply failure", "events failure", "overloaded failure"]);
    expect(watch.factsOf("model_call").map((fact) => fact.errorType)).toEqual(["server_error", "server_error"]);
    const errors = (await watch.points("moai.errors")).map((point) => [point.attributes["error.type"], point.value]);
    expect(errors).toEqual([
      ["server_error", 1],
      ["server_error", 1],
      ["overloaded_error", 1],
    ]);
  });
});

describe("a stream with events", () => {
  class MessageStream extends EventEmitter {
    #events = [
      { type: "message_start", message: { ...message, usage: { input_tokens: 10, output_tokens: 1 } } },
      { type: "message_delta", usage: { output_tokens: 7 } },
    ];
    errored = false;
    aborted = false;
    start(): this {
      setImmediate(() => {
        for (const event of this.#events) this.emit("streamEvent", event);
        this.emit("end");
      });
      return this;
    }
    async finalMessage(): Promise<typeof message> {
      return message;
    }
    async done(): Promise<void> {
      throw new RangeError("x");
    }
    async *[Symbol.asyncIterator]() {
      yield* this.#events;
    }
  }
  const agent = instrumentAgent("ms", () => new MessageStream());

  it("ends with its end, however it is read", async () => {
    const stream = agent();
    const chained = stream.on("text", () => {}).start();
    expect(chained).toBe(stream);
    await once(stream, "end");
    expect(usages()).toMatchObject([{ input: 10, output: 7 }]);
    expect(await agent().finalMessage()).toBe(message);
    await expect(agent().done()).rejects.toThrow(RangeError);
    await readAll(agent().on("text", () => {}));
    expect(results()).toEqual(["ms success", "ms success", "ms failure", "ms success"]);
    expect(usages()).toHaveLength(3);
  });

  it("that was aborted or failed says so", async () => {
    for (const state of [{ aborted: true }, { errored: true }, { errored: new TypeError("x") }]) {
      const broken = instrumentAgent(
        "ms",
        (): MessageStream => Object.assign(new MessageStream() as object, state) as never,
      );
      broken().emit("end");
    }
    await sleep(5);
    expect(results()).toEqual(["ms cancelled", "ms failure", "ms failure"].toSorted());
  });

  it("of Node ends when it was read, and is cancelled when destroyed", async () => {
    const readable = instrumentAgent("node", () => Readable.from(["a"]));
    const read = readable().on("data", () => {});
    await once(read, "end");
    const destroyed = readable().destroy();
    await once(destroyed, "close");
    expect(results()).toEqual(["node success", "node cancelled"]);
  });
});

describe("a ReadableStream", () => {
  it("that is locked already is handed on, and the run is over", async () => {
    const stream = new ReadableStream();
    stream.getReader();
    expect(instrumentAgent("locked", () => stream)()).toBe(stream);
    expect(results()).toEqual(["locked success"]);
    expect(await active()).toEqual([0]);
  });

  it("of bytes can still be read into a buffer of one's own", async () => {
    const bytes = () =>
      new ReadableStream({
        type: "bytes",
        start: (controller) => {
          controller.enqueue(new Uint8Array([1, 2]));
          controller.close();
        },
      });
    const reader = instrumentAgent("bytes", bytes)().getReader({ mode: "byob" });
    expect((await reader.read(new Uint8Array(8))).value).toEqual(new Uint8Array([1, 2]));
    expect((await reader.read(new Uint8Array(8))).done).toBe(true);
    expect(results()).toEqual(["bytes success"]);
  });
});

describe("an SDK's stream", () => {
  it("read through tee or toReadableStream ends the run", async () => {
    class Stream {
      async *[Symbol.asyncIterator]() {
        yield { id: "c", usage: { prompt_tokens: 1, completion_tokens: 2 } };
      }
      tee(): Stream[] {
        return [new Stream(), new Stream()];
      }
      toReadableStream(): ReadableStream {
        return ReadableStream.from(this) as ReadableStream;
      }
    }
    const agent = instrumentAgent("s", () => new Stream());
    const [left] = agent().tee();
    await readAll(left as Stream);
    await readAll(agent().toReadableStream() as never);
    expect(usages()).toMatchObject([{ output: 2 }, { output: 2 }]);
    expect(results()).toEqual(["s success", "s success"]);
  });
});

describe("an agent's generator", () => {
  async function* numbers() {
    yield 1;
    yield 2;
  }

  it("can be declared with await using, which ends the run", async () => {
    {
      await using run = instrumentAgent("g", numbers)();
      await run.next();
      expect(run[Symbol.asyncIterator]()).toBe(run);
    }
    expect(results()).toEqual(["g cancelled"]);
  });

  it("that yields replies with ids and then their total counts the replies only", async () => {
    const query = instrumentAgent("sdk", async function* () {
      yield { type: "assistant", message };
      yield { type: "assistant", message: { ...message, id: "msg_2" } };
      yield {
        type: "result",
        subtype: "error_max_turns",
        is_error: true,
        usage: { input_tokens: 20, output_tokens: 10 },
      };
    });
    await readAll(query());
    expect(watch.factsOf("model_call").map((fact) => fact.responseId)).toEqual(["msg_1", "msg_2"]);
    expect(watch.factsOf("task").at(-1)?.outcome).toMatchObject({ result: "failure", errorType: "error_max_turns" });
  });
});

describe("a wrapped object", () => {
  it("keeps its class, its callbacks, and itself when it returns itself", async () => {
    class Agent {
      static #made = 0;
      static make(): number {
        Agent.#made += 1;
        return Agent.#made;
      }
      callback = function callback() {};
      async run(): Promise<number> {
        recordUsage({ model: "m", inputTokens: 1 });
        return 1;
      }
      self(): this {
        return this;
      }
      async [Symbol.asyncDispose](): Promise<void> {
        disposed += 1;
      }
    }
    let disposed = 0;
    const original = new Agent();
    const agent = instrumentAgent("a", original);
    expect(agent.constructor).toBe(Agent);
    expect((agent.constructor as typeof Agent).make()).toBe(1);
    expect(agent.callback).toBe(original.callback);
    expect(agent.self()).toBe(agent);
    await agent.self().run();
    expect(results()).toEqual(["a success"]);
    {
      await using _used = agent;
    }
    expect(disposed).toBe(1);
  });
});
