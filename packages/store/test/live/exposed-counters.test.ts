import { join } from "node:path";
import type { Fact, SessionFact, TaskFact, ToolCallFact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExposedAnswer, LIVE_WINDOW_MILLIS, OVERFLOW_VALUE, openStore, type Store } from "../../src/index.ts";
import { createExposedCounters } from "../../src/live/exposed-counters.ts";
import { call, NOON, temporaryFolder, temporaryStore, USAGE } from "../helpers.ts";

const READER = "scraper";
const MINUTE = 60_000;

/** A store with a clock that can be set. */
function clockedStore(path = join(temporaryFolder(), "metrics.db"), labels?: readonly string[]) {
  const clock = { millis: NOON };
  return { clock, path, store: openStore({ path, labels, now: () => clock.millis }) };
}

const expose = (store: Store, more: Partial<Parameters<Store["exposed"]["expose"]>[0]> = {}): ExposedAnswer =>
  store.exposed.expose({ reader: READER, delivery: "received", ...more });

const metric = (answer: ExposedAnswer, key: string) => answer.metrics.find((each) => each.key === key)?.series ?? [];
const sum = (answer: ExposedAnswer, key: string): number =>
  metric(answer, key).reduce((total, each) => total + each.sum, 0);

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

const task = (change: Partial<TaskFact> = {}): TaskFact => ({
  kind: "task",
  witness: "transcript",
  product: "claude-code",
  sessionId: "s",
  taskId: "t",
  taskKind: "subagent",
  agent: "expert",
  startedAtMillis: NOON - 5_000,
  lastSeenAtMillis: NOON,
  outcome: { result: "failure", origin: "reported", atMillis: NOON, errorType: "rate_limit" },
  ...change,
});

const tag = (team: string, change: Partial<SessionFact> = {}): SessionFact => ({
  kind: "session",
  witness: "log",
  product: "claude-code",
  sessionId: "s",
  activity: [],
  tags: { team },
  ...change,
});

const tool = (change: Partial<ToolCallFact> = {}): ToolCallFact => ({
  kind: "tool_call",
  witness: "transcript",
  product: "claude-code",
  sessionId: "s",
  taskId: "t",
  callId: "c",
  tool: "Bash",
  startedAtMillis: NOON - 2_000,
  endedAtMillis: NOON,
  isSuccess: false,
  ...change,
});

describe("a series of live counters", () => {
  it("is shown once as 0, then as it is, and then it stays though nothing happens", () => {
    const { store } = clockedStore();
    store.write({ facts: [call({ endedAtMillis: NOON, durationMillis: 70 })] });
    const [born, ...later] = [expose(store), expose(store), expose(store)];
    expect(metric(born, "outputTokens")).toMatchObject([{ sum: 0, startMillis: NOON }]);
    for (const each of later) expect(metric(each, "outputTokens")).toMatchObject([{ sum: USAGE.output }]);
    expect(metric(born, "inferenceDuration")).toMatchObject([{ sum: 0, count: 0 }]);
    expect(born.held).toEqual([]);
    store.close();
  });

  it("goes on after a restart where it was", () => {
    const { store, path, clock } = clockedStore();
    store.write({ facts: [call({ endedAtMillis: NOON })] });
    for (let i = 0; i < 2; i++) expose(store);
    const before = expose(store);
    store.close();
    const again = openStore({ path, now: () => clock.millis });
    expect(expose(again)).toEqual(before);
    again.close();
  });

  it("stays at 0 for a reader that did not get it, and is shown to each reader once as 0", () => {
    const { store } = clockedStore();
    store.write({ facts: [call({ endedAtMillis: NOON })] });
    const push = () => metric(expose(store, { reader: "forward", delivery: "sent" }), "outputTokens");
    expect(push()).toMatchObject([{ sum: 0 }]);
    expect(push()).toMatchObject([{ sum: 0 }]);
    store.exposed.confirm("forward");
    expect(push()).toMatchObject([{ sum: USAGE.output, growth: { sum: USAGE.output } }]);
    expect(push()).toMatchObject([{ growth: { sum: USAGE.output } }]);
    store.exposed.confirm("forward");
    expect(push()).toMatchObject([{ sum: USAGE.output, growth: { sum: 0 } }]);
    expect(metric(expose(store), "outputTokens")).toMatchObject([{ sum: 0 }]);
    store.close();
  });

  it("is shown as it is to someone who only looks, who changes nothing", () => {
    const { store } = clockedStore();
    store.write({ facts: [call({ endedAtMillis: NOON })] });
    const look = () => sum(expose(store, { delivery: "looked_at" }), "outputTokens");
    expect([look(), look()]).toEqual([USAGE.output, USAGE.output]);
    expect(sum(expose(store), "outputTokens")).toBe(0);
    store.close();
  });

  it("never falls: a correction is held until the facts catch up", () => {
    const { store } = clockedStore();
    const facts = (output: number, witness: "span" | "transcript", requestId = "r") => ({
      facts: [call({ requestId, witness, endedAtMillis: NOON, usage: { ...USAGE, output } })],
    });
    store.write(facts(1_000, "span"));
    expose(store);
    expect(sum(expose(store), "outputTokens")).toBe(1_000);
    store.write(facts(400, "transcript"));
    const held = expose(store);
    expect(sum(held, "outputTokens")).toBe(1_000);
    expect(held.held.some((key) => key.includes("outputTokens"))).toBe(true);
    store.write(facts(500, "transcript", "r2"));
    expect(sum(expose(store), "outputTokens")).toBe(1_000);
    store.write(facts(300, "transcript", "r3"));
    const caughtUp = expose(store);
    expect(sum(caughtUp, "outputTokens")).toBe(1_200);
    expect(caughtUp.held.some((key) => key.includes("outputTokens"))).toBe(false);
    store.close();
  });

  it("of an agent whose name is learnt late waits for the one that has no name, so that no token is in a sum twice", () => {
    const { store } = clockedStore();
    const write = (requestId: string, taskId: string, output: number) =>
      store.write({
        facts: [call({ requestId, responseId: requestId, taskId, endedAtMillis: NOON, usage: { ...USAGE, output } })],
      });
    const name = (taskId: string, agent: string) =>
      store.write({ facts: [task({ taskId, agent, outcome: undefined, witness: "span" })] });
    const shown = () => {
      const answer = expose(store);
      const byAgent = metric(answer, "outputTokens").map(({ attributes, sum }) => [
        attributes["gen_ai.agent.name"] ?? "none",
        sum,
      ]);
      return { ...Object.fromEntries(byAgent), behind: answer.behind, held: answer.held.length > 0 };
    };
    write("a", "t1", 100);
    shown();
    expect(shown()).toEqual({ none: 100, behind: 0, held: false });
    name("t1", "expert");
    shown();
    expect(shown()).toMatchObject({ none: 100, expert: 0, held: true });
    write("b", "t1", 30);
    expect(shown()).toMatchObject({ none: 100, expert: 30, held: true });
    expect(expose(store).behind).toBeGreaterThan(0);
    // Another one that has no name yet takes up what is held, and pays what was waited for.
    write("c", "t2", 80);
    expect(shown()).toMatchObject({ none: 100, expert: 110, held: true });
    write("d", "t2", 20);
    expect(shown()).toMatchObject({ none: 100, expert: 130 });
    expect(sum(expose(store), "outputTokens")).toBe(230);
    store.close();
  });

  it("has no bucket below 0 when a task goes on whose end was written too late to be counted", () => {
    const { store, clock } = clockedStore();
    const endedAfter = (taskId: string, endMillis: number, durationMillis: number): TaskFact =>
      task({
        taskId,
        startedAtMillis: NOON + endMillis - durationMillis,
        lastSeenAtMillis: NOON + endMillis,
        outcome: { result: "success", origin: "reported", atMillis: NOON + endMillis },
      });
    store.write({ facts: [endedAfter("asleep", -60 * MINUTE, 3 * MINUTE), endedAfter("short", 0, 1_000)] });
    clock.millis += MINUTE;
    store.write({ facts: [endedAfter("asleep", MINUTE, 64 * MINUTE)] });
    for (let i = 0; i < 2; i++) {
      for (const { count, bucketCounts } of metric(expose(store), "taskDuration")) {
        expect(Math.min(...bucketCounts)).toBeGreaterThanOrEqual(0);
        expect(bucketCounts.reduce((all, each) => all + each, 0)).toBe(count);
      }
    }
    // What was never counted is not taken back.
    expect(sum(expose(store), "taskCount")).toBe(2);
    store.close();
  });

  it("counts a task once that goes on long after its end was counted, also by another process", () => {
    const { store, clock, path } = clockedStore();
    const ended = (millis: number): TaskFact =>
      task({ lastSeenAtMillis: millis, outcome: { result: "success", origin: "reported", atMillis: millis } });
    store.write({ facts: [ended(NOON)] });
    clock.millis += 30 * MINUTE;
    const other = openStore({ path, now: () => clock.millis });
    other.write({ facts: [ended(clock.millis)] });
    expose(store);
    expect(sum(expose(store), "taskCount")).toBe(1);
    other.close();
    store.close();
  });

  it("grows by no bucket below 0 when a value moves to a smaller one, and by the right count", () => {
    const { store } = clockedStore();
    const told = (witness: "span" | "transcript", durationMillis: number, requestId: string) => ({
      facts: [call({ requestId, responseId: requestId, witness, endedAtMillis: NOON, durationMillis })],
    });
    const growth = () => {
      const [series] = metric(expose(store, { reader: "forward-delta", delivery: "sent" }), "inferenceDuration");
      store.exposed.confirm("forward-delta");
      return series?.growth;
    };
    store.write(told("span", 60_000, "a"));
    store.write(told("transcript", 60_000, "b"));
    growth();
    expect(growth()?.count).toBe(2);
    store.write(told("transcript", 100, "a"));
    const moved = growth();
    expect(moved?.count).toBe(0);
    expect(moved?.bucketCounts.every((each) => each === 0)).toBe(true);
    store.write(told("transcript", 60_000, "c"));
    const next = growth();
    expect(next?.count).toBe(1);
    expect(Math.min(...(next?.bucketCounts ?? []))).toBe(0);
    store.close();
  });

  it("does not count what was written late, nor what was learnt late", () => {
    const { store, clock } = clockedStore();
    store.write({ facts: [call({ requestId: "old", endedAtMillis: NOON - LIVE_WINDOW_MILLIS - 1 })] });
    store.write({ facts: [call({ requestId: "new", endedAtMillis: NOON - LIVE_WINDOW_MILLIS, witness: "span" })] });
    expose(store);
    expect(sum(expose(store), "outputTokens")).toBe(USAGE.output);
    clock.millis += MINUTE;
    const more = { ...USAGE, output: 1_000 };
    store.write({ facts: [call({ requestId: "new", endedAtMillis: NOON - LIVE_WINDOW_MILLIS, usage: more })] });
    expect(sum(expose(store), "outputTokens")).toBe(USAGE.output);
    expect(store.query.summary({}).tokens.output).toBe(USAGE.output + 1_000);
    store.close();
  });

  it("counts a task that fell silent when that is noticed, but not one of long ago", () => {
    const { store, clock } = clockedStore();
    store.write({
      facts: [
        task({ outcome: undefined }),
        task({
          taskId: "old",
          outcome: undefined,
          lastSeenAtMillis: NOON - 3_600_000,
          startedAtMillis: NOON - 3_700_000,
        }),
      ],
    });
    clock.millis += 31 * MINUTE;
    expect(store.closeSilentTasks(clock.millis)).toBe(2);
    expose(store);
    expect(sum(expose(store), "taskCount")).toBe(1);
    store.close();
  });
});

describe("lines of tasks", () => {
  const edit = (callId: string, linesAdded: number, endedAtMillis = NOON): ToolCallFact =>
    tool({ callId, tool: "Edit", startedAtMillis: endedAtMillis - 1, endedAtMillis, linesAdded, linesRemoved: 1 });
  const lines = (answer: ExposedAnswer) =>
    Object.fromEntries(metric(answer, "taskLines").map((each) => [each.attributes["moai.line.change"], each.sum]));

  it("are those of its tool calls, until it tells its own: then those, and no line is in the sum twice", () => {
    const { store, clock } = clockedStore();
    store.write({ facts: [task({ outcome: undefined }), edit("a", 10)] });
    expose(store);
    expect(lines(expose(store))).toEqual({ added: 10, removed: 1 });
    // Long after the first edit, which is too old by then to be taken back one by one.
    clock.millis += 15 * MINUTE;
    store.write({ facts: [edit("b", 5, clock.millis)] });
    expect(lines(expose(store))).toEqual({ added: 15, removed: 2 });
    const end = { result: "success", origin: "reported", atMillis: clock.millis } as const;
    store.write({ facts: [task({ lastSeenAtMillis: clock.millis, outcome: end, linesAdded: 18, linesRemoved: 2 })] });
    expect(lines(expose(store))).toEqual({ added: 18, removed: 2 });
    expect(store.ledger.sessions({})[0]).toMatchObject({ linesAdded: 18, linesRemoved: 2 });
    // What its tools tell afterwards is in its own figure.
    store.write({ facts: [edit("c", 4, clock.millis)] });
    expect(lines(expose(store))).toEqual({ added: 18, removed: 2 });
    store.close();
  });

  it("stay where they were shown when it tells fewer, which is counted, until others have caught up", () => {
    const { store } = clockedStore();
    store.write({ facts: [edit("a", 10)] });
    expose(store);
    expose(store);
    store.write({ facts: [task({ linesAdded: 7, linesRemoved: 1 })] });
    const held = expose(store);
    // The agent's name came with the end, too: what is held is held without a name.
    expect(sum(held, "taskLines")).toBe(11);
    expect(held.held.some((key) => key.includes("taskLines"))).toBe(true);
    store.write({ facts: [task({ taskId: "u", linesAdded: 5, linesRemoved: 1 })] });
    expect(sum(expose(store), "taskLines")).toBe(14);
    expect(sum(expose(store, { delivery: "looked_at", reader: "looker" }), "taskLines")).toBe(14);
    store.close();
  });

  it("are counted for an agent of which only the calls are known, and not when they are old", () => {
    const { store } = clockedStore();
    const alone = (callId: string, atMillis: number): ToolCallFact => ({
      ...edit(callId, 3, atMillis),
      taskId: undefined,
    });
    store.write({ facts: [alone("a", NOON), alone("b", NOON - 11 * MINUTE)] });
    expose(store);
    expect(lines(expose(store))).toEqual({ added: 3, removed: 1 });
    store.close();
  });
});

describe("durations of sessions", () => {
  const seen = (atMillis: number, more: Partial<SessionFact> = {}): SessionFact => ({
    kind: "session",
    witness: "hook",
    product: "claude-code",
    sessionId: "s",
    activity: [{ startMillis: atMillis, endMillis: atMillis }],
    ...more,
  });
  const durations = (store: Store) =>
    metric(expose(store, { delivery: "looked_at", reader: "looker" }), "sessionDuration");

  it("are counted once at the end that a session tells, also when it is taken up again and ends again", () => {
    const { store, clock, path } = clockedStore();
    store.write({ facts: [seen(NOON - 5 * MINUTE, { project: "/p" }), call({ endedAtMillis: NOON })] });
    expect(durations(store)).toEqual([]);
    store.write({ facts: [seen(NOON, { hasEnded: true })] });
    expect(durations(store)).toMatchObject([
      { attributes: { "moai.agent.product": "claude-code", "moai.project": "/p" }, sum: 300, count: 1 },
    ]);
    clock.millis += 20 * MINUTE;
    store.write({ facts: [seen(NOON, { hasEnded: true }), seen(clock.millis, { hasEnded: true })] });
    const again = openStore({ path, now: () => clock.millis });
    again.write({ facts: [seen(clock.millis, { hasEnded: true })] });
    clock.millis += 35 * MINUTE;
    expect(again.countSilentSessions(clock.millis)).toBe(0);
    expect(durations(again)).toMatchObject([{ sum: 300, count: 1 }]);
    again.close();
    store.close();
  });

  it("are counted after half an hour of silence when no one tells the end, by whoever notices first", () => {
    const { store, clock, path } = clockedStore();
    store.write({ facts: [seen(NOON - MINUTE), seen(NOON), seen(NOON - 40 * MINUTE, { sessionId: "long ago" })] });
    clock.millis += 29 * MINUTE;
    expect(store.countSilentSessions(clock.millis)).toBe(0);
    clock.millis += 2 * MINUTE;
    const other = openStore({ path, now: () => clock.millis });
    expect([store.countSilentSessions(clock.millis), other.countSilentSessions(clock.millis)]).toEqual([1, 0]);
    expect(durations(other)).toMatchObject([{ sum: 60, count: 1 }]);
    other.close();
    store.close();
  });

  it("wait for the silence where the end was told late, or more was seen behind it", () => {
    const { store, clock } = clockedStore();
    store.write({ facts: [seen(NOON - 11 * MINUTE, { hasEnded: true, sessionId: "late" })] });
    store.write({ facts: [seen(NOON), seen(NOON - MINUTE, { hasEnded: true })] });
    expect(durations(store)).toEqual([]);
    clock.millis += 20 * MINUTE;
    expect(store.countSilentSessions(clock.millis)).toBe(1);
    expect(durations(store)).toMatchObject([{ sum: 0, count: 1 }]);
    clock.millis += 11 * MINUTE;
    expect(store.countSilentSessions(clock.millis)).toBe(1);
    expect(durations(store)).toMatchObject([{ sum: 60, count: 2 }]);
    store.close();
  });
});

describe("tags that are labels", () => {
  const byTeam = (answer: ExposedAnswer, key: string) =>
    Object.fromEntries(
      metric(answer, key).map(({ attributes, sum, count }) => [attributes["team"] ?? "none", count || sum]),
    );
  const output = (store: Store) => {
    expose(store);
    return byTeam(expose(store), "outputTokens");
  };
  const calls = (sessionId: string, ...numbers: number[]): Fact[] =>
    numbers.map((n) => call({ sessionId, requestId: `r${n}`, responseId: `m${n}`, endedAtMillis: NOON }));

  it("stand at everything that a session did", () => {
    const { store, clock } = clockedStore(newPath(), LABELS);
    store.write({
      facts: [
        tag("core"),
        ...calls("s", 1),
        task({ linesAdded: 3 }),
        task({ taskId: "open", outcome: undefined }),
        tool(),
        {
          ...{ kind: "file_change", witness: "transcript", product: "claude-code", sessionId: "s", taskId: "t" },
          ...{ path: "/a", change: "created", atMillis: NOON },
        },
        { ...tag("core"), activity: [{ startMillis: NOON, endMillis: NOON }], hasEnded: true },
      ],
    });
    expose(store);
    const { metrics } = expose(store);
    expect(metrics.map(({ key }) => key)).toEqual(
      expect.arrayContaining(["outputTokens", "taskCount", "taskActive", "taskFiles", "taskLines", "sessionDuration"]),
    );
    for (const { series } of metrics) for (const { attributes } of series) expect(attributes["team"]).toBe("core");
    clock.millis += 40 * MINUTE;
    store.closeSilentTasks(clock.millis);
    expect(byTeam(expose(store), "taskActive")).toEqual({ core: 0 });
    store.close();
  });

  it("that are learnt late move what is recent, and leave what is older where it was counted; nothing is twice", () => {
    const { store, clock } = clockedStore(newPath(), LABELS);
    store.write({ facts: calls("s", 1) });
    expect(output(store)).toEqual({ none: USAGE.output });
    store.write({ facts: [tag("core")] });
    // The series without a team cannot fall: the one with it waits.
    expect(output(store)).toEqual({ none: USAGE.output, core: 0 });
    store.write({ facts: [...calls("s", 2), ...calls("other", 3)] });
    expect(output(store)).toEqual({ none: USAGE.output, core: 2 * USAGE.output });
    clock.millis += 11 * MINUTE;
    store.write({ facts: [tag("infra", { sessionId: "other" })] });
    expect(output(store)).toEqual({ none: USAGE.output, core: 2 * USAGE.output });
    store.close();
  });

  it("are others after a change of the key: new series begin at 0, those that were there stand still, in any process", () => {
    const { store, path } = clockedStore();
    store.write({ facts: [tag("core"), ...calls("s", 1)] });
    expect(output(store)).toEqual({ none: USAGE.output });
    const labelled = openStore({ path, labels: LABELS, now: () => NOON + 11 * MINUTE });
    const later = (n: number, endedAtMillis = NOON + MINUTE): Fact =>
      call({ sessionId: "s", requestId: `r${n}`, responseId: `m${n}`, endedAtMillis });
    labelled.write({ facts: [later(2)] });
    expect(output(labelled)).toEqual({ none: USAGE.output, core: USAGE.output });
    // Whoever names no key follows the file.
    const follower = openStore({ path, now: () => NOON + 11 * MINUTE });
    follower.write({ facts: [later(3)] });
    expect(output(follower)).toEqual({ none: USAGE.output, core: 2 * USAGE.output });
    const without = openStore({ path, labels: [], now: () => NOON + 22 * MINUTE });
    without.write({ facts: [later(4, NOON + 20 * MINUTE)] });
    expect(output(without)).toEqual({ none: 2 * USAGE.output, core: 2 * USAGE.output });
    for (const each of [store, labelled, follower, without]) each.close();
  });

  it("have an overflow value each, which is counted, and lose nothing", () => {
    const { store } = clockedStore(newPath(), LABELS);
    for (let n = 0; n < 5; n++) {
      store.write({ facts: [tag(`team${n}`, { sessionId: `s${n}` }), ...calls(`s${n}`, n)] });
    }
    const few = () => expose(store, { maxValues: 2 });
    few();
    const answer = few();
    expect(byTeam(answer, "outputTokens")).toEqual({
      team0: USAGE.output,
      team1: USAGE.output,
      [OVERFLOW_VALUE]: 3 * USAGE.output,
    });
    expect(answer.overflowingValues).toBe(3);
    store.close();
  });
});

describe("labels of live counters", () => {
  it("tell kinds and results of tasks, tools and classes of errors apart", () => {
    const { store } = clockedStore();
    store.write({
      facts: [
        task(),
        tool(),
        tool({ callId: "d", isSuccess: true }),
        call({ endedAtMillis: NOON, taskId: "t", usage: undefined, errorType: "overloaded" }),
        {
          ...task({ taskId: "p", taskKind: "prompt", agent: "main" }),
          outcome: { result: "success", origin: "reported", atMillis: NOON },
        },
        {
          kind: "file_change",
          witness: "transcript",
          product: "claude-code",
          sessionId: "s",
          taskId: "t",
          path: "/a",
          change: "created",
          atMillis: NOON,
        },
      ],
    });
    expose(store);
    const answer = expose(store);
    const of = (key: string) =>
      metric(answer, key)
        .map(({ attributes: { "moai.agent.product": _product, ...rest }, sum, count }) => [rest, count || sum])
        .sort(byText);
    expect(of("taskCount")).toEqual([
      [{ "gen_ai.agent.name": "expert", "moai.task.kind": "subagent", "moai.task.result": "failure" }, 1],
      [{ "gen_ai.agent.name": "main", "moai.task.kind": "prompt", "moai.task.result": "success" }, 1],
    ]);
    expect(of("executeToolDuration")).toEqual([
      [{ "gen_ai.agent.name": "expert", "gen_ai.tool.name": "Bash", "error.type": "_OTHER" }, 1],
      [{ "gen_ai.agent.name": "expert", "gen_ai.tool.name": "Bash" }, 1],
    ]);
    expect(of("errors")).toEqual([
      [{ "gen_ai.agent.name": "expert", "error.type": "_OTHER" }, 1],
      [{ "gen_ai.agent.name": "expert", "error.type": "overloaded" }, 1],
      [{ "gen_ai.agent.name": "expert", "error.type": "rate_limit" }, 1],
    ]);
    expect(of("invokeAgentDuration")).toEqual([[{ "gen_ai.agent.name": "expert", "error.type": "rate_limit" }, 1]]);
    expect(metric(answer, "invokeAgentToolCalls")).toMatchObject([{ sum: 2, count: 1 }]);
    expect(metric(answer, "invokeAgentInferenceCalls")).toMatchObject([{ sum: 1, count: 1 }]);
    expect(of("taskFiles")).toEqual([[{ "gen_ai.agent.name": "expert", "moai.file.change": "created" }, 1]]);
    expect(of("taskActive")).toEqual([
      [{ "gen_ai.agent.name": "expert" }, 0],
      [{ "gen_ai.agent.name": "main" }, 0],
    ]);
    store.close();
  });

  it("have an overflow value, each and all together, and lose nothing", () => {
    const { store } = clockedStore();
    const models = ["a", "b", "c", "d"];
    for (const model of models)
      store.write({ facts: [call({ requestId: model, responseId: model, model, endedAtMillis: NOON })] });
    const few = (more: object) => {
      expose(store, more);
      return expose(store, more);
    };
    const capped = few({ reader: "values", maxValues: 2 });
    expect(
      metric(capped, "outputTokens")
        .map(({ attributes }) => attributes["gen_ai.request.model"])
        .sort(),
    ).toEqual([OVERFLOW_VALUE, "a", "b"]);
    const small = few({ reader: "lines", maxLines: 10 });
    expect(small.overflowing).toBeGreaterThan(0);
    for (const key of ["outputTokens", "inputTokens"]) expect(sum(small, key)).toBe(sum(capped, key));
    const again = few({ reader: "lines", maxLines: 10 });
    expect(metric(again, "outputTokens").map((each) => each.sum)).toEqual(
      metric(small, "outputTokens").map((each) => each.sum),
    );
    store.close();
  });

  it("are those of the newest measurement, for quality", () => {
    const { store } = clockedStore();
    const measured = (atMillis: number, score: number): Fact => ({
      kind: "quality",
      witness: "toolReport",
      measure: "lint_score",
      project: "/p",
      tool: "eslint",
      atMillis,
      score,
    });
    store.write({ facts: [measured(NOON, 0.5), measured(NOON - 1, 0.9)] });
    expect(metric(expose(store), "lintScore")).toMatchObject([{ attributes: { "moai.project": "/p" }, sum: 0.5 }]);
    store.close();
  });
});

describe("a reader", () => {
  it("that two processes serve is not taken back by the slower one to what that had read", () => {
    const { store, path } = clockedStore();
    const calls = (...numbers: number[]): Fact[] =>
      numbers.map((number) => call({ requestId: `r${number}`, responseId: `m${number}`, endedAtMillis: NOON }));
    store.write({ facts: calls(1) });
    for (let i = 0; i < 2; i++) expose(store);
    store.write({ facts: calls(2) });
    const slower = new Database(path);
    const transaction = slower.transaction.bind(slower);
    let betweenReadAndWrite: (() => void) | undefined = () => {
      betweenReadAndWrite = undefined;
      store.write({ facts: calls(3) });
      expect(sum(expose(store), "outputTokens")).toBe(3 * USAGE.output);
    };
    slower.transaction = ((work: (...args: unknown[]) => unknown) =>
      transaction((...args: unknown[]) => {
        const answer = work(...args);
        betweenReadAndWrite?.();
        return answer;
      })) as typeof slower.transaction;
    const answer = createExposedCounters(slower).expose({ reader: READER, delivery: "received" });
    expect(sum(answer, "outputTokens")).toBe(3 * USAGE.output);
    const shown = slower.prepare("SELECT shown FROM exposed_series").pluck().all();
    expect(shown).toContain(JSON.stringify([3 * USAGE.output]));
    slower.close();
    store.close();
  });

  it("must have a name that can be one", () => {
    expect(() => expose(temporaryStore(), { reader: "a b" })).toThrow(/reader is "a b"; give a name/);
  });
});

/** A fact of some call, tool or task, seen by one of two witnesses, within the last twenty minutes. */
const someFact: fc.Arbitrary<Fact> = fc
  .record({
    n: fc.nat({ max: 3 }),
    kind: fc.constantFrom("call", "tool", "task", "tag"),
    witness: fc.constantFrom("span" as const, "transcript" as const),
    ageMillis: fc.nat({ max: 20 * MINUTE }),
    amount: fc.nat({ max: 5_000 }),
    agent: fc.constantFrom("main", "expert", undefined),
    isSuccess: fc.boolean(),
    lines: fc.option(fc.nat({ max: 50 }), { nil: undefined }),
  })
  .map(({ n, kind, witness, ageMillis, amount, agent, isSuccess, lines }): Fact => {
    const at = NOON - ageMillis;
    const sessionId = `s${n % 2}`;
    if (kind === "tag") return tag(isSuccess ? "core" : "infra", { witness, sessionId });
    if (kind === "call") {
      return call({
        witness,
        sessionId,
        requestId: `r${n}`,
        taskId: `t${n}`,
        endedAtMillis: at,
        durationMillis: amount,
        usage: { ...USAGE, output: amount },
      });
    }
    if (kind === "tool")
      return tool({
        witness,
        sessionId,
        callId: `c${n}`,
        taskId: `t${n}`,
        startedAtMillis: at,
        endedAtMillis: at + amount,
        isSuccess,
        linesAdded: lines,
      });
    const result = isSuccess ? "success" : "failure";
    return task({
      witness,
      sessionId,
      taskId: `t${n}`,
      agent,
      startedAtMillis: at - amount,
      lastSeenAtMillis: at,
      outcome: { result, origin: "reported", atMillis: at },
      linesAdded: lines,
    });
  });

const LABELS = ["team"];
/** Of one path each, in a new folder. */
const newPath = (): string => join(temporaryFolder(), "metrics.db");

describe("the laws of live counters", () => {
  it("never fall, whatever is written, and equal the ledger where all was written in time", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(someFact, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        (batches) => {
          const { store } = clockedStore(newPath(), LABELS);
          const highest = new Map<string, readonly number[]>();
          for (const facts of batches) {
            store.write({ facts });
            for (const { key, kind, series } of expose(store).metrics) {
              if (kind === "gauge") continue;
              for (const { attributes, sum: total, count, bucketCounts, growth } of series) {
                const name = `${key}${JSON.stringify(attributes)}`;
                let below = 0;
                const now = [total, count, ...bucketCounts.map((each) => (below += each))];
                const before = highest.get(name) ?? [];
                expect(now.every((value, i) => value >= (before[i] ?? 0))).toBe(true);
                for (const each of [bucketCounts, growth.bucketCounts]) expect(Math.min(0, ...each)).toBe(0);
                highest.set(name, now);
              }
            }
          }
          store.close();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are in no sum over what is learnt late twice: each grows to what the facts add up to, and no further", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(someFact, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        (batches) => {
          const { store } = clockedStore(newPath(), LABELS);
          const highest = new Map<string, number>();
          for (const facts of batches) {
            store.write({ facts });
            // Those that are new are shown as 0 once.
            expose(store);
            const [shown, known] = [expose(store), expose(store, { reader: "looker", delivery: "looked_at" })];
            for (const { key, kind, series } of known.metrics) {
              if (kind !== "counter" || key === "taskFiles") continue;
              const total = series.reduce((all, each) => all + each.sum, 0);
              highest.set(key, Math.max(highest.get(key) ?? 0, total));
            }
            for (const [key, total] of highest) expect(sum(shown, key)).toBeCloseTo(total, 6);
          }
          store.close();
        },
      ),
      { numRuns: 20 },
    );
  });

  it("equal the ledger when all was written while it happened, however it was corrected", () => {
    fc.assert(
      fc.property(fc.array(someFact, { minLength: 1, maxLength: 25 }), (facts) => {
        const store = temporaryStore({ labels: LABELS, now: () => NOON - 15 * MINUTE });
        for (const fact of facts) store.write({ facts: [fact] });
        const live = expose(store, { delivery: "looked_at" });
        const all = store.cumulative.state({});
        for (const { key, kind, series } of all.metrics) {
          if (kind === "gauge") continue;
          const total = (of: readonly { sum: number; count: number; bucketCounts: readonly number[] }[]) => [
            of.reduce((some, each) => some + each.sum, 0),
            of.reduce((some, each) => some + each.count, 0),
            ...(of[0]?.bucketCounts ?? []).map((_, i) =>
              of.reduce((some, each) => some + (each.bucketCounts[i] ?? 0), 0),
            ),
          ];
          const [shown, known] = [total(metric(live, key)), total(series)];
          expect(shown.slice(1)).toEqual(known.slice(1));
          expect(shown[0]).toBeCloseTo(known[0] ?? 0, 6);
        }
        expect(sum(live, "taskLines")).toBe(
          store.ledger.sessions({}).reduce((lines, { linesAdded }) => lines + linesAdded, 0),
        );
        for (const team of ["core", "infra"]) {
          const sessions = store.query.getSessions({ tags: { team: [team] } }).rows;
          const output = metric(live, "outputTokens").filter(({ attributes }) => attributes["team"] === team);
          expect(output.reduce((tokens, { sum: some }) => tokens + some, 0)).toBe(
            sessions.reduce((tokens, session) => tokens + session.tokens.output, 0),
          );
        }
        store.close();
      }),
      { numRuns: 60 },
    );
  });
});
