import { setTimeout as sleep } from "node:timers/promises";
import type { TaskOutcome, TaskResult } from "@moai-metrics/model";
import { trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  configure,
  currentIds,
  droppedMeasurements,
  recordFiles,
  recordLines,
  recordQuality,
  recordUsage,
  setPriceCall,
  setProcessSessionId,
  withSession,
  withTask,
  withTool,
} from "../src/index.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const outcomes = (): TaskOutcome[] => watch.factsOf("task").flatMap((fact) => fact.outcome ?? []);

const THROWS: [TaskResult, string, () => unknown][] = [
  ["failure", "TypeError", () => new TypeError("secret message")],
  ["failure", "ECONNRESET", () => Object.assign(new Error("x"), { code: "ECONNRESET" })],
  ["failure", "Error", () => new Error("x")],
  ["failure", "_OTHER", () => "a thrown text"],
  ["failure", "_OTHER", () => undefined],
  ["cancelled", "AbortError", () => new DOMException("x", "AbortError")],
  ["timeout", "TimeoutError", () => AbortSignal.timeout(0) && new DOMException("x", "TimeoutError")],
  [
    "timeout",
    "AbortError",
    () => new DOMException("x", { name: "AbortError", cause: new DOMException("", "TimeoutError") }),
  ],
  [
    "failure",
    "_OTHER",
    () =>
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("trap");
          },
        },
      ),
  ],
];

describe("withTask", () => {
  it("hands over the start before the end, under one id", async () => {
    await withTask("planner", async (task) => {
      expect(watch.factsOf("task")).toMatchObject([
        { taskId: task.id, agent: "planner", taskKind: "sdk", product: "test-app", witness: "process" },
      ]);
      expect(watch.factsOf("task")[0]?.outcome).toBeUndefined();
    });
    const [start, end] = watch.factsOf("task");
    expect(end?.taskId).toBe(start?.taskId);
    expect(end?.outcome).toMatchObject({ result: "success", origin: "inferred" });
  });

  it("returns what the work returns, synchronously where the work is synchronous", async () => {
    const value = { a: 1 };
    expect(withTask("a", (): { a: number } => value)).toBe(value);
    expect(await withTask("a", async () => value)).toBe(value);
    expect(outcomes()).toHaveLength(2);
  });

  it.each(THROWS)("a throw is %s with error type %s, and goes on unchanged", async (result, errorType, makeError) => {
    const error: unknown = makeError();
    const caught = await withTask("a", async () => {
      throw error;
    }).then(
      () => ({ reason: "nothing" as unknown }),
      (reason: unknown) => ({ reason }),
    );
    expect(Object.is(caught.reason, error)).toBe(true);
    let caughtSync: unknown = "nothing";
    try {
      withTask("a", () => {
        throw error;
      });
    } catch (reason) {
      caughtSync = reason;
    }
    expect(Object.is(caughtSync, error)).toBe(true);
    expect(outcomes()).toMatchObject([
      { result, errorType, origin: "reported" },
      { result, errorType, origin: "reported" },
    ]);
    expect(JSON.stringify(watch.facts)).not.toContain("secret message");
  });

  it("believes an agent that reports its result, unless it throws afterwards", async () => {
    withTask("a", (task) => task.setResult("failure", { errorType: "TestsFailed" }));
    expect(() =>
      withTask("a", (task) => {
        task.setResult("success");
        throw new RangeError("x");
      }),
    ).toThrow(RangeError);
    withTask("a", (task) => task.setResult("excellent" as "success"));
    expect(outcomes()).toMatchObject([
      { result: "failure", origin: "reported", errorType: "TestsFailed" },
      { result: "failure", errorType: "RangeError" },
      { result: "success", origin: "inferred" },
    ]);
    expect(droppedMeasurements()).toMatchObject({ "unknown task result": 1 });
  });

  it("nests across awaits, and keeps runs side by side apart", async () => {
    await withSession({ id: "s1" }, async () => {
      await Promise.all(
        ["left", "right"].map((agent) =>
          withTask(agent, async (outer) => {
            await sleep(2);
            await withTask({ agent: `${agent}-child`, kind: "subagent" }, async () => {
              await sleep(1);
              recordUsage({ model: "m", inputTokens: 1 });
            });
            recordUsage({ model: "m", inputTokens: 1, responseId: outer.id });
          }),
        ),
      );
    });
    const tasks = new Map(watch.factsOf("task").map((fact) => [fact.agent, fact]));
    for (const agent of ["left", "right"]) {
      expect(tasks.get(`${agent}-child`)?.parentTaskId).toBe(tasks.get(agent)?.taskId);
    }
    for (const call of watch.factsOf("model_call")) {
      if (call.responseId !== undefined) expect(call.taskId).toBe(call.responseId);
      expect(call.sessionId).toBe("s1");
    }
  });

  it("names facts after the spans that describe them, and after random keys without an SDK", async () => {
    await withTask("a", async () => recordUsage({ model: "m", inputTokens: 3 }));
    const keys = watch.spans.getFinishedSpans().map((span) => {
      const { traceId, spanId } = span.spanContext();
      return `span:${traceId}${spanId}`;
    });
    expect(keys).toContain(watch.factsOf("task")[0]?.taskId);
    expect(keys).toContain(watch.factsOf("model_call")[0]?.requestId);
    trace.disable();
    withTask("b", () => {});
    withTask("b", () => {});
    const ids = watch
      .factsOf("task")
      .filter((fact) => fact.agent === "b")
      .map((fact) => fact.taskId);
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(/^span:[0-9a-f]{48}$/);
  });

  it("leaves the methods of a promise subclass alone", async () => {
    class Reply extends Promise<number> {
      withResponse(): string {
        return "response";
      }
    }
    const reply = Reply.resolve(7) as Reply;
    const returned = withTask("a", () => reply);
    expect(returned).toBeInstanceOf(Reply);
    expect(returned.constructor).toBe(Reply);
    expect(returned.withResponse()).toBe("response");
    expect(await returned).toBe(7);
    expect(outcomes()).toMatchObject([{ result: "success" }]);
  });

  it("counts, times and sums in metrics without ids", async () => {
    await withSession({ id: "secret-session" }, () =>
      withTask("planner", async () => {
        recordUsage({ model: "m", provider: "anthropic", inputTokens: 100, cacheReadTokens: 40, outputTokens: 10 });
        const [active] = await watch.points("moai.task.active");
        expect(active?.value).toBe(1);
      }),
    );
    await withTask("planner", () => Promise.reject(new RangeError("x"))).catch(() => {});
    expect(await watch.points("moai.task.count")).toMatchObject([
      {
        value: 1,
        attributes: { "gen_ai.agent.name": "planner", "moai.task.kind": "sdk", "moai.task.result": "success" },
      },
      { value: 1, attributes: { "moai.task.result": "failure" } },
    ]);
    expect(await watch.points("moai.task.active")).toMatchObject([{ value: 0 }]);
    expect(await watch.points("moai.task.tokens")).toMatchObject([{ value: { count: 1, sum: 110 } }]);
    expect(await watch.points("moai.session.duration")).toMatchObject([{ value: { count: 1 } }]);
    expect(await watch.points("moai.errors")).toMatchObject([{ value: 1, attributes: { "error.type": "RangeError" } }]);
    expect(await watch.points("gen_ai.client.inference.usage.input_tokens")).toMatchObject([
      { value: 100, attributes: { "gen_ai.token.modality": "unknown", "gen_ai.provider.name": "anthropic" } },
    ]);
    expect(await watch.points("gen_ai.client.inference.usage.cache_read.input_tokens")).toMatchObject([{ value: 40 }]);
    const everything = JSON.stringify(await Promise.all((await watch.metricNames()).map((name) => watch.points(name))));
    expect(everything).not.toContain("secret-session");
  });
});

describe("an error", () => {
  it("that passes through tools and tasks is counted once, where it happened", async () => {
    const error = new RangeError("x");
    const fail = () => {
      throw error;
    };
    expect(() => withTask("outer", () => withTask("inner", () => withTool("tool", fail)))).toThrow(error);
    const errors = await watch.points("moai.errors");
    expect(errors).toMatchObject([{ value: 1, attributes: { "gen_ai.agent.name": "inner" } }]);
    expect(outcomes()).toMatchObject([{ result: "failure" }, { result: "failure" }]);
    expect(() => withTask("inner", fail)).toThrow(error);
    expect(await watch.points("moai.errors")).toMatchObject([{ value: 2 }]);
  });
});

describe("currentIds", () => {
  it("tells where the code stands, and nothing outside", async () => {
    expect(currentIds()).toBeUndefined();
    await withSession({ id: "s", product: "p" }, async () => {
      expect(currentIds()).toEqual({ product: "p", sessionId: "s", taskId: undefined });
      await withTask("a", async (task) => {
        await sleep(0);
        expect(withTool("t", currentIds)).toEqual({ product: "p", sessionId: "s", taskId: task.id });
      });
    });
  });
});

describe("setProcessSessionId", () => {
  it("names the session of what happens outside of any", () => {
    withTask("before", () => {});
    setProcessSessionId("instance-1");
    withTask("after", () => {});
    const [before, after] = ["before", "after"].map(
      (agent) => watch.factsOf("task").find((fact) => fact.agent === agent)?.sessionId,
    );
    expect(before).not.toBe(after);
    expect(after).toBe("instance-1");
    expect(watch.factsOf("session").filter((fact) => fact.sessionId === after && fact.project)).toHaveLength(1);
    expect(() => setProcessSessionId(" ")).toThrow(/service.instance.id/);
  });
});

describe("recordUsage", () => {
  it("reads a usage that was taken out of its reply", () => {
    recordUsage({ input_tokens: 10, cache_read_input_tokens: 2, output_tokens: 5 }, { model: "claude-x" });
    recordUsage({ prompt_tokens: 5, completion_tokens: 6 });
    recordUsage({ model: "m", inputTokens: 100, outputTokens: 6, cachedInputTokens: 90, reasoningTokens: 3 });
    expect(watch.factsOf("model_call")).toMatchObject([
      { model: "claude-x", usage: { input: 10, cacheRead: 2, output: 5 } },
      { usage: { input: 5, output: 6 } },
      { model: "m", usage: { input: 10, cacheRead: 90, output: 6, reasoning: 3 } },
    ]);
  });
});

describe("withSession", () => {
  it("says when it started and when it ended, also by a throw", async () => {
    const error = new Error("x");
    await expect(
      withSession({ id: "s1", project: "/p", branch: "main", version: "1" }, async () => {
        throw error;
      }),
    ).rejects.toBe(error);
    expect(() =>
      withSession({ id: "s2" }, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(watch.factsOf("session").filter((fact) => fact.sessionId === "s1")).toMatchObject([
      { project: "/p", branch: "main", version: "1" },
      { project: "/p", hasEnded: true },
    ]);
    expect(watch.spans.getFinishedSpans()[0]?.attributes).toMatchObject({
      "session.id": "s1",
      "moai.agent.product": "test-app",
      "error.type": "Error",
    });
  });

  it("is not needed: work outside of one belongs to the session of the process", () => {
    withTask("a", () => {});
    withTask("b", () => {});
    const ids = new Set(watch.factsOf("task").map((fact) => fact.sessionId));
    expect(ids.size).toBe(1);
  });
});

describe("withTool", () => {
  it("hands over start and end, with the failure's type", async () => {
    await withTask("coder", async () => {
      expect(withTool({ name: "Read", callId: "toolu_1" }, () => 5)).toBe(5);
      await expect(withTool("Bash", () => Promise.reject(new SyntaxError("x")))).rejects.toThrow(SyntaxError);
      expect(() =>
        withTool("Edit", () => {
          throw new RangeError("x");
        }),
      ).toThrow(RangeError);
    });
    expect(watch.factsOf("tool_call")).toMatchObject([
      { tool: "Read" },
      { tool: "Read", isSuccess: true },
      { tool: "Bash" },
      { tool: "Bash", isSuccess: false, errorType: "SyntaxError" },
      { tool: "Edit" },
      { tool: "Edit", isSuccess: false, errorType: "RangeError" },
    ]);
    expect(watch.factsOf("tool_call")[0]?.isSuccess).toBeUndefined();
    expect(await watch.points("gen_ai.execute_tool.duration")).toMatchObject([
      { attributes: { "gen_ai.tool.name": "Read", "gen_ai.tool.type": "function", "gen_ai.agent.name": "coder" } },
      { attributes: { "gen_ai.tool.name": "Bash", "error.type": "SyntaxError" } },
      { attributes: { "gen_ai.tool.name": "Edit", "error.type": "RangeError" } },
    ]);
  });
});

describe("tool calls to which models gave the same id", () => {
  it("stay apart, and show the id on their spans", () => {
    for (const id of ["s1", "s2"]) withSession({ id }, () => withTool({ name: "Read", callId: "call_0" }, () => {}));
    expect(new Set(watch.factsOf("tool_call").map((fact) => fact.callId)).size).toBe(2);
    const spans = watch.spans.getFinishedSpans().filter((span) => span.name === "execute_tool Read");
    expect(spans.map((span) => span.attributes["gen_ai.tool.call.id"])).toEqual(["call_0", "call_0"]);
  });
});

describe("records of work", () => {
  it("count each file once per task and change", async () => {
    withTask("coder", () => {
      recordFiles({ created: ["/p/a.ts", "/p/a.ts"], modified: ["/p/a.ts", "b.ts"] });
      recordFiles({ created: ["/p/a.ts"], deleted: ["/p/c.ts"] });
    });
    expect(watch.factsOf("file_change").map((fact) => [fact.change, fact.path])).toEqual([
      ["created", "/p/a.ts"],
      ["modified", "/p/a.ts"],
      ["modified", `${process.cwd()}/b.ts`],
      ["deleted", "/p/c.ts"],
    ]);
    expect((await watch.points("moai.task.files")).map((point) => point.value)).toEqual([1, 2, 1]);
    expect(JSON.stringify(await watch.points("moai.task.files"))).not.toContain("a.ts");
  });

  it("sum lines, which only grow", async () => {
    withTask("coder", () => {
      recordLines({ added: 3, removed: 1 });
      recordLines({ added: 2 });
    });
    expect(watch.factsOf("task").at(-1)).toMatchObject({ linesAdded: 5, linesRemoved: 1 });
    expect((await watch.points("moai.task.lines")).map((point) => point.value)).toEqual([5, 1]);
  });

  it("outside of a task are counted as dropped", () => {
    const before = droppedMeasurements();
    recordFiles({ created: ["/p/a.ts"] });
    recordLines({ added: 1 });
    expect(droppedMeasurements()["file outside of a task"]).toBe((before["file outside of a task"] ?? 0) + 1);
    expect(droppedMeasurements()["lines outside of a task"]).toBe((before["lines outside of a task"] ?? 0) + 1);
    expect(watch.facts.filter((fact) => fact.kind !== "session")).toEqual([]);
  });

  it("of quality are gauges", async () => {
    recordQuality({ testCoverage: 0.91, lintScore: 0.95, benchmarkScore: 70, benchmark: "swe", project: "p" });
    expect(await watch.points("moai.quality.test_coverage")).toMatchObject([
      { value: 0.91, attributes: { "moai.project": "p" } },
    ]);
    expect(await watch.points("moai.quality.benchmark_score")).toMatchObject([
      { value: 70, attributes: { "moai.benchmark.name": "swe" } },
    ]);
    expect(await watch.points("moai.quality.lint_score")).toMatchObject([{ value: 0.95 }]);
  });

  it("of quality are facts of the project, with the counts that they come from", async () => {
    const atMillis = Date.UTC(2026, 10, 22);
    recordQuality({ testCoverage: { good: 9, total: 12 }, lintScore: 1, project: "/p", tool: "vitest", atMillis });
    recordQuality({ benchmarkScore: -3.5, benchmark: "swe" });
    const fact = { kind: "quality", witness: "process" };
    expect(watch.facts).toEqual([
      {
        ...fact,
        measure: "test_coverage",
        project: "/p",
        tool: "vitest",
        atMillis,
        score: 0.75,
        counts: { good: 9, total: 12 },
      },
      { ...fact, measure: "lint_score", project: "/p", tool: "vitest", atMillis, score: 1 },
      {
        ...fact,
        measure: "benchmark_score",
        benchmark: "swe",
        project: process.cwd(),
        atMillis: expect.any(Number),
        score: -3.5,
      },
    ]);
    expect(await watch.points("moai.quality.test_coverage")).toMatchObject([{ value: 0.75 }]);
  });

  it("of quality are dropped and counted when they are no shares, or switched off", async () => {
    const before = droppedMeasurements();
    const since = (reason: string) => (droppedMeasurements()[reason] ?? 0) - (before[reason] ?? 0);
    recordQuality({ lintScore: 9.5, testCoverage: -0.1 });
    recordQuality({ testCoverage: { good: 3, total: 2 }, lintScore: { good: 0.5, total: 1 } });
    recordQuality({ testCoverage: { good: 0, total: 0 }, benchmarkScore: "fast" as never });
    expect(since("share is not between 0 and 1")).toBe(2);
    expect(since("counts are not { good, total } with whole numbers")).toBe(3);
    expect(since("value is not a finite number")).toBe(1);
    configure({ qualityMeasures: ["benchmark_score"] });
    recordQuality({ testCoverage: 0.5, lintScore: 0.5, benchmarkScore: 1 });
    configure({ qualityMeasures: ["test_coverage", "lint_score", "benchmark_score"] });
    expect(since("switched off: test_coverage")).toBe(1);
    expect(since("switched off: lint_score")).toBe(1);
    expect(watch.factsOf("quality").map(({ measure }) => measure)).toEqual(["benchmark_score"]);
    expect(await watch.points("moai.quality.test_coverage")).toEqual([]);
    expect(() => configure({ qualityMeasures: ["beauty" as never] })).toThrow(/give some of test_coverage/);
  });
});

describe("cost", () => {
  it("is recorded from what the provider said, else from the price function, else not at all", async () => {
    recordUsage({ model: "unpriced", inputTokens: 10 });
    expect(await watch.points("moai.cost")).toEqual([]);
    const takeAway = setPriceCall(({ model, usage }) => (model === "known" ? usage.input / 1000 : undefined));
    recordUsage({ model: "known", inputTokens: 10 });
    recordUsage({ model: "known", inputTokens: 10, costUsd: 0.5 });
    recordUsage({ model: "unpriced", inputTokens: 10 });
    takeAway();
    expect(await watch.points("moai.cost")).toMatchObject([
      { value: 0.01, attributes: { "moai.cost.origin": "computed", "gen_ai.request.model": "known" } },
      { value: 0.5, attributes: { "moai.cost.origin": "reported" } },
    ]);
    expect(watch.factsOf("model_call").map((fact) => fact.reportedCostNanoUsd)).toEqual([
      undefined,
      undefined,
      500_000_000,
      undefined,
    ]);
  });
});

describe("generations of names", () => {
  it("emit the second generation, or both, when asked", async () => {
    configure({ emission: "g2" });
    recordUsage({ model: "m", inputTokens: 5, outputTokens: 2, durationMillis: 1000 });
    const second = await watch.metricNames();
    expect(second).toContain("gen_ai.client.token.usage");
    expect(second).toContain("gen_ai.client.operation.duration");
    expect(second).not.toContain("gen_ai.client.inference.usage.input_tokens");
    expect(await watch.points("gen_ai.client.token.usage")).toMatchObject([
      { attributes: { "gen_ai.token.type": "input" } },
      { attributes: { "gen_ai.token.type": "output" } },
    ]);
    configure({ emission: "both" });
    recordUsage({ model: "m", inputTokens: 5, cacheWriteTokens: 1, firstChunkMillis: 5, durationMillis: 1000 });
    const both = await watch.metricNames();
    expect(both).toContain("gen_ai.client.inference.duration");
    expect(watch.spans.getFinishedSpans().at(-1)?.attributes).toMatchObject({
      "gen_ai.usage.cache_write.input_tokens": 1,
      "gen_ai.usage.cache_creation.input_tokens": 1,
    });
  });
});

describe("two copies of the package in one process", () => {
  it("share sink, scope and settings", async () => {
    vi.resetModules();
    const copy = await import("../src/index.ts");
    expect(copy.withTask).not.toBe(withTask);
    await withSession({ id: "shared" }, () =>
      withTask("outer", () => copy.withTask("inner", async () => copy.recordUsage({ model: "m", inputTokens: 1 }))),
    );
    const [outer, inner] = ["outer", "inner"].map((agent) =>
      watch.factsOf("task").find((fact) => fact.agent === agent),
    );
    expect(inner).toMatchObject({ sessionId: "shared", parentTaskId: outer?.taskId });
    expect(watch.factsOf("model_call")).toMatchObject([{ taskId: inner?.taskId }]);
    copy.configure({ isEnabled: false });
    expect(withTask("none", (task) => task.id)).toBe("");
  });
});

describe("an SDK that appears late", () => {
  it("gets what is recorded from then on", async () => {
    watch.stop();
    recordUsage({ model: "m", inputTokens: 5 });
    watch = startWatch();
    recordUsage({ model: "m", inputTokens: 7 });
    expect(await watch.points("gen_ai.client.inference.usage.input_tokens")).toMatchObject([{ value: 7 }]);
  });
});
