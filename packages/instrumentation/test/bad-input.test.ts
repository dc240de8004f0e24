import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  configure,
  droppedMeasurements,
  instrumentAgent,
  recordFiles,
  recordLines,
  recordQuality,
  recordUsage,
  setFactSink,
  withSession,
  withTask,
  withTool,
} from "../src/index.ts";
import { settingsFromEnvironment } from "../src/settings.ts";
import { readAll, startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const trap = new Proxy(
  {},
  {
    get: () => {
      throw new Error("trap");
    },
    has: () => {
      throw new Error("trap");
    },
    ownKeys: () => {
      throw new Error("trap");
    },
    getPrototypeOf: () => {
      throw new Error("trap");
    },
  },
);
const circular: Record<string, unknown> = {};
circular["self"] = circular;
circular["usage"] = circular;
const NASTY: unknown[] = [NaN, Infinity, -1, 10n, null, undefined, trap, circular, Symbol("s"), () => {}, "", 1e300];
/** Boxed, so that the generator itself does not touch what must not be touched. */
const hostile = fc.oneof(
  fc.nat(NASTY.length - 1).map((index) => ({ unbox: () => NASTY[index] })),
  fc.anything().map((value) => ({ unbox: () => value })),
);

describe("recording", () => {
  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(hostile, hostile, hostile, (first, second, third) => {
        const [a, b, c] = [first.unbox(), second.unbox(), third.unbox()];
        const any = (value: unknown) => value as never;
        withSession(any({ id: a, project: b, branch: c }), () => {
          withTask(any({ agent: a, kind: "sdk" }), (task) => {
            task.setResult(any(b), any(c));
            recordUsage(any(a));
            recordUsage({ model: any(a), inputTokens: any(b), outputTokens: any(c), convention: any(a) });
            recordUsage(any({ usage: a, model: b, id: c }), any(b));
            recordFiles(any(a));
            recordFiles({ created: any(a), modified: [any(b), any(c)] });
            recordLines({ added: any(a), removed: any(b) });
            recordQuality({ testCoverage: any(a), lintScore: any(b), benchmarkScore: any(c), benchmark: any(a) });
            withTool(any({ name: a, callId: b, type: c }), () => {});
          });
        });
        instrumentAgent("agent", () => a)();
      }),
      { numRuns: 300 },
    );
  });

  it("never throws when options are hostile as a whole", () => {
    for (const bad of [null, undefined, 5, trap]) {
      expect(withSession(bad as never, () => 1)).toBe(1);
      expect(withTask(bad as never, () => 2)).toBe(2);
      expect(withTool(bad as never, () => 3)).toBe(3);
      recordFiles(bad as never);
      recordLines(bad as never);
      recordQuality(bad as never);
    }
  });

  it("drops what would poison a series, and counts it", async () => {
    const before = droppedMeasurements();
    recordUsage({ model: "m", inputTokens: NaN, outputTokens: 5 });
    recordUsage({ model: "m", inputTokens: -5, outputTokens: 5 });
    recordQuality({ testCoverage: Infinity });
    const since = (reason: string) => (droppedMeasurements()[reason] ?? 0) - (before[reason] ?? 0);
    expect(since("inputTokens is not a number of 0 or more")).toBe(2);
    expect(since("value is not a finite number")).toBe(1);
    expect(await watch.points("gen_ai.client.inference.usage.output_tokens")).toMatchObject([{ value: 10 }]);
    expect(await watch.points("gen_ai.client.inference.usage.input_tokens")).toMatchObject([{ value: 0 }]);
  });

  it("takes whole BigInts as numbers", async () => {
    recordUsage({ model: "m", inputTokens: 12n as unknown as number });
    expect(watch.factsOf("model_call")[0]?.usage?.input).toBe(12);
  });

  it("of a number beyond reason drops the number and keeps the call", () => {
    const before = droppedMeasurements();
    recordUsage({ model: "m", inputTokens: 1, webSearches: 1.5, costUsd: 1e305, durationMillis: 1e300 });
    recordUsage({ model: "m", inputTokens: 1e300, firstChunkMillis: 1e300, costUsd: 0.1 });
    expect(watch.factsOf("model_call")).toMatchObject([
      { usage: { input: 1 }, webSearches: 1, reportedCostNanoUsd: undefined, durationMillis: undefined },
      { usage: undefined, firstChunkMillis: undefined, reportedCostNanoUsd: 100_000_000 },
    ]);
    for (const field of ["costUsd", "durationMillis", "inputTokens", "firstChunkMillis"]) {
      const reason = `${field} is beyond reason`;
      expect((droppedMeasurements()[reason] ?? 0) - (before[reason] ?? 0)).toBe(1);
    }
  });

  it("of a reply accepts null for its details", () => {
    const reply = { id: "m", type: "message", usage: { input_tokens: 4, output_tokens: 2 } };
    recordUsage(reply, null as never);
    expect(watch.factsOf("model_call")).toMatchObject([{ responseId: "m", usage: { input: 4 } }]);
  });

  it("of an object in which no usage is found counts it, as a call of unknown usage", () => {
    const before = droppedMeasurements()["no usage found"] ?? 0;
    recordUsage({ id: "c", usage: null });
    recordUsage({ model: "m", errorType: "RangeError" });
    expect(droppedMeasurements()["no usage found"]).toBe(before + 1);
    expect(watch.factsOf("model_call").map((fact) => fact.usage)).toEqual([undefined, undefined]);
  });

  it("of one file given as a text is one file, and what is no list is dropped and counted", () => {
    const before = droppedMeasurements()["files are not a list of paths"] ?? 0;
    withTask("t", () =>
      recordFiles({ created: "/p/a.ts", modified: 5 as never, deleted: new Set(["/p/b.ts"]) as never }),
    );
    expect(watch.factsOf("file_change").map((fact) => fact.path)).toEqual(["/p/a.ts"]);
    expect(droppedMeasurements()["files are not a list of paths"]).toBe(before + 2);
  });

  it("of a task of a kind that does not exist is kept, and counted", () => {
    const before = droppedMeasurements()["unknown task kind"] ?? 0;
    withTask({ agent: "a", kind: "zzz" as never }, () => {});
    expect(watch.factsOf("task").map((fact) => fact.taskKind)).toEqual(["sdk", "sdk"]);
    expect(droppedMeasurements()["unknown task kind"]).toBe(before + 1);
  });

  it("limits how many values an attribute may take, and how long they are", async () => {
    configure({ maxValuesPerAttribute: 50 });
    for (let i = 0; i < 300; i++) withTask(`agent-${i}`, () => {});
    const agents = new Set(
      (await watch.points("moai.task.count")).map((point) => point.attributes["gen_ai.agent.name"]),
    );
    expect(agents.size).toBeLessThanOrEqual(51);
    expect(agents).toContain("_OTHER");
    configure({ maxValuesPerAttribute: 10_000 });
    withTask("x".repeat(10_000), () => {});
    const longest = Math.max(
      ...(await watch.points("moai.task.count")).map((point) => String(point.attributes["gen_ai.agent.name"]).length),
    );
    expect(longest).toBe(128);
    expect(watch.factsOf("task").at(-1)?.agent).toHaveLength(512);
  });

  it("survives a sink that fails, and counts it", () => {
    const takeAway = setFactSink(() => {
      throw new Error("sink");
    });
    const before = droppedMeasurements()["fact sink failed"] ?? 0;
    expect(withTask("a", () => 1)).toBe(1);
    expect(droppedMeasurements()["fact sink failed"]).toBeGreaterThan(before);
    takeAway();
  });
});

describe("disabled", () => {
  it("passes everything through and records nothing", async () => {
    configure({ isEnabled: false });
    const error = new Error("x");
    async function* numbers() {
      yield 1;
      yield 2;
    }
    expect(withSession({}, () => withTask("a", (task) => task.id))).toBe("");
    withTask("a", (task) => task.setResult("failure"));
    expect(withTool("t", () => 4)).toBe(4);
    recordUsage({ inputTokens: 1 });
    recordFiles({ created: ["/a"] });
    recordLines({ added: 1 });
    recordQuality({ lintScore: 1 });
    const agent = instrumentAgent("a", async () => Promise.reject(error));
    await expect(agent()).rejects.toBe(error);
    expect(await readAll(instrumentAgent("a", numbers)())).toEqual([1, 2]);
    expect(watch.facts).toEqual([]);
    expect(await watch.metricNames()).toEqual([]);
    expect(watch.spans.getFinishedSpans()).toEqual([]);
  });
});

describe("configure", () => {
  it("refuses what no setting can be, naming it and the remedy", () => {
    expect(() => configure({ emission: "g9" as "g3" })).toThrow(/emission is "g9"; give one of g3, g2, both/);
    expect(() => configure({ isEnabled: "no" as unknown as boolean })).toThrow(/isEnabled/);
    expect(() => configure({ product: " " })).toThrow(/product/);
    expect(() => configure({ maxValuesPerAttribute: 0 })).toThrow(/maxValuesPerAttribute/);
    expect(() => configure({ warnThreshold: -1 })).toThrow(/warnThreshold is -1; give a whole number/);
    expect(() => configure({ warnCounts: "some" as "new" })).toThrow(/warnCounts is "some"; give "new" or "total"/);
    expect(() => configure({ onWarn: 3 as never })).toThrow(/onWarn is 3; give a function/);
  });

  it.each([
    [{}, "g3"],
    [{ MOAI_METRICS_SEMCONV: " G2 " }, "g2"],
    [{ MOAI_METRICS_SEMCONV: "both", OTEL_SEMCONV_STABILITY_OPT_IN: "gen_ai_latest_experimental" }, "both"],
    [{ MOAI_METRICS_SEMCONV: "g9" }, "g3"],
    [{ OTEL_SEMCONV_STABILITY_OPT_IN: "http, gen_ai_latest_experimental/dup" }, "both"],
    [{ OTEL_SEMCONV_STABILITY_OPT_IN: "gen_ai_latest_experimental" }, "g3"],
    [{ OTEL_SEMCONV_STABILITY_OPT_IN: "http/dup" }, "g3"],
  ])("and %j chooses the generation of names: %s", (variables: Record<string, string>, emission) => {
    expect(settingsFromEnvironment(variables).emission).toBe(emission);
  });

  it("takes the product from the standard variables", () => {
    const productOf = (variables: Record<string, string>) => settingsFromEnvironment(variables).product;
    expect(productOf({})).toBe("unknown_service:node");
    expect(productOf({ OTEL_SERVICE_NAME: "a", OTEL_RESOURCE_ATTRIBUTES: "service.name=b" })).toBe("a");
    expect(productOf({ OTEL_RESOURCE_ATTRIBUTES: "x=1, service.name=my%20app,y=2" })).toBe("my app");
    expect(productOf({ OTEL_RESOURCE_ATTRIBUTES: "service.name=%E0%A4%A" })).toBe("%E0%A4%A");
    expect(settingsFromEnvironment({ MOAI_METRICS_DISABLED: "True" }).isEnabled).toBe(false);
    expect(settingsFromEnvironment({ MOAI_METRICS_DISABLED: "0" }).isEnabled).toBe(true);
  });

  it("changes only what was given", () => {
    const before = configure({ product: "p" });
    expect(configure({ emission: "g2" })).toEqual({ ...before, emission: "g2" });
    configure({ emission: "g3" });
  });
});
