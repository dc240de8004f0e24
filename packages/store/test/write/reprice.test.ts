/** Costing stored calls anew: what changes, what never does, and that everything agrees at every moment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import type { PriceConfig } from "@moai-metrics/settings";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openStore, type RepriceOptions, type RepriceOutcome, type Store } from "../../src/index.ts";
import { moveWatermark } from "../../src/maintenance/watermark.ts";
import { call, dump, NOON, session, task, temporaryFolder, tool, USAGE } from "../helpers.ts";

const HOUSE: PriceConfig = { model: "house-model", inputUsd: 1, outputUsd: 2 };
/** 1200 input, 800 read, 60 and 40 written at 1 dollar, 345 output at 2. */
const HOUSE_COST = (1200 + 800 + 60 + 40) * 1_000 + 345 * 2_000;

function pathOfNewStore(): string {
  return join(temporaryFolder(), "metrics.db");
}

/** Opens the store, lets `work` use it, and closes it again. */
async function withStore<T>(
  path: string,
  prices: readonly PriceConfig[] | undefined,
  work: (store: Store) => T | Promise<T>,
): Promise<T> {
  const store = openStore({ path, prices });
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

function repriced(path: string, prices: readonly PriceConfig[], options: RepriceOptions): Promise<RepriceOutcome> {
  return withStore(path, prices, (store) => store.reprice(options));
}

const houseCall = (n: number, fields: Parameters<typeof call>[0] = {}) =>
  call({ model: "house-model", requestId: `req_h${n}`, responseId: `msg_h${n}`, ...fields });

const isSound = (path: string): Promise<unknown> =>
  withStore(path, undefined, (store) => store.check().parts.flatMap(({ problems }) => problems));

describe("costing calls anew", () => {
  it("prices what had no price, in calls, tasks, sessions and rollups alike", async () => {
    const path = pathOfNewStore();
    await withStore(path, undefined, (store) => store.write({ facts: [session(), task(), call(), houseCall(1)] }));
    const outcome = await repriced(path, [HOUSE], { calls: "unpriced" });
    expect(outcome).toEqual({
      calls: {
        changed: 1,
        unchanged: 0,
        priced: 1,
        reported: 0,
        withoutUsage: 0,
        withoutPrice: 0,
        beforeWatermark: 0,
      },
      models: [
        { model: "house-model", calls: 1, callsWithoutCost: 1, costBeforeNanoUsd: 0, costAfterNanoUsd: HOUSE_COST },
      ],
      modelsWithoutPrice: [],
    });
    await withStore(path, undefined, (store) => {
      const [usage] = store.ledger.usage({ by: [] });
      expect(usage).toMatchObject({ unpricedCalls: 0, costNanoUsd: 9_480_000 + HOUSE_COST });
      expect(store.ledger.sessions({})[0]).toMatchObject({ unpricedCalls: 0, costNanoUsd: 9_480_000 + HOUSE_COST });
      expect(store.ledger.tasks({})[0]).toMatchObject({ unpricedCalls: 0, costNanoUsd: 9_480_000 + HOUSE_COST });
    });
    expect(await isSound(path)).toEqual([]);
  });

  it("says beforehand what it would do, without doing it, also in a file that may only be read", async () => {
    const path = pathOfNewStore();
    await withStore(path, undefined, (store) => store.write({ facts: [session(), call(), houseCall(1)] }));
    const before = dump(path);
    using readOnly = openStore({ path, readOnly: true, prices: [HOUSE] });
    const planned = await readOnly.reprice({ calls: "all", isDryRun: true });
    await expect(readOnly.reprice({ calls: "all" })).rejects.toThrow(/reading only/);
    expect(dump(path)).toEqual(before);
    expect(await repriced(path, [HOUSE], { calls: "all" })).toEqual(planned);
  });

  it("changes nothing the second time", async () => {
    const path = pathOfNewStore();
    await withStore(path, undefined, (store) => store.write({ facts: [call(), houseCall(1)] }));
    await repriced(path, [HOUSE], { calls: "all" });
    const once = dump(path);
    const again = await repriced(path, [HOUSE], { calls: "all" });
    expect([again.calls.changed, again.calls.unchanged, again.models]).toEqual([0, 2, []]);
    expect(dump(path)).toEqual(once);
  });

  it("takes the prices of each call's own day, or those of one day for all", async () => {
    const path = pathOfNewStore();
    const prices: PriceConfig[] = [
      { model: "house-model", from: "2026-11-01", inputUsd: 1, outputUsd: 2 },
      { model: "house-model", from: "2026-11-22", inputUsd: 10, outputUsd: 20 },
    ];
    const facts = [houseCall(1), houseCall(2, { endedAtMillis: NOON - DAY_MILLIS })];
    await withStore(path, undefined, (store) => store.write({ facts }));
    const total = () =>
      withStore(path, undefined, (store) => store.ledger.usage({ by: [] }).map(({ costNanoUsd }) => costNanoUsd));
    await repriced(path, prices, { calls: "all" });
    expect(await total()).toEqual([11 * HOUSE_COST]);
    await repriced(path, prices, { calls: "all", asOfDay: "2026-11-05" });
    expect(await total()).toEqual([2 * HOUSE_COST]);
    const early = await repriced(path, prices, { calls: "all", asOfDay: "2026-10-31" });
    expect(early.calls.withoutPrice).toBe(2);
    expect(early.modelsWithoutPrice).toEqual(["house-model"]);
    expect(await total()).toEqual([2 * HOUSE_COST]);
    await repriced(path, prices, { calls: "all" });
    expect(await total()).toEqual([11 * HOUSE_COST]);
    expect(await isSound(path)).toEqual([]);
  });

  it("leaves alone what agents reported, what has no usage or model, and what no price is known for", async () => {
    const path = pathOfNewStore();
    const facts = [
      houseCall(1, { reportedCostNanoUsd: 7 }),
      houseCall(2, { usage: undefined }),
      houseCall(3, { model: undefined }),
      houseCall(4, { model: "nobody-knows" }),
    ];
    await withStore(path, undefined, (store) => store.write({ facts }));
    const before = dump(path);
    const { calls, modelsWithoutPrice } = await repriced(path, [HOUSE], { calls: "all" });
    expect(calls).toMatchObject({ changed: 0, reported: 1, withoutUsage: 2, withoutPrice: 1 });
    expect(modelsWithoutPrice).toEqual(["nobody-knows"]);
    expect(dump(path)).toEqual(before);
  });

  it("leaves days before the watermark alone and counts their calls", async () => {
    const path = pathOfNewStore();
    const facts = [houseCall(1, { endedAtMillis: NOON - DAY_MILLIS }), houseCall(2)];
    await withStore(path, undefined, (store) => store.write({ facts }));
    const database = new Database(path);
    moveWatermark(database, Math.floor(NOON / DAY_MILLIS));
    database.close();
    const { calls } = await repriced(path, [HOUSE], { calls: "all" });
    expect(calls).toMatchObject({ changed: 1, beforeWatermark: 1 });
    const byDay = await withStore(path, undefined, (store) =>
      store.ledger.usage({ by: ["model"] }).map(({ costNanoUsd, unpricedCalls }) => [costNanoUsd, unpricedCalls]),
    );
    expect(byDay).toEqual([[HOUSE_COST, 1]]);
    expect(await isSound(path)).toEqual([]);
  });

  it("keeps what it changed when more is told of the same calls, through the same handle", async () => {
    const path = pathOfNewStore();
    await withStore(path, [HOUSE], async (store) => {
      store.write({ facts: [session(), task(), houseCall(1)] });
      await store.reprice({ calls: "all", asOfDay: "2026-11-01" });
      store.write({ facts: [houseCall(1, { durationMillis: 5 }), houseCall(2), tool()] });
      expect(store.ledger.tasks({})[0]).toMatchObject({ calls: 2, costNanoUsd: 2 * HOUSE_COST });
      // Late tokens are costed at the frozen prices.
      store.write({ facts: [houseCall(1, { usage: { ...USAGE, output: 1_345 } })] });
      expect(store.ledger.tasks({})[0]).toMatchObject({ costNanoUsd: 2 * HOUSE_COST + 2_000_000 });
    });
    expect(await isSound(path)).toEqual([]);
  });

  it("goes on where it was killed", async () => {
    const path = pathOfNewStore();
    const facts = Array.from({ length: 20_000 }, (_, n) => houseCall(n, { endedAtMillis: NOON + n * 1_000 }));
    await withStore(path, undefined, (store) => store.write({ facts }));
    const script = fileURLToPath(new URL("./reprice-until-killed.ts", import.meta.url));
    const child = spawn(process.execPath, [script, path], { stdio: ["ignore", "pipe", "inherit"] });
    const closed = once(child, "close");
    createInterface({ input: child.stdout }).once("line", () => child.kill("SIGKILL"));
    await closed;
    expect(await isSound(path)).toEqual([]);
    const { calls } = await repriced(path, [HOUSE], { calls: "all" });
    expect(calls.changed).toBeGreaterThanOrEqual(10_000);
    expect(calls.unchanged).toBeGreaterThanOrEqual(1_000);
    expect(calls.changed + calls.unchanged).toBe(20_000);
    expect(await isSound(path)).toEqual([]);
  });
});

const someCall: fc.Arbitrary<Fact> = fc
  .record({
    n: fc.integer({ min: 1, max: 8 }),
    sessionId: fc.constantFrom("s1", "s2"),
    taskId: fc.constantFrom("t1", "t2", undefined),
    model: fc.constantFrom("house-model", "other-model", "claude-sonnet-4-5", "nobody-knows"),
    hours: fc.integer({ min: 0, max: 80 }),
    input: fc.integer({ min: 0, max: 300_000 }),
    speed: fc.constantFrom("fast" as const, undefined),
    reportedCostNanoUsd: fc.option(fc.integer({ min: 0, max: 1_000 }), { nil: undefined }),
    hasUsage: fc.boolean(),
  })
  .map(({ n, hours, input, hasUsage, ...fields }) =>
    houseCall(n, {
      ...fields,
      endedAtMillis: NOON + hours * 3_600_000,
      usage: hasUsage ? { ...USAGE, input } : undefined,
    }),
  );

const somePrice: fc.Arbitrary<PriceConfig> = fc.record({
  model: fc.constantFrom("house-model", "other-model", "claude-*", "claude-sonnet-4-5"),
  from: fc.constantFrom("2026-11-01", "2026-11-23", "2026-11-24", undefined),
  speed: fc.constantFrom("fast" as const, undefined),
  inputUsd: fc.integer({ min: 0, max: 20 }),
  outputUsd: fc.integer({ min: 0, max: 90 }),
  longContext: fc.constantFrom({ abovePromptTokens: 200_000, inputUsd: 30, outputUsd: 100 }, undefined),
});

describe("for any calls and any prices", () => {
  it("the rollups move by exactly the difference, and nothing but costs changes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          facts: fc.array(someCall, { minLength: 1, maxLength: 12 }),
          before: fc.array(somePrice, { maxLength: 3 }),
          after: fc.array(somePrice, { maxLength: 3 }),
          calls: fc.constantFrom("all" as const, "unpriced" as const),
          asOfDay: fc.constantFrom("2026-11-10", "2026-11-24", undefined),
          isFolded: fc.boolean(),
        }),
        async ({ facts, before, after, calls, asOfDay, isFolded }) => {
          const path = pathOfNewStore();
          await withStore(path, before, (store) => {
            store.write({ facts: [session(), task(), ...facts] });
            if (isFolded) store.foldRollups(NOON + 30 * DAY_MILLIS);
          });
          const costs = () =>
            withStore(path, undefined, (store) => {
              const groups = store.ledger.usage({ by: ["model"] });
              return new Map(groups.map((group) => [group.model ?? "", group]));
            });
          const [was, dumped] = [await costs(), dump(path)];
          const outcome = await repriced(path, after, { calls, asOfDay });
          expect(await isSound(path)).toEqual([]);
          const is = await costs();
          for (const [model, group] of is) {
            const change = outcome.models.find((each) => each.model === model);
            const difference = (change?.costAfterNanoUsd ?? 0) - (change?.costBeforeNanoUsd ?? 0);
            expect(group).toEqual({
              ...was.get(model),
              costNanoUsd: (was.get(model)?.costNanoUsd ?? 0) + difference,
              unpricedCalls: (was.get(model)?.unpricedCalls ?? 0) - (change?.callsWithoutCost ?? 0),
            });
          }
          expect(Object.values(outcome.calls).reduce((sum, count) => sum + count, 0)).toBe(dumped["calls"]?.length);
          const again = await repriced(path, after, { calls, asOfDay });
          expect(again.models).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("all costs anew are the costs of a ledger that was written at those prices", async () => {
    const known: PriceConfig[] = [
      { model: "*", inputUsd: 3, outputUsd: 4 },
      { model: "*", speed: "fast", inputUsd: 5, outputUsd: 6 },
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(someCall, { minLength: 1, maxLength: 12 }),
        fc.array(somePrice, { maxLength: 3 }),
        fc.array(somePrice, { maxLength: 3 }),
        async (facts, before, after) => {
          const [path, other] = [pathOfNewStore(), pathOfNewStore()];
          // In one batch each, so that no cost is frozen on the way.
          await withStore(path, before, (store) => store.write({ facts }));
          await withStore(other, [...after, ...known], (store) => store.write({ facts }));
          await repriced(path, [...after, ...known], { calls: "all" });
          expect(dump(path)).toEqual(dump(other));
        },
      ),
      { numRuns: 40 },
    );
  });
});
