/** The laws of the ledger, on generated facts: any order, any split, any repetition gives the same ledger. */

import { join } from "node:path";
import type { Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openStore, type Store } from "../src/index.ts";
import { dump, NOON, temporaryFolder } from "./helpers.ts";

const QUARTER_HOUR = 900_000;
const witness = fc.constantFrom("transcript", "transcriptSidechain", "log", "span", "process");
const sessionId = fc.constantFrom("s1", "s2", "s3");
const taskId = fc.constantFrom("t1", "t2", "t3", "t4");
const smallCount = fc.integer({ min: 0, max: 2_000 });
const common = { product: fc.constant("claude-code"), sessionId, witness };
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });

/** Witnesses of one call agree on its time to within a few minutes; different calls may be hours apart. */
const timeOf = (key: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 240_000 }).map((jitter) => NOON + key * 3 * QUARTER_HOUR + jitter);

/** Times that may lie so far apart that only observations in between say that they belong together. */
const driftingTimeOf = (key: number): fc.Arbitrary<number> =>
  fc.integer({ min: 0, max: 4 * QUARTER_HOUR }).map((drift) => NOON + key * 8 * QUARTER_HOUR + drift);

const usage = fc.record({
  input: smallCount,
  cacheRead: smallCount,
  cacheWrite5m: smallCount,
  cacheWrite1h: smallCount,
  output: smallCount,
  reasoning: fc.constant(0),
});

const modelCall: fc.Arbitrary<Fact> = fc.integer({ min: 1, max: 6 }).chain((key) =>
  fc.record({
    kind: fc.constant("model_call" as const),
    ...common,
    taskId: maybe(taskId),
    requestId: fc.constant(`req_${key}`),
    // A report without a response id could mean either of two calls under one request id: no order is right there.
    responseId: key % 2 === 0 ? fc.constantFrom(`msg_${key}`, `msg_${key}b`) : fc.constantFrom(`msg_${key}`, undefined),
    endedAtMillis: driftingTimeOf(key),
    durationMillis: maybe(smallCount),
    firstChunkMillis: maybe(smallCount),
    model: maybe(fc.constantFrom("claude-sonnet-4-5", "claude-opus-5-5", "a model without a price")),
    usage: maybe(usage),
    webSearches: maybe(fc.integer({ min: 0, max: 3 })),
    speed: maybe(fc.constant("fast" as const)),
    reportedCostNanoUsd: maybe(smallCount),
    errorType: maybe(fc.constantFrom("rate_limit", "overloaded")),
  }),
);

/** Spans around each other, which may name one response, and of which the outer ones turn out to be sums. */
const nested: fc.Arbitrary<Fact> = fc.integer({ min: 7, max: 9 }).chain((key) =>
  fc
    .record({
      kind: fc.constant("model_call" as const),
      ...common,
      witness: fc.constantFrom("span", "innerSpan", "log"),
      taskId: maybe(taskId),
      requestId: fc.constant(key === 7 ? undefined : `req_${key}`),
      responseId: fc.constant(key === 7 ? `msg_${key}` : undefined),
      endedAtMillis: driftingTimeOf(key),
      model: maybe(fc.constantFrom("claude-sonnet-4-5", "a model without a price")),
      usage: maybe(usage),
      errorType: maybe(fc.constant("overloaded")),
      isSum: fc.boolean(),
    })
    .map((fact) => (fact.isSum ? { ...fact, witness: "span" as const, usage: undefined } : fact)),
);

/** A side conversation replays a call: the same response under a request id of its own. */
const replay: fc.Arbitrary<Fact> = fc.integer({ min: 1, max: 6 }).chain((key) =>
  fc.record({
    kind: fc.constant("model_call" as const),
    ...common,
    witness: fc.constant("transcriptSidechain" as const),
    requestId: fc.constantFrom(`side_${key}_1`, `side_${key}_2`),
    responseId: fc.constant(`msg_${key}`),
    isReplay: fc.constant(true),
    endedAtMillis: driftingTimeOf(key),
    usage,
  }),
);

const toolCall: fc.Arbitrary<Fact> = fc.integer({ min: 1, max: 6 }).chain((key) =>
  fc.record({
    kind: fc.constant("tool_call" as const),
    ...common,
    taskId: maybe(taskId),
    callId: fc.constant(`toolu_${key}`),
    tool: maybe(fc.constantFrom("Bash", "Edit")),
    startedAtMillis: timeOf(key),
    endedAtMillis: maybe(timeOf(key).map((millis) => millis + QUARTER_HOUR)),
    isSuccess: maybe(fc.boolean()),
    errorType: maybe(fc.constant("tool_error")),
    linesAdded: maybe(smallCount),
    linesRemoved: maybe(smallCount),
  }),
);

const task: fc.Arbitrary<Fact> = fc.record({
  kind: fc.constant("task" as const),
  ...common,
  taskId,
  taskKind: maybe(fc.constantFrom("prompt", "subagent")),
  parentTaskId: maybe(taskId),
  agent: maybe(fc.constantFrom("main", "expert-backend", "manager-tdd")),
  startedAtMillis: maybe(timeOf(1)),
  lastSeenAtMillis: maybe(timeOf(2)),
  outcome: maybe(
    fc.record({
      result: fc.constantFrom("success", "failure", "timeout", "cancelled", "unknown"),
      origin: fc.constantFrom("reported", "inferred"),
      atMillis: timeOf(2),
      errorType: maybe(fc.constant("api_error")),
    }),
  ),
  linesAdded: maybe(smallCount),
  linesRemoved: maybe(smallCount),
});

/** A hook behind a task, at about the time of one of the calls. */
const reportedTask: fc.Arbitrary<Fact> = fc.integer({ min: 1, max: 6 }).chain((key) =>
  driftingTimeOf(key).chain((atMillis) =>
    fc.record({
      kind: fc.constant("task" as const),
      ...common,
      witness: fc.constantFrom("hook", "transcript"),
      taskId: fc.constantFrom(`hook_${key}`, `hook_${key}b`),
      taskKind: fc.constant("hook" as const),
      agent: maybe(fc.constantFrom("main", "expert-backend", "manager-tdd")),
      lastSeenAtMillis: fc.constant(atMillis),
      outcome: fc.record({
        result: fc.constantFrom("success", "failure", "unknown"),
        origin: fc.constant("reported" as const),
        atMillis: fc.constant(atMillis),
      }),
      report: maybe(
        fc.record({
          name: maybe(fc.constantFrom("task-001", "task-002")),
          tokens: maybe(smallCount),
          durationMillis: maybe(fc.integer({ min: 0, max: 10 * QUARTER_HOUR })),
          knowsSession: fc.boolean(),
        }),
      ),
    }),
  ),
);

const session: fc.Arbitrary<Fact> = fc.record({
  kind: fc.constant("session" as const),
  ...common,
  project: maybe(fc.constantFrom("/home/a", "/home/b")),
  branch: maybe(fc.constantFrom("main", "feature")),
  version: maybe(fc.constantFrom("2.1.0", "2.1.1")),
  hasEnded: maybe(fc.boolean()),
  tags: maybe(fc.dictionary(fc.constantFrom("team", "user"), fc.constantFrom("red", "blue"))),
  activity: fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 900_000 }))
      .map(([start, length]) => ({ startMillis: NOON + start * 400_000, endMillis: NOON + start * 400_000 + length })),
    { maxLength: 4 },
  ),
});

const fileChange: fc.Arbitrary<Fact> = fc.record({
  kind: fc.constant("file_change" as const),
  ...common,
  taskId,
  path: fc.constantFrom("/a", "/b", "/c"),
  change: fc.constantFrom("created", "modified", "deleted"),
  atMillis: timeOf(1),
});

const quality: fc.Arbitrary<Fact> = fc
  .record({ total: fc.integer({ min: 1, max: 9 }), good: fc.nat({ max: 9 }), hasCounts: fc.boolean() })
  .filter(({ good, total }) => good <= total)
  .chain(({ good, total, hasCounts }) =>
    fc.record({
      kind: fc.constant("quality" as const),
      witness: fc.constantFrom("toolReport", "process"),
      measure: fc.constantFrom("test_coverage", "lint_score", "benchmark_score"),
      project: maybe(fc.constantFrom("/home/a", "/home/b")),
      benchmark: maybe(fc.constant("swe")),
      tool: maybe(fc.constantFrom("istanbul", "eslint")),
      atMillis: fc.integer({ min: NOON, max: NOON + 2 }),
      score: fc.constant(good / total),
      counts: fc.constant(hasCounts ? { good, total } : undefined),
    }),
  );

const facts = fc.array(
  fc.oneof(modelCall, nested, replay, toolCall, task, reportedTask, session, fileChange, quality),
  {
    minLength: 1,
    maxLength: 40,
  },
);

/** A rearrangement: every fact at least once, some twice, in any order, cut into batches anywhere, remembered or not. */
const rearranged = facts.chain((original) =>
  fc.record({
    original: fc.constant(original),
    shuffled: fc.shuffledSubarray([...original, ...original], {
      minLength: original.length,
      maxLength: original.length * 2,
    }),
    batchSize: fc.integer({ min: 1, max: 15 }),
    remembersRows: fc.boolean(),
  }),
);

function ledgerOf(
  folder: string,
  name: string,
  batches: readonly (readonly Fact[])[],
  remembersRows = true,
): Record<string, unknown[]> {
  const store = openStore({ path: join(folder, `${name}.db`), remembersRows });
  try {
    for (const batch of batches) {
      const { refused } = store.write({ facts: batch });
      expect(refused).toEqual({});
    }
    expect(store.checkRollups()).toEqual([]);
    return dump(store.path);
  } finally {
    store.close();
  }
}

function batchesOf(all: readonly Fact[], size: number): Fact[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** A run takes some 100 ms on a busy machine. */
const LAW_RUNS = Number(process.env["LAW_RUNS"] ?? 150);

describe("the ledger", () => {
  it(
    "is the same whatever the order, the batches, the repetitions and what is remembered of rows",
    () => {
      let run = 0;
      const folder = temporaryFolder();
      fc.assert(
        fc.property(rearranged, ({ original, shuffled, batchSize, remembersRows }) => {
          run += 1;
          const missing = original.filter((fact) => !shuffled.includes(fact));
          const once = ledgerOf(folder, `${run}-once`, [original]);
          const batches = batchesOf([...shuffled, ...missing], batchSize);
          const again = ledgerOf(folder, `${run}-again`, batches, remembersRows);
          expect(again).toEqual(once);
        }),
        { numRuns: LAW_RUNS },
      );
    },
    30_000 + LAW_RUNS * 400,
  );

  it("does not change when the same batch is written again", () => {
    let run = 0;
    const folder = temporaryFolder();
    fc.assert(
      fc.property(facts, (all) => {
        run += 1;
        const store = openStore({ path: join(folder, `${run}.db`) });
        store.write({ facts: all });
        const before = dump(store.path);
        expect(store.write({ facts: all })).toMatchObject({ inserted: 0, changed: 0 });
        expect(dump(store.path)).toEqual(before);
        store.close();
      }),
      { numRuns: 60 },
    );
  });
});

describe("two ledgers made one", () => {
  /** Stores of one owner: paths are hashed under one key, as in a copy. */
  const storeOf = (folder: string, name: string, facts: readonly Fact[]): Store => {
    const path = join(folder, `${name}.db`);
    const store = openStore({ path });
    const database = new Database(path);
    database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('path_key', ?)").run(Buffer.alloc(32));
    database.close();
    expect(store.write({ facts }).refused).toEqual({});
    return store;
  };

  it("are what one ledger is that was told all of it, whichever takes over the other, and however often", async () => {
    let run = 0;
    const folder = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(facts, facts, async (some, others) => {
        run += 1;
        const [a, b, both] = [
          storeOf(folder, `${run}-a`, some),
          storeOf(folder, `${run}-b`, others),
          storeOf(folder, `${run}-both`, [...some, ...others]),
        ];
        const backUp = join(folder, `${run}-b-alone.db`);
        await b.backUp({ target: backUp });
        await b.merge({ other: a.path });
        await a.merge({ other: backUp });
        const expected = dump(both.path);
        expect(dump(a.path)).toEqual(expected);
        expect(dump(b.path)).toEqual(expected);
        const again = await a.merge({ other: backUp });
        expect(dump(a.path)).toEqual(expected);
        for (const { added, changed } of Object.values(again.kinds))
          expect({ added, changed }).toEqual({ added: 0, changed: 0 });
        expect(a.checkRollups()).toEqual([]);
        for (const store of [a, b, both]) store.close();
      }),
      { numRuns: Number(process.env["LAW_RUNS"] ?? 30) },
    );
  }, 90_000);
});
