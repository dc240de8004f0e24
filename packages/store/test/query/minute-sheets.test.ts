/** Minutes from memory: at every moment what the facts in the file add up to, whoever has written to it meanwhile. */
import { join } from "node:path";
import type { ModelCallFact, SessionFact, TaskFact, TimeRange } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { openStore, type Store, type StoreOptions } from "../../src/index.ts";
import { createQueryContext } from "../../src/query/context.ts";
import { FACT_TABLES } from "../../src/query/ledger-sql.ts";
import { createMetricsQuery } from "../../src/query/metrics-query.ts";
import { planSumColumns } from "../../src/query/minute-facts.ts";
import { createMinuteSheets } from "../../src/query/minute-sheets.ts";
import { planMinuteParts } from "../../src/query/minute-sums.ts";
import type { FactFilter, MetricsQuery, TimeQuestion } from "../../src/query/types.ts";
import { call, NOON, session, task, temporaryFolder } from "../helpers.ts";

const QUARTER_HOUR = 900_000;
const DAY = 86_400_000;
const HOUSE = { model: "house-model", inputUsd: 1, outputUsd: 2 };

interface Asked {
  readonly store: Store;
  readonly path: string;
  /** Asks as a dashboard does: on a connection that only reads, and more than once. */
  readonly query: MetricsQuery;
  /** Asks a connection that keeps nothing. */
  readonly plain: MetricsQuery;
}

function askedStore(options: Partial<StoreOptions> = {}): Asked & { close(): void } {
  const path = join(temporaryFolder(), "metrics.db");
  const store = openStore({ path, ...options });
  const [reader, other] = [new Database(path, { readonly: true }), new Database(path)];
  const query = createMetricsQuery(reader);
  query.aggregateByTime(minutes({}));
  const close = (): void => {
    reader.close();
    other.close();
    store.close();
  };
  return { store, path, query, plain: createMetricsQuery(other), close };
}

function minutes(question: Partial<TimeQuestion>): TimeQuestion {
  return {
    measure: "tokens",
    function: "sum",
    interval: "minute",
    range: { startMillis: NOON - 3 * QUARTER_HOUR, endMillis: NOON + 8 * QUARTER_HOUR },
    ...question,
  } as TimeQuestion;
}

const few = fc.integer({ min: 0, max: 2_000 });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
const witness = fc.constantFrom("transcript", "log", "span", "process");
const sessionId = fc.constantFrom("s1", "s2");

type ToldFact = SessionFact | TaskFact | ModelCallFact;

/** Few calls, told again and again: witnesses disagree about minutes, tokens, models and owners. */
const modelCall: fc.Arbitrary<ToldFact> = fc
  .record({
    key: fc.integer({ min: 1, max: 4 }),
    witness,
    sessionId,
    taskId: fc.constantFrom("t1", "t2", undefined),
    model: fc.constantFrom("claude-sonnet-4-5", "house-model", undefined),
    jitter: fc.integer({ min: 0, max: 2 * QUARTER_HOUR }),
    durationMillis: maybe(few),
    input: few,
    hasUsage: fc.boolean(),
  })
  .map(({ key, jitter, input, hasUsage, ...fields }) =>
    call({
      ...fields,
      requestId: `req_${key}`,
      responseId: `msg_${key}`,
      endedAtMillis: NOON + key * 20_000 + jitter,
      usage: hasUsage ? { input, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 1, reasoning: 0 } : undefined,
    }),
  );
const ownTask: fc.Arbitrary<ToldFact> = fc
  .record({
    witness,
    sessionId,
    taskId: fc.constantFrom("t1", "t2"),
    agent: fc.constantFrom("main", "expert", undefined),
  })
  .map((fields) => task(fields));
const ownSession: fc.Arbitrary<ToldFact> = fc
  .record({ witness, sessionId, project: fc.constantFrom("/a", "/b", undefined) })
  .map((fields) => session(fields));

const facts = fc.array(fc.oneof({ weight: 4, arbitrary: modelCall }, ownTask, ownSession), {
  minLength: 1,
  maxLength: 4,
});

/** The fact as one of another day, with ids of that day. */
function onDay(fact: ToldFact, day: number): ToldFact {
  const moved = { ...fact, sessionId: `${fact.sessionId}-${day}` };
  const taskIdOf = (taskId: string): string => `${taskId}-${day}`;
  switch (moved.kind) {
    case "session":
      return { ...moved, activity: moved.activity?.map((each) => shifted(each, day)) };
    case "task": {
      const millis = NOON + day * DAY;
      return {
        ...moved,
        taskId: taskIdOf(moved.taskId),
        startedAtMillis: millis,
        lastSeenAtMillis: millis + 5_000,
        outcome: undefined,
      };
    }
    case "model_call":
      return {
        ...moved,
        taskId: moved.taskId === undefined ? undefined : taskIdOf(moved.taskId),
        requestId: `${moved.requestId}-${day}`,
        responseId: `${moved.responseId}-${day}`,
        endedAtMillis: moved.endedAtMillis + day * DAY,
      };
  }
}

function shifted<Times extends TimeRange>(times: Times, day: number): Times {
  return { ...times, startMillis: times.startMillis + day * DAY, endMillis: times.endMillis + day * DAY };
}

const some = (...names: string[]): fc.Arbitrary<readonly string[] | undefined> =>
  maybe(fc.uniqueArray(fc.constantFrom("", ...names, "unheard of"), { minLength: 1, maxLength: 2 }));
const filter: fc.Arbitrary<FactFilter> = fc
  .record({
    products: some("claude-code"),
    projects: some("/a", "/b"),
    agents: some("main", "expert"),
    models: some("claude-sonnet-4-5", "house-model"),
  })
  .map((names) => Object.fromEntries(Object.entries(names).filter(([, each]) => each !== undefined)));
const range = fc
  .record({
    first: fc.integer({ min: -QUARTER_HOUR, max: 2 * QUARTER_HOUR }),
    length: fc.integer({ min: 0, max: DAY }),
  })
  .map(({ first, length }) => ({ startMillis: NOON + first, endMillis: NOON + first + length }));
const question = fc.record({
  filter,
  range: fc.option(range, { nil: undefined }),
  asked: fc.constantFrom<Partial<TimeQuestion>>(
    {},
    { measure: "calls" },
    { measure: "callErrors" },
    { measure: "cost" },
    { measure: "callDuration", function: "avg" },
    { measure: "inputTokens", function: "count" },
  ),
});

describe("sheets of minutes", () => {
  it("tell what the facts tell, while others write whatever they like", () => {
    const { store, query, plain, close } = askedStore();
    onTestFinished(close);
    // One store for all runs, each on a day of its own: opening stores would take most of the time.
    let day = 0;
    fc.assert(
      fc.property(
        fc.array(fc.record({ facts, questions: fc.array(question, { minLength: 1, maxLength: 3 }) }), {
          minLength: 2,
          maxLength: 8,
        }),
        (steps) => {
          day += 1;
          for (const step of steps) {
            const { refused } = store.write({ facts: step.facts.map((fact) => onDay(fact, day)) });
            expect(refused).toEqual({});
            for (const each of step.questions) {
              const { range: own = minutes({}).range } = each;
              const asked = minutes({ ...each.asked, ...each.filter, range: own && shifted(own, day) });
              expect(query.aggregateByTime(asked)).toEqual(plain.aggregateByTime(asked));
            }
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it("hear of a call that only moves by a minute, so that no sum of its quarter hour changes", () => {
    const { store, query, plain, close } = askedStore();
    onTestFinished(close);
    const told = { requestId: "req_1", durationMillis: 10 };
    store.write({ facts: [call({ ...told, witness: "log", endedAtMillis: NOON + 60_000 })] });
    const before = query.aggregateByTime(minutes({ measure: "calls" })).buckets;
    expect(before.map(({ startMillis }) => startMillis)).toEqual([NOON + 60_000]);
    store.write({ facts: [call({ ...told, endedAtMillis: NOON + 180_000 })] });
    const after = query.aggregateByTime(minutes({ measure: "calls" })).buckets;
    expect(after).toEqual(plain.aggregateByTime(minutes({ measure: "calls" })).buckets);
    expect(after.map(({ startMillis }) => startMillis)).not.toEqual(before.map(({ startMillis }) => startMillis));
  });

  it("hear of calls that cost something else now, and of a session that has another project", async () => {
    const { store, path, query, close } = askedStore();
    onTestFinished(close);
    store.write({ facts: [session({ witness: "log", project: "/a" }), call({ model: HOUSE.model })] });
    const cost = minutes({ measure: "cost", projects: ["/a"] });
    const tokens = minutes({ projects: ["/a"] });
    expect(query.aggregateByTime(cost).buckets.map(({ value }) => value)).toEqual([]);
    expect(query.aggregateByTime(tokens).buckets).toHaveLength(1);
    using priced = openStore({ path, prices: [HOUSE] });
    await priced.reprice({ calls: "unpriced" });
    expect(query.aggregateByTime(cost).buckets.map(({ value }) => value)).toEqual([2_790_000]);
    store.write({ facts: [session({ project: "/b" })] });
    expect(query.aggregateByTime(cost).buckets).toEqual([]);
    expect(query.aggregateByTime(tokens).buckets).toEqual([]);
    expect(query.aggregateByTime(minutes({ projects: ["/b"] })).buckets).toHaveLength(1);
  });

  it("write nothing when facts are told again that were told before", () => {
    const { store, path, close } = askedStore();
    onTestFinished(close);
    const again = [session(), task(), call()];
    store.write({ facts: again });
    const noted = (): unknown => {
      const database = new Database(path, { readonly: true });
      onTestFinished(() => void database.close());
      return database.prepare("SELECT value FROM meta WHERE key = 'changed_quarter_hours'").pluck().get();
    };
    const before = noted();
    store.write({ facts: again });
    expect(before).toBeTypeOf("string");
    expect(noted()).toBe(before);
  });

  it("answer alike however little memory they may take", () => {
    const { store, path, plain, close } = askedStore();
    onTestFinished(close);
    const calls = Array.from({ length: 40 }, (_, i) =>
      call({ requestId: `req_${i}`, responseId: `msg_${i}`, endedAtMillis: NOON + i * 100_000 }),
    );
    store.write({ facts: calls });
    const reader = new Database(path, { readonly: true });
    onTestFinished(() => void reader.close());
    const context = createQueryContext(reader);
    const sheets = createMinuteSheets(context, 100);
    const columns = planSumColumns(FACT_TABLES.calls, ["calls"], []);
    const asked = { startMillis: NOON, endMillis: NOON + 5 * QUARTER_HOUR };
    const expected = plain.aggregateByTime(minutes({ measure: "calls", range: asked, fill: true })).buckets;
    for (let i = 0; i < 3; i++) {
      const [totals] = context.inOneState(() => sheets.addUp({ range: asked, filter: {}, columns }));
      expect([...(totals ?? [])]).toEqual(expected.map(({ value }) => value));
    }
  });
});

describe("parts of a range", () => {
  it("are its whole minutes and what is cut off before and behind them", () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (startMillis, length) => {
        const { before, whole, behind } = planMinuteParts({ startMillis, endMillis: startMillis + length });
        if (whole === undefined) return void expect([before, behind]).toEqual([[], []]);
        const parts = [...before, whole, ...behind];
        expect(parts[0]?.startMillis).toBe(startMillis);
        expect(parts.at(-1)?.endMillis).toBe(startMillis + length);
        for (const [i, { endMillis }] of parts.slice(0, -1).entries()) {
          expect(parts[i + 1]?.startMillis).toBe(endMillis);
        }
        expect([whole.startMillis % 60_000, whole.endMillis % 60_000]).toEqual([0, 0]);
        for (const part of [...before, ...behind]) expect(part.endMillis - part.startMillis).toBeLessThan(60_000);
      }),
    );
  });
});
