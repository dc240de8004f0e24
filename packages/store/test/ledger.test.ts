/** What the ledger makes of particular facts. */
import { createZoneCalendar, type Fact, type TaskOutcome, type TokenUsage } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import type { Store } from "../src/index.ts";
import { call, dump, NOON, session, task, temporaryStore, tool, USAGE } from "./helpers.ts";

function totals(store: Store): { calls: number; output: number; costNanoUsd: number } {
  const [all] = store.ledger.usage({});
  return { calls: all?.calls ?? 0, output: all?.tokens.output ?? 0, costNanoUsd: all?.costNanoUsd ?? 0 };
}

describe("a model call", () => {
  it("that several lines report counts once, with the greater usage", () => {
    const store = temporaryStore();
    const placeholder = call({ usage: { ...USAGE, output: 1 } });
    store.write({ facts: [placeholder, call()] });
    store.write({ facts: [placeholder] });
    expect(totals(store)).toMatchObject({ calls: 1, output: 345 });
  });

  it("keeps what the better witness says, whenever it comes", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ witness: "process", usage: { ...USAGE, output: 300 } })] });
    store.write({ facts: [call({ witness: "span", usage: { ...USAGE, output: 900 }, durationMillis: 420 })] });
    expect(totals(store).output).toBe(300);
    expect(store.ledger.usage({})[0]?.callMillis).toBe(420);
  });

  it("is found by either of its ids", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ requestId: "req_1", responseId: undefined })] });
    store.write({ facts: [call({ requestId: "req_1", responseId: "msg_1" })] });
    store.write({ facts: [call({ requestId: undefined, responseId: "msg_1" })] });
    expect(totals(store).calls).toBe(1);
  });

  it("that two witnesses knew under different ids becomes one when a third knows both", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ requestId: "req_1", responseId: undefined, usage: { ...USAGE, output: 10 } })] });
    store.write({ facts: [call({ requestId: undefined, responseId: "msg_1" })] });
    expect(totals(store).calls).toBe(2);
    store.write({ facts: [call()] });
    expect(totals(store)).toMatchObject({ calls: 1, output: 345 });
    expect(store.checkRollups()).toEqual([]);
  });

  it("with an id that a stand-in server hands out again half an hour later is another call", () => {
    const store = temporaryStore();
    store.write({ facts: [call(), call({ endedAtMillis: NOON + 31 * 60_000, sessionId: "s2" })] });
    expect(totals(store).calls).toBe(2);
  });

  it("seen a few minutes apart across the edge of a quarter hour is one call", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ endedAtMillis: NOON - 1_000 })] });
    store.write({ facts: [call({ endedAtMillis: NOON + 1_000 })] });
    expect(totals(store).calls).toBe(1);
  });

  it("replayed by a side conversation adds nothing, in either order", () => {
    const replay = call({ requestId: "req_9", isReplay: true, witness: "transcriptSidechain" });
    for (const facts of [
      [call(), replay],
      [replay, call()],
    ]) {
      const store = temporaryStore();
      for (const fact of facts) store.write({ facts: [fact] });
      expect(totals(store)).toMatchObject({ calls: 1, output: 345 });
      expect(store.ledger.sessions({})).toHaveLength(1);
    }
  });

  it("is one call when observations link its quarter hours, in any order", () => {
    const quarterHour = 900_000;
    const observations = [0, 1, 2].map((i) => call({ endedAtMillis: NOON + i * quarterHour }));
    const orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]; // biome-ignore format: a table
    for (const order of orders) {
      const store = temporaryStore();
      for (const i of order) store.write({ facts: observations.slice(i, i + 1) });
      expect(totals(store).calls, order.join()).toBe(1);
      expect(store.ledger.sessions({ range: { startMillis: NOON, endMillis: NOON + 3 * quarterHour } })).toMatchObject([
        { calls: 1 },
      ]);
    }
  });

  it("with the request id of another but a response id of its own is another call", () => {
    const store = temporaryStore();
    const behindGateway = Array.from({ length: 5 }, (_, i) =>
      call({ requestId: "always-the-same", responseId: `m${i}` }),
    );
    for (const fact of behindGateway) store.write({ facts: [fact] });
    store.write({ facts: behindGateway });
    expect(totals(store).calls).toBe(5);
  });

  it("is not lost when a side conversation replays it under the response id of two", () => {
    const one = call({ requestId: "r1", responseId: "m", usage: { ...USAGE, output: 10 } });
    const two = call({ requestId: "r2", responseId: "m", usage: { ...USAGE, output: 20 } });
    const replay = call({ requestId: "r3", responseId: "m", isReplay: true, witness: "transcriptSidechain" });
    for (const facts of [
      [one, two, replay],
      [one, replay, two],
      [replay, one, two],
      [replay, two, one],
    ]) {
      const store = temporaryStore();
      for (const fact of facts) store.write({ facts: [fact] });
      expect(totals(store)).toMatchObject({ calls: 2, output: 30 });
    }
  });

  it("takes in a replay that another replay links to it", () => {
    const quarterHour = 900_000;
    const replay = (requestId: string, endedAtMillis: number): Fact =>
      call({ requestId, responseId: "m", isReplay: true, witness: "transcriptSidechain", endedAtMillis });
    const original = call({ requestId: "r", responseId: "m", endedAtMillis: NOON + 2 * quarterHour });
    const far = replay("side_2", NOON);
    const link = replay("side_1", NOON + quarterHour);
    for (const batches of [
      [[original], [far], [link]],
      [[far], [original, link]],
      [[far], [link], [original]],
    ]) {
      const store = temporaryStore();
      for (const facts of batches) store.write({ facts });
      expect(totals(store).calls).toBe(1);
      expect(store.checkRollups()).toEqual([]);
    }
  });

  it("costs the same whatever its blocks say first about the fast mode", () => {
    const standard = call({ model: "claude-haiku-4-5", usage: { ...USAGE, output: 1 } });
    const fast = call({ model: "claude-haiku-4-5", speed: "fast" });
    for (const facts of [
      [standard, fast],
      [fast, standard],
    ]) {
      const store = temporaryStore();
      for (const fact of facts) store.write({ facts: [fact] });
      expect(store.ledger.usage({})[0]).toMatchObject({ unpricedCalls: 1, costNanoUsd: 0 });
    }
  });

  it("with an empty error type has no error", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ errorType: "" })] });
    expect(store.ledger.usage({})[0]).toMatchObject({ calls: 1, callErrors: 0 });
    expect(store.checkRollups()).toEqual([]);
  });

  it("costs what the price list says on its day, frozen in the row", () => {
    const store = temporaryStore();
    store.write({ facts: [call()] });
    // 1200 × 3 + 800 × 0.3 + 60 × 3.75 + 40 × 6 + 345 × 15 dollars a million, as Claude Code itself reports it.
    expect(totals(store).costNanoUsd).toBe(9_480_000);
  });

  it("is costed again when its tokens change", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ usage: { ...USAGE, output: 1 } })] });
    expect(totals(store).costNanoUsd).toBe(9_480_000 - 344 * 15_000);
    store.write({ facts: [call()] });
    expect(totals(store).costNanoUsd).toBe(9_480_000);
    expect(store.checkRollups()).toEqual([]);
  });

  it("of a model without a price is unpriced, not free", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ model: "home-grown-1" }), call({ requestId: "r2", responseId: "m2" })] });
    expect(store.ledger.usage({})[0]).toMatchObject({ calls: 2, unpricedCalls: 1, costNanoUsd: 9_480_000 });
  });

  it("keeps the cost that the agent reported", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ reportedCostNanoUsd: 42 })] });
    expect(store.ledger.usage({})[0]).toMatchObject({ costNanoUsd: 42, reportedCostNanoUsd: 42 });
  });

  it("that failed without usage is an error, not a call", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ usage: undefined, model: undefined, errorType: "rate_limit" })] });
    expect(store.ledger.usage({})[0]).toMatchObject({
      calls: 0,
      callErrors: 1,
      callsWithoutUsage: 0,
      unpricedCalls: 0,
    });
    expect(store.ledger.sessions({})[0]?.errors).toEqual({ rate_limit: 1 });
  });

  it("whose reply carried no usage has unknown tokens, not zero", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ usage: undefined })] });
    expect(store.ledger.usage({})[0]).toMatchObject({ calls: 1, callsWithoutUsage: 1, unpricedCalls: 0 });
  });

  it("moves to the agent of its task when the name becomes known later", () => {
    const store = temporaryStore();
    store.write({ facts: [call(), tool()] });
    expect(store.ledger.usage({ by: ["agent"] }).map(({ agent, calls }) => [agent, calls])).toEqual([["", 1]]);
    store.write({ facts: [task({ agent: "expert-backend" })] });
    expect(store.ledger.usage({ by: ["agent"] })).toMatchObject([{ agent: "expert-backend", calls: 1, toolCalls: 1 }]);
    expect(store.checkRollups()).toEqual([]);
  });

  it("moves to the project of its session when that becomes known later", () => {
    const store = temporaryStore();
    store.write({
      facts: [call(), tool(), task({ outcome: { result: "success", origin: "inferred", atMillis: NOON } })],
    });
    store.write({ facts: [session({ project: "/home/me/app" })] });
    const groups = store.ledger.usage({ by: ["project"] });
    expect(groups).toHaveLength(1);
    expect(groups[0]).toMatchObject({ project: "/home/me/app", calls: 1, toolCalls: 1, taskMillis: 5_000 });
    expect(store.checkRollups()).toEqual([]);
  });
});

describe("facts that cannot be stored", () => {
  const cases: [string, Fact][] = [
    ["text is missing, overlong or not text", call({ sessionId: "" })],
    ["text is missing, overlong or not text", session({ sessionId: "x".repeat(600) })],
    ["text is missing, overlong or not text", call({ requestId: undefined, responseId: undefined })],
    ["time out of range", call({ endedAtMillis: Number.NaN })],
    ["time out of range", call({ endedAtMillis: 8e15 })],
    ["time out of range", session({ activity: [{ startMillis: -1, endMillis: 5 }] })],
    ["time out of range", task({ startedAtMillis: 1.5 })],
    ["time out of range", tool({ endedAtMillis: -5 })],
    ["text is missing, overlong or not text", task({ taskId: "" })],
    ["text is missing, overlong or not text", tool({ callId: "" })],
    ["count is not a whole number within reason", call({ usage: { ...USAGE, output: -1 } })],
    ["count is not a whole number within reason", call({ durationMillis: 0.5 })],
    ["count is not a whole number within reason", task({ linesAdded: Number.POSITIVE_INFINITY })],
    ["count is not a whole number within reason", tool({ linesRemoved: 2 ** 60 })],
    [
      "text is missing, overlong or not text",
      {
        kind: "file_change",
        witness: "process",
        product: "p",
        sessionId: "s",
        taskId: "t",
        path: "",
        change: "created",
        atMillis: NOON,
      },
    ],
    [
      "time out of range",
      {
        kind: "file_change",
        witness: "process",
        product: "p",
        sessionId: "s",
        taskId: "t",
        path: "/a",
        change: "created",
        atMillis: -1,
      },
    ],
    ["count is not a whole number within reason", call({ usage: { ...USAGE, input: Number.MAX_SAFE_INTEGER } })],
    ["time out of range", call({ endedAtMillis: 5_000, durationMillis: 6_000 })],
    ["ends before it starts", tool({ startedAtMillis: NOON, endedAtMillis: NOON - 1 })],
    ["ends before it starts", session({ activity: [{ startMillis: NOON, endMillis: NOON - 1 }] })],
    ["time out of range", session({ activity: {} as unknown as [] })],
    ["text is missing, overlong or not text", session({ project: {} as unknown as string })],
    ["not a fact", task({ outcome: null as unknown as TaskOutcome })],
    [
      "value outside its enumeration",
      task({ outcome: { result: "exploded" as "success", origin: "reported", atMillis: 1 } }),
    ],
    ["value outside its enumeration", task({ taskKind: "chore" as "prompt" })],
    ["not a fact", call({ usage: null as unknown as TokenUsage })],
    ["not a fact", call({ witness: "gossip" as "span" })],
    ["not a fact", null as unknown as Fact],
    ["not a fact", { ...task(), kind: "gossip" } as unknown as Fact],
  ];
  it.each(cases)("are refused and counted: %s", (reason, fact) => {
    const store = temporaryStore();
    const result = store.write({ facts: [fact, call({ sessionId: "good", requestId: "good", responseId: "good" })] });
    expect(result.refused).toEqual({ [reason]: 1 });
    expect(totals(store).calls).toBe(1);
  });
});

describe("a task", () => {
  const ended = (result: "success" | "failure", origin: "reported" | "inferred", atMillis: number): Fact =>
    task({ outcome: { result, origin, atMillis } });

  it("keeps a reported result over an inferred one, and the later of two equals", () => {
    const store = temporaryStore();
    store.write({ facts: [ended("success", "inferred", NOON + 9_000), ended("failure", "reported", NOON + 1_000)] });
    expect(store.ledger.tasks({})[0]).toMatchObject({ result: "failure", resultOrigin: "reported" });
    store.write({ facts: [ended("success", "reported", NOON + 2_000)] });
    expect(store.ledger.tasks({})[0]).toMatchObject({ result: "success", resultOrigin: "reported" });
  });

  it("that fell silent is closed as unknown, and opened to a better result that comes late", () => {
    const store = temporaryStore();
    store.write({ facts: [task()] });
    expect(store.closeSilentTasks(NOON + 60_000)).toBe(0);
    expect(store.ledger.tasks({})[0]?.result).toBe("open");
    expect(store.closeSilentTasks(NOON + 3_600_000)).toBe(1);
    expect(store.closeSilentTasks(NOON + 3_600_000)).toBe(0);
    expect(store.ledger.usage({})[0]?.tasksByResult.unknown).toBe(1);
    store.write({ facts: [ended("success", "inferred", NOON + 5_000)] });
    expect(store.ledger.usage({})[0]?.tasksByResult).toMatchObject({ unknown: 0, success: 1 });
    expect(store.checkRollups()).toEqual([]);
  });

  it("whose calls keep arriving is not silent, and figures of its calls do not depend on its company", () => {
    const store = temporaryStore();
    const started = task({ witness: "process", lastSeenAtMillis: undefined });
    const late = call({ endedAtMillis: NOON + 40 * 60_000 });
    store.write({ facts: [started, late] });
    expect(store.closeSilentTasks(NOON + 41 * 60_000)).toBe(0);
    expect(store.ledger.tasks({})).toMatchObject([{ result: "open", calls: 1, durationMillis: 40 * 60_000 }]);
  });

  it("that was given up is open again when it gives a sign of life", () => {
    const store = temporaryStore();
    store.write({ facts: [task()] });
    expect(store.closeSilentTasks(NOON + 3_600_000)).toBe(1);
    store.write({ facts: [tool({ startedAtMillis: NOON + 3_700_000 })] });
    expect(store.ledger.tasks({})[0]?.result).toBe("open");
    expect(store.ledger.usage({})[0]?.tasksByResult.unknown).toBe(0);
    expect(store.checkRollups()).toEqual([]);
  });

  it("known only through its calls is shown, and closed once", () => {
    const store = temporaryStore();
    store.write({ facts: [call(), session({ hasEnded: true })] });
    expect(store.closeSilentTasks(NOON)).toBe(1);
    expect(store.closeSilentTasks(NOON)).toBe(0);
    expect(store.ledger.tasks({})).toMatchObject([{ taskId: "t1", calls: 1, result: "unknown" }]);
  });

  it("is closed when its session ends", () => {
    const store = temporaryStore();
    store.write({ facts: [task(), session({ hasEnded: true })] });
    expect(store.closeSilentTasks(NOON + 6_000)).toBe(1);
  });

  it("counts each file once per change, and keeps no path", () => {
    const store = temporaryStore();
    const file = (path: string, change: "created" | "modified" | "deleted"): Fact => ({
      kind: "file_change",
      witness: "transcript",
      product: "claude-code",
      sessionId: "s1",
      taskId: "t1",
      path,
      change,
      atMillis: NOON + 2_000,
    });
    store.write({ facts: [task(), file("/made.txt", "created"), file("/made.txt", "modified")] });
    store.write({
      facts: [file("/made.txt", "modified"), file("/secret-name.txt", "modified"), file("/x", "deleted")],
    });
    expect(store.ledger.tasks({})[0]).toMatchObject({ filesCreated: 1, filesModified: 2, filesDeleted: 1 });
    expect(JSON.stringify(dump(store.path))).not.toContain("secret-name");
  });

  it("shows its own count of lines, else the sum over its tools", () => {
    const store = temporaryStore();
    const edit = tool({ linesAdded: 3, linesRemoved: 1, isSuccess: true });
    store.write({ facts: [task(), edit, { ...edit, callId: "toolu_2", linesAdded: 2, linesRemoved: 0 }] });
    expect(store.ledger.tasks({})[0]).toMatchObject({ linesAdded: 5, linesRemoved: 1 });
    store.write({ facts: [task({ linesAdded: 9 })] });
    expect(store.ledger.tasks({})[0]).toMatchObject({ linesAdded: 9, linesRemoved: 0 });
    expect(store.ledger.sessions({})[0]).toMatchObject({ linesAdded: 9, linesRemoved: 0 });
  });
});

describe("a session", () => {
  it("has active time without gaps of more than ten minutes", () => {
    const store = temporaryStore();
    const minutes = (n: number): number => NOON + n * 60_000;
    store.write({
      facts: [
        session({ activity: [{ startMillis: minutes(0), endMillis: minutes(5) }] }),
        session({ activity: [{ startMillis: minutes(14), endMillis: minutes(20) }] }),
        session({ activity: [{ startMillis: minutes(60), endMillis: minutes(61) }] }),
      ],
    });
    expect(store.ledger.sessions({})[0]).toMatchObject({ wallMillis: 61 * 60_000, activeMillis: 21 * 60_000 });
  });

  it("is as long as its calls and tools, when no one reports its activity", () => {
    const store = temporaryStore();
    store.write({
      facts: [call({ endedAtMillis: NOON + 4_000, durationMillis: 4_000 }), tool({ endedAtMillis: NOON + 9_000 })],
    });
    expect(store.ledger.sessions({})[0]).toMatchObject({ startedAtMillis: NOON, endedAtMillis: NOON + 9_000 });
  });

  it("shows the branch it was last on", () => {
    const store = temporaryStore();
    const on = (branch: string, at: number): Fact =>
      session({ branch, activity: [{ startMillis: NOON + at, endMillis: NOON + at }] });
    store.write({ facts: [on("later", 9_000), on("earlier", 1_000)] });
    expect(store.ledger.sessions({})[0]?.branch).toBe("later");
  });

  it("lists its tools, models and errors", () => {
    const store = temporaryStore();
    store.write({
      facts: [
        session(),
        call(),
        call({ requestId: "r2", responseId: "m2", model: "claude-opus-5-5" }),
        tool({ isSuccess: false, errorType: "tool_error", endedAtMillis: NOON + 2_500 }),
        tool({ callId: "toolu_2", isSuccess: true, endedAtMillis: NOON + 1_600 }),
        tool({ callId: "toolu_3", tool: "Edit", isSuccess: true }),
        task({ outcome: { result: "failure", origin: "reported", atMillis: NOON + 5_000, errorType: "api_error" } }),
      ],
    });
    const [row] = store.ledger.sessions({});
    expect(row?.tools).toEqual([
      { tool: "Bash", toolCalls: 2, toolErrors: 1, toolMillis: 1_100 },
      { tool: "Edit", toolCalls: 1, toolErrors: 0, toolMillis: 0 },
    ]);
    expect(row?.models.map(({ model, calls }) => [model, calls])).toEqual([
      ["claude-opus-5-5", 1],
      ["claude-sonnet-4-5", 1],
    ]);
    expect(row?.errors).toEqual({ api_error: 1, tool_error: 1 });
    expect(row).toMatchObject({ calls: 2, toolCalls: 3, toolErrors: 1, openTasks: 0 });
    expect(store.ledger.tools({})).toEqual(row?.tools);
  });
});

describe("questions", () => {
  const day = 86_400_000;
  function weekStore(): Store {
    const store = temporaryStore();
    const facts: Fact[] = [];
    for (let i = 0; i < 7; i++) {
      const atMillis = NOON + i * day;
      const sessionId = `s${i}`;
      const product = i % 2 === 0 ? "claude-code" : "my-agent";
      facts.push(
        session({
          product,
          sessionId,
          project: i < 4 ? "/a" : "/b",
          activity: [{ startMillis: atMillis, endMillis: atMillis + 60_000 }],
        }),
        task({
          product,
          sessionId,
          taskId: `t${i}`,
          agent: i < 2 ? "main" : "expert",
          startedAtMillis: atMillis,
          lastSeenAtMillis: atMillis + 1_000,
          outcome: { result: i === 3 ? "failure" : "success", origin: "inferred", atMillis: atMillis + 1_000 },
        }),
        call({ product, sessionId, taskId: `t${i}`, requestId: `r${i}`, responseId: `m${i}`, endedAtMillis: atMillis }),
        tool({ product, sessionId, taskId: `t${i}`, callId: `c${i}`, startedAtMillis: atMillis }),
      );
    }
    store.write({ facts });
    return store;
  }

  it("about days are exact in any zone", () => {
    const store = temporaryStore();
    // 15:00 UTC is midnight in Seoul; 18:15 UTC is midnight in Kathmandu.
    const seoulMidnight = Date.UTC(2026, 10, 22, 15, 0);
    store.write({
      facts: [
        call({ requestId: "a", responseId: "a", endedAtMillis: seoulMidnight - 1 }),
        call({ requestId: "b", responseId: "b", endedAtMillis: seoulMidnight }),
        call({ requestId: "c", responseId: "c", endedAtMillis: Date.UTC(2026, 10, 22, 18, 15) - 1 }),
        call({ requestId: "d", responseId: "d", endedAtMillis: Date.UTC(2026, 10, 22, 18, 15) }),
      ],
    });
    const callsByDay = (timeZone: string): (string | number)[][] => {
      const periods = createZoneCalendar(timeZone).periods({ startMillis: NOON - day, endMillis: NOON + day }, "day");
      return store.ledger.usage({ periods }).map(({ period, calls }) => [period?.label ?? "", calls]);
    };
    expect(callsByDay("Asia/Seoul")).toEqual([
      ["2026-11-22", 1],
      ["2026-11-23", 3],
    ]);
    expect(callsByDay("Asia/Kathmandu")).toEqual([
      ["2026-11-22", 3],
      ["2026-11-23", 1],
    ]);
    expect(callsByDay("UTC")).toEqual([["2026-11-22", 4]]);
  });

  it("honour every filter", () => {
    const store = weekStore();
    const calls = (filter: Parameters<Store["ledger"]["usage"]>[0]): number =>
      store.ledger.usage(filter).reduce((sum, group) => sum + group.calls, 0);
    expect(calls({})).toBe(7);
    expect(calls({ products: ["my-agent"] })).toBe(3);
    expect(calls({ projects: ["/b"] })).toBe(3);
    expect(calls({ agents: ["main", "nobody"] })).toBe(2);
    expect(calls({ models: ["claude-sonnet-4-5"] })).toBe(7);
    expect(calls({ models: [""] })).toBe(0);
    expect(calls({ range: { startMillis: NOON + day, endMillis: NOON + 3 * day } })).toBe(2);
    const sessionIds = (filter: Parameters<Store["ledger"]["sessions"]>[0]): string[] =>
      store.ledger.sessions(filter).map(({ sessionId }) => sessionId);
    expect(sessionIds({ range: { startMillis: NOON + day, endMillis: NOON + 3 * day } })).toEqual(["s2", "s1"]);
    expect(sessionIds({ agents: ["main"] })).toEqual(["s1", "s0"]);
    expect(sessionIds({ models: ["nothing"] })).toEqual([]);
    expect(sessionIds({ sessionIds: ["s5", "s6"], projects: ["/b"] })).toEqual(["s6", "s5"]);
    const taskIds = (filter: Parameters<Store["ledger"]["tasks"]>[0]): string[] =>
      store.ledger.tasks(filter).map(({ taskId }) => taskId);
    expect(taskIds({ agents: ["main"] })).toEqual(["t1", "t0"]);
    expect(taskIds({ sessionIds: ["s3"] })).toEqual(["t3"]);
    expect(taskIds({ models: ["nothing"] })).toEqual([]);
    expect(store.ledger.tools({ products: ["my-agent"] })[0]?.toolCalls).toBe(3);
    expect(store.ledger.tools({ sessionIds: ["s3"] })[0]?.toolCalls).toBe(1);
  });

  it("about a model leave out what has no model", () => {
    const store = temporaryStore();
    const changed = {
      kind: "file_change",
      witness: "transcript",
      product: "claude-code",
      sessionId: "s1",
      taskId: "t1",
    } as const;
    store.write({
      facts: [call(), tool({ linesAdded: 7 }), { ...changed, path: "/a", change: "created", atMillis: NOON }],
    });
    const [row] = store.ledger.sessions({ models: ["claude-sonnet-4-5"] });
    expect(row).toMatchObject({ calls: 1, toolCalls: 0, linesAdded: 0, filesCreated: 0 });
  });

  it("are refused when they cannot be answered exactly", () => {
    const store = weekStore();
    expect(() => store.ledger.usage({ sessionIds: ["s1"] })).toThrow(/rollups do not know sessions/);
    expect(() => store.ledger.usage({ range: { startMillis: NOON + 1, endMillis: NOON + day } })).toThrow(
      /quarter hour/,
    );
    expect(() => store.ledger.tools({ models: ["x"] })).toThrow(/they have none/);
  });

  it("are answered from an empty store too", () => {
    const store = temporaryStore();
    expect(store.ledger.usage({})).toEqual([]);
    expect(store.ledger.sessions({})).toEqual([]);
    expect(store.ledger.tasks({})).toEqual([]);
    expect(store.ledger.tools({})).toEqual([]);
    expect(store.ledger.sessionCounts([], {})).toEqual([]);
    expect(store.ledger.span()).toBeUndefined();
  });

  it("count the sessions of each period", () => {
    const store = weekStore();
    const periods = createZoneCalendar("UTC").periods({ startMillis: NOON, endMillis: NOON + 7 * day }, "week");
    expect(store.ledger.sessionCounts(periods, {})).toEqual([1, 6]);
    expect(store.ledger.sessionCounts(periods, { agents: ["main"] })).toEqual([1, 1]);
    expect(store.ledger.span()).toEqual({ startMillis: NOON, endMillis: NOON + 6 * day + 60_000 });
  });

  it("with periods and a range count only what lies in both", () => {
    const store = weekStore();
    const calendar = createZoneCalendar("UTC");
    const all = { startMillis: NOON, endMillis: NOON + 7 * day };
    const groups = store.ledger.usage({
      periods: calendar.periods(all, "week"),
      range: { startMillis: NOON + 2 * day, endMillis: NOON + 4 * day },
      by: ["project", "product", "agent", "model"],
    });
    expect(groups.reduce((sum, { calls }) => sum + calls, 0)).toBe(2);
    expect(groups.every(({ period }) => period?.label === "2026-W48")).toBe(true);
  });
});
