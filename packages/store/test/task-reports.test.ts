/** What hooks report of tasks: counted where no model call tells of the same work, and nowhere else. */
import type { Fact, TaskFact } from "@moai-metrics/model";
import { totalTokens } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { glanceAtStore } from "../src/glance/glance.ts";
import type { Store } from "../src/index.ts";
import { call, NOON, session, task, temporaryStore } from "./helpers.ts";

const MINUTE = 60_000;

/** A task of two minutes that ended at noon, as a hook tells it that knows the session. */
function reported(fields: Partial<TaskFact> = {}, report: Partial<TaskFact["report"]> = {}): TaskFact {
  return task({
    witness: "hook",
    taskId: "hook:1",
    taskKind: "hook",
    agent: "expert-backend",
    startedAtMillis: undefined,
    lastSeenAtMillis: NOON,
    outcome: { result: "success", origin: "reported", atMillis: NOON },
    report: { name: "task-001", tokens: 25_000, durationMillis: 2 * MINUTE, knowsSession: true, ...report },
    ...fields,
  });
}

/** A call of that agent in that session and time, with 2,445 tokens. */
const CALL = call({ taskId: "run", endedAtMillis: NOON - MINUTE });
const RUN = task({ taskId: "run", agent: "expert-backend", startedAtMillis: NOON - MINUTE, lastSeenAtMillis: NOON });
const CALL_TOKENS = 2_445;

function totals(store: Store): { tokens: number; undivided: number; taskMillis: number } {
  const [usage] = store.ledger.usage({});
  if (usage === undefined) return { tokens: 0, undivided: 0, taskMillis: 0 };
  return {
    tokens: totalTokens(usage.tokens),
    undivided: usage.tokens.undivided ?? 0,
    taskMillis: usage.taskMillis,
  };
}

function storeWith(...batches: Fact[][]): Store {
  const store = temporaryStore();
  for (const facts of batches) expect(store.write({ facts }).refused).toEqual({});
  expect(store.check()).toMatchObject({ isSound: true });
  return store;
}

describe("the report of a hook", () => {
  it("counts where no model call tells of the work, in every sum that there is", () => {
    const store = storeWith([session({ project: "/home/dev/shop" }), reported()]);
    expect(totals(store)).toEqual({ tokens: 25_000, undivided: 25_000, taskMillis: 2 * MINUTE });
    const [row] = store.ledger.sessions({});
    expect(row && totalTokens(row.tokens)).toBe(25_000);
    expect(row).toMatchObject({ taskMillis: 2 * MINUTE, tasksByResult: { success: 1 } });
    const [told] = store.ledger.tasks({});
    expect(told).toMatchObject({
      durationMillis: 2 * MINUTE,
      report: { name: "task-001", tokens: 25_000, durationMillis: 2 * MINUTE, isCounted: true },
    });
    expect(told && totalTokens(told.tokens)).toBe(25_000);
    expect(store.query.getTasks({}).rows[0]).toMatchObject({
      tokens: { undivided: 25_000 },
      report: { isCounted: true },
    });
    expect(store.query.getSessions({}).rows[0]).toMatchObject({ tokens: { undivided: 25_000 } });
    expect(store.query.summary({})).toMatchObject({ totalTokensUsed: 25_000, avgDurationMillis: 2 * MINUTE });
    expect(store.query.summary({ sessionIds: ["s1"] })).toMatchObject({ totalTokensUsed: 25_000 });
    expect(store.query.slowestTasks({ limit: 1 }).tasks[0]).toMatchObject({ durationMillis: 2 * MINUTE });
    const glance = glanceAtStore({
      path: store.path,
      product: "claude-code",
      sessionId: "s1",
      since: [{ startMillis: NOON - MINUTE }, { startMillis: 0, project: "shop" }, { startMillis: NOON + MINUTE }],
    });
    expect(glance?.session).toMatchObject({ tokens: 25_000, newTokens: 25_000 });
    expect(glance?.since.map((sums) => sums?.tokens)).toEqual([25_000, 25_000, 0]);
    const peaks = store.ledger.tokenPeaks({
      range: { startMillis: 0, endMillis: NOON + 1 },
      counts: "new",
      atLeast: 25_000,
    });
    expect(peaks.map(({ kind, tokens }) => [kind, tokens])).toEqual([
      ["session", 25_000],
      ["task", 25_000],
    ]);
  });

  it("counts nowhere beside a call of that session, agent and time, whichever came first", () => {
    const inOrders = [
      storeWith([RUN, CALL], [reported()]),
      storeWith([reported()], [CALL], [RUN]),
      storeWith([CALL, reported(), RUN]),
    ];
    for (const store of inOrders) {
      expect(totals(store)).toMatchObject({ tokens: CALL_TOKENS, undivided: 0 });
      const told = store.ledger.tasks({}).find(({ taskId }) => taskId === "hook:1");
      expect(told).toMatchObject({ result: "success", report: { tokens: 25_000, isCounted: false } });
      expect(store.query.summary({})).toMatchObject({ totalTokensUsed: CALL_TOKENS });
    }
  });

  it.each<[string, Fact[]]>([
    ["of another session", [{ ...CALL, sessionId: "s2", taskId: "other" }, task({ taskId: "other", sessionId: "s2" })]],
    ["of another agent", [CALL, { ...RUN, agent: "main" }]],
    ["before the task", [RUN, { ...CALL, endedAtMillis: NOON - 4 * MINUTE }]],
    ["behind the task", [RUN, { ...CALL, endedAtMillis: NOON + 2 * MINUTE }]],
    ["that failed without usage", [RUN, { ...CALL, usage: undefined, errorType: "overloaded" }]],
  ])("counts beside a call %s", (_, facts) => {
    for (const store of [storeWith(facts, [reported()]), storeWith([reported()], facts)]) {
      expect(totals(store).undivided).toBe(25_000);
    }
  });

  it("is covered by a call of an unknown agent, and covers nothing any more when that turns out to be another", () => {
    const store = storeWith([reported()], [CALL]);
    expect(totals(store).undivided).toBe(0);
    store.write({ facts: [{ ...RUN, agent: "main" }] });
    expect(totals(store)).toMatchObject({ tokens: CALL_TOKENS + 25_000, undivided: 25_000 });
    expect(store.check().isSound).toBe(true);
  });

  it("that knows no session is compared with the calls of the whole project, and of none where that is unknown", () => {
    const elsewhere = { product: "moai", sessionId: "hook-day" };
    const here = session({ ...elsewhere, witness: "hook", project: "/home/dev/shop" });
    const told = reported(elsewhere, { knowsSession: false });
    const shop = session({ project: "/home/dev/shop" });
    expect(totals(storeWith([here, told], [RUN, CALL, shop])).undivided).toBe(0);
    expect(totals(storeWith([RUN, CALL, shop], [told], [here])).undivided).toBe(0);
    expect(totals(storeWith([here, told], [RUN, CALL, session({ project: "/home/dev/blog" })])).undivided).toBe(25_000);
    expect(totals(storeWith([told], [RUN, CALL])).undivided).toBe(25_000);
  });

  it("is compared with the calls that are left when a task of before gets its first one behind the watermark", () => {
    const midnight = NOON - 12 * 60 * MINUTE;
    const atMillis = midnight + MINUTE;
    const outcome = { result: "success", origin: "reported", atMillis } as const;
    const at = { lastSeenAtMillis: atMillis, outcome };
    const store = storeWith([
      { ...CALL, endedAtMillis: midnight + 30_000 },
      { ...RUN, startedAtMillis: midnight - MINUTE, lastSeenAtMillis: midnight + 30_000 },
      reported({ ...at, report: undefined }),
    ]);
    const database = new Database(store.path);
    database.prepare("INSERT INTO meta (key, value) VALUES ('watermark_day', ?)").run(midnight / 86_400_000);
    database.close();
    store.write({ facts: [reported(at)] });
    expect(totals(store)).toMatchObject({ tokens: CALL_TOKENS, undivided: 0 });
    store.close();
  });

  it("moves with its session, and with what other witnesses say of it", () => {
    const store = storeWith([reported()], [reported({ witness: "process", sessionId: "s0" }, { tokens: 4 })]);
    const tokens = store.ledger.sessions({}).map(({ sessionId, tokens }) => [sessionId, tokens.undivided]);
    expect(tokens).toContainEqual(["s0", 4]);
    expect(tokens).toContainEqual(["s1", undefined]);
    expect(totals(store).tokens).toBe(4);
  });

  it("without a duration is compared with the ten minutes before it, and a task without one has none", () => {
    const hasNone = { durationMillis: undefined };
    expect(totals(storeWith([reported({}, hasNone)]))).toEqual({ tokens: 25_000, undivided: 25_000, taskMillis: 0 });
    const early = { ...CALL, endedAtMillis: NOON - 10 * MINUTE };
    expect(totals(storeWith([RUN, early], [reported({}, hasNone)])).undivided).toBe(0);
  });

  it.each<[string, TaskFact["report"]]>([
    ["count is not a whole number within reason", { tokens: -1 }],
    ["count is not a whole number within reason", { durationMillis: 1.5 }],
    ["text is missing, overlong or not text", { name: "" }],
    ["not a fact", "25000" as unknown as TaskFact["report"]],
  ])("is refused with the reason: %s", (reason, report) => {
    expect(temporaryStore().write({ facts: [reported({ report })] }).refused).toEqual({ [reason]: 1 });
  });

  it("is told by the totals check when a total was tampered with, and made right by a new summing up", async () => {
    const store = storeWith([session({ project: "/home/dev/shop" }), reported()]);
    await store.rebuildRollups();
    store.foldRollups(NOON + 3 * 86_400_000);
    expect(totals(store).undivided).toBe(25_000);
    expect(store.check().isSound).toBe(true);
  });
});

/** One minute of one agent in one of two sessions of one project: a call, or a hook of which only the law knows the answer. */
const observation = fc.record({
  isCall: fc.boolean(),
  minute: fc.integer({ min: 0, max: 90 }),
  length: fc.integer({ min: 0, max: 20 }),
  sessionId: fc.constantFrom("s1", "s2"),
  agent: fc.constantFrom("main", "expert-backend"),
  tokens: fc.integer({ min: 1, max: 1_000 }),
  knowsSession: fc.boolean(),
});

describe("a hook's tokens in the total", () => {
  it("are those of the hooks that no call covers, whatever comes in which order and how often", () => {
    fc.assert(
      fc.property(
        fc.array(observation, { minLength: 1, maxLength: 14 }),
        fc.integer({ min: 1, max: 6 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (observations, batchSize, random) => {
          const facts = observations.flatMap((seen, i): Fact[] => {
            const { isCall, minute, length, sessionId, agent, tokens, knowsSession } = seen;
            const atMillis = NOON + minute * MINUTE;
            if (!isCall) {
              const at = { lastSeenAtMillis: atMillis, outcome: { ...SUCCESS, atMillis } };
              const report = { tokens, durationMillis: length * MINUTE, knowsSession };
              return [reported({ ...at, sessionId, agent, taskId: `hook:${i}` }, report)];
            }
            const usage = { input: tokens, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, reasoning: 0 };
            return [
              call({
                sessionId,
                taskId: `run:${i}`,
                requestId: `r${i}`,
                responseId: `m${i}`,
                endedAtMillis: atMillis,
                usage,
              }),
              task({ sessionId, taskId: `run:${i}`, agent, startedAtMillis: atMillis, lastSeenAtMillis: atMillis }),
            ];
          });
          facts.push(...["s1", "s2"].map((sessionId) => session({ sessionId, project: "/home/dev/shop" })));
          const calls = observations.filter(({ isCall }) => isCall);
          const expected = observations
            .filter(({ isCall }) => !isCall)
            .filter((hook) => {
              const isNear = ({ minute }: typeof hook): boolean =>
                minute >= hook.minute - hook.length - 1 && minute <= hook.minute + 1;
              return !calls.some(
                (each) =>
                  each.agent === hook.agent &&
                  isNear(each) &&
                  (!hook.knowsSession || each.sessionId === hook.sessionId),
              );
            })
            .reduce((sum, { tokens }) => sum + tokens, 0);
          const order = [...facts, ...facts]
            .map((fact) => ({ fact, place: random.next().value as number }))
            .sort((a, b) => a.place - b.place);
          const store = temporaryStore();
          for (let at = 0; at < order.length; at += batchSize) {
            store.write({ facts: order.slice(at, at + batchSize).map(({ fact }) => fact) });
          }
          expect(totals(store).undivided).toBe(expected);
          expect(store.checkRollups()).toEqual([]);
          store.close();
        },
      ),
      { numRuns: Number(process.env["LAW_RUNS"] ?? 60) },
    );
  });
});

const SUCCESS = { result: "success", origin: "reported" } as const;
