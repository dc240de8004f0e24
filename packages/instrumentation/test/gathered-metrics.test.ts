import { context, metrics } from "@opentelemetry/api";
import {
  AggregationTemporality,
  MeterProvider,
  MetricReader,
  type MeterProvider as Provider,
} from "@opentelemetry/sdk-metrics";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  configure,
  droppedMeasurements,
  recordUsage,
  setPriceCall,
  withBudget,
  withTask,
  withTool,
} from "../src/index.ts";
import { gatherMetrics } from "../src/set-up.ts";

class PullReader extends MetricReader {
  constructor(aggregationTemporality: AggregationTemporality) {
    super({ aggregationTemporalitySelector: () => aggregationTemporality });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const START = 1_800_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => {
  vi.useRealTimers();
  metrics.disable();
  context.disable();
});

type Step =
  | { readonly kind: "call"; readonly model: string; readonly tokens: readonly (number | undefined)[] }
  | { readonly kind: "tool"; readonly tool: string; readonly fails: boolean }
  | { readonly kind: "task"; readonly agent: string; readonly inside: readonly Step[] }
  | { readonly kind: "budget"; readonly inside: readonly Step[] }
  | { readonly kind: "collect"; readonly reader: number }
  | { readonly kind: "names"; readonly emission: "g2" | "g3" | "both" };

const { step } = fc.letrec<{ step: Step; work: readonly Step[] }>((tie) => ({
  step: fc.oneof(
    { maxDepth: 3 },
    fc.record({
      kind: fc.constant("call" as const),
      model: fc.constantFrom("gpt-5", "claude-sonnet-4-5", "home-grown"),
      tokens: fc.array(fc.option(fc.nat(5000), { nil: undefined }), { minLength: 6, maxLength: 6 }),
    }),
    fc.record({ kind: fc.constant("tool" as const), tool: fc.constantFrom("read", "write"), fails: fc.boolean() }),
    fc.record({ kind: fc.constant("collect" as const), reader: fc.nat(1) }),
    fc.record({ kind: fc.constant("names" as const), emission: fc.constantFrom("g2", "g3", "both") }),
    fc.record({ kind: fc.constant("task" as const), agent: fc.constantFrom("a", "b"), inside: tie("work") }),
    fc.record({ kind: fc.constant("budget" as const), inside: tie("work") }),
  ),
  work: fc.array(tie("step"), { maxLength: 12 }),
}));

/** Everything that readers get of the same work, with metrics recorded one by one or many at a time. */
async function collected(steps: readonly Step[], isGathered: boolean): Promise<unknown[]> {
  vi.setSystemTime(START);
  configure({ emission: "g3", product: "p" });
  const readers = [new PullReader(AggregationTemporality.DELTA), new PullReader(AggregationTemporality.CUMULATIVE)];
  const provider = new MeterProvider({ readers });
  metrics.setGlobalMeterProvider(provider);
  const end = isGathered ? gatherMetrics(provider) : () => {};
  const takeAway = setPriceCall(({ model, usage }) => (model === "home-grown" ? undefined : usage.output * 0.0001));
  const results: unknown[] = [];
  const run = async (all: readonly Step[]): Promise<void> => {
    for (const each of all) {
      vi.setSystemTime(Date.now() + 7);
      if (each.kind === "task") await withTask(each.agent, () => run(each.inside));
      else if (each.kind === "budget") await withBudget({ usd: 1e9 }, () => run(each.inside));
      else if (each.kind === "tool") {
        await withTool(each.tool, async () => {
          vi.setSystemTime(Date.now() + 3);
          if (each.fails) throw new TypeError("no");
        }).catch(() => {});
      } else if (each.kind === "names") configure({ emission: each.emission });
      else if (each.kind === "collect") results.push((await readers[each.reader]?.collect())?.resourceMetrics);
      else {
        const [inputTokens, outputTokens, cacheReadTokens, reasoningTokens, durationMillis, firstChunkMillis] =
          each.tokens;
        const counts = { inputTokens, outputTokens, cacheReadTokens, reasoningTokens };
        recordUsage({ model: each.model, provider: "p", ...counts, durationMillis, firstChunkMillis });
      }
    }
  };
  await run(steps);
  end();
  for (const reader of readers) results.push((await reader.collect()).resourceMetrics);
  takeAway();
  metrics.disable();
  return results;
}

it("readers get the same data points whether metrics are recorded one by one or many at a time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      expect(await collected(steps, true)).toEqual(await collected(steps, false));
    }),
    { numRuns: 40 },
  );
});

/** A provider with one reader, registered. */
function register(): { readonly provider: Provider; readonly count: () => Promise<number> } {
  const reader = new PullReader(AggregationTemporality.CUMULATIVE);
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const count = async () => {
    const { scopeMetrics } = (await reader.collect()).resourceMetrics;
    const found = scopeMetrics.flatMap((scope) => scope.metrics);
    expect(found.map(({ descriptor }) => descriptor.name)).not.toContain("moai.collection");
    const points = found.find(({ descriptor }) => descriptor.name === "moai.task.count")?.dataPoints ?? [];
    return points.reduce((sum, { value }) => sum + Number(value), 0);
  };
  return { provider, count };
}

it("very many values are all recorded, and no metric tells of the gathering", async () => {
  configure({ emission: "g3" });
  const { provider, count } = register();
  const end = gatherMetrics(provider);
  const reason = "too many values of gen_ai.agent.name";
  const before = droppedMeasurements()[reason] ?? 0;
  for (let i = 0; i < 2500; i++) withTask(`agent ${i % 1250}`, () => {});
  for (let i = 0; i < 500; i++) withTask("agent 1", () => {});
  expect(droppedMeasurements()[reason]).toBeGreaterThan(before);
  expect(await count()).toBe(3000);
  end();
});

it("where another provider takes the place, values go there, one by one", async () => {
  configure({ emission: "g3" });
  const first = register();
  const end = gatherMetrics(first.provider);
  for (let i = 0; i < 3; i++) withTask("a", () => {});
  expect(await first.count()).toBe(3);
  metrics.disable();
  const second = register();
  for (let i = 0; i < 4; i++) withTask("a", () => {});
  expect(await second.count()).toBe(4);
  end();
  expect(await first.count()).toBe(3);
});

it("an error in the recording of one value leaves the others alone", async () => {
  configure({ emission: "g3", onWarn: undefined });
  const { provider, count } = register();
  const end = gatherMetrics(provider);
  const takeAway = setPriceCall(() => {
    throw new Error("no prices");
  });
  const before = droppedMeasurements()["internal error"] ?? 0;
  for (let i = 0; i < 2; i++) withTask("a", () => recordUsage({ model: "m", inputTokens: 1 }));
  expect(await count()).toBe(2);
  expect(droppedMeasurements()["internal error"]).toBe(before + 2);
  takeAway();
  end();
});
