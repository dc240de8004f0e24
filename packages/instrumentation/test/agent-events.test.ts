import { EventEmitter } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { droppedMeasurements, instrumentAgent, recordUsage } from "../src/index.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
beforeEach(() => {
  watch = startWatch();
});
afterEach(() => watch.stop());

const pause = () => new Promise((resolve) => setImmediate(resolve));
const outcomes = () => watch.factsOf("task").flatMap((fact) => fact.outcome ?? []);
const results = () => outcomes().map(({ result }) => result);
const reply = { id: "msg_1", type: "message", model: "claude-x", usage: { input_tokens: 10, output_tokens: 5 } };
const events = { end: "done" };

/** Does its work after it has returned, and tells by events. */
class Crawler extends EventEmitter {
  start(work: (self: this) => void): string {
    setImmediate(() => work(this));
    return "started";
  }
}

describe("an agent that emits events", () => {
  it("runs until the event that ends it, and what is recorded meanwhile is its own", async () => {
    const crawler = instrumentAgent("crawler", new Crawler(), { methods: ["start"], events });
    const heard: unknown[] = [];
    crawler.on("done", (value) => heard.push(value));
    const started = crawler.start((self) => {
      recordUsage({ model: "m", inputTokens: 1, outputTokens: 2 });
      setImmediate(() => self.emit("done", "pages"));
    });
    expect(started).toBe("started");
    await pause();
    expect(outcomes()).toEqual([]);
    await pause();
    expect(results()).toEqual(["success"]);
    expect(heard).toEqual(["pages"]);
    const [call] = watch.factsOf("model_call");
    expect(call).toMatchObject({ taskId: watch.factsOf("task")[0]?.taskId, usage: { input: 1, output: 2 } });
    expect(["done", "error"].map((name) => crawler.listenerCount(name))).toEqual([1, 0]);
  });

  it("may end while it is called, and begin again", () => {
    const crawler = instrumentAgent("crawler", new Crawler(), { methods: ["emit"], events });
    crawler.emit("done");
    crawler.emit("done");
    expect(results()).toEqual(["success", "success"]);
  });

  it("gives usage with its last event, or with events of its own", async () => {
    const crawler = instrumentAgent("crawler", new Crawler(), {
      methods: ["start"],
      events: { ...events, reply: ["reply"] },
    });
    crawler.start((self) => self.emit("done", reply));
    await pause();
    crawler.start((self) => {
      self.emit("reply", { ...reply, id: "msg_2" });
      self.emit("done");
    });
    await pause();
    expect(watch.factsOf("model_call")).toMatchObject([{ responseId: "msg_1" }, { responseId: "msg_2" }]);
  });

  it("fails with its error, which stays unhandled where no one handles it", async () => {
    const crawler = instrumentAgent("crawler", new Crawler(), { methods: ["start"], events });
    const thrown: unknown[] = [];
    crawler.start((self) => {
      try {
        self.emit("error", new RangeError("no page"));
      } catch (error) {
        thrown.push(error);
      }
    });
    await pause();
    expect(thrown).toHaveLength(1);
    expect(outcomes()).toMatchObject([{ result: "failure", errorType: "RangeError" }]);
  });

  it("fails when its method throws or rejects", async () => {
    class Broken extends EventEmitter {
      run(): void {
        throw new TypeError("broken");
      }
      async invoke(): Promise<void> {
        throw new RangeError("broken");
      }
    }
    const broken = instrumentAgent("broken", new Broken(), { events });
    expect(() => broken.run()).toThrow(TypeError);
    await expect(broken.invoke()).rejects.toThrow(RangeError);
    expect(outcomes()).toMatchObject([{ errorType: "TypeError" }, { errorType: "RangeError" }]);
    expect(broken.eventNames()).toEqual([]);
  });

  it("is followed by what it returns, where that emits", async () => {
    const runs: EventEmitter[] = [];
    const start = instrumentAgent(
      "starter",
      (isLate: boolean): EventEmitter | Promise<EventEmitter> => {
        const run = new EventEmitter();
        runs.push(run);
        return isLate ? Promise.resolve(run) : run;
      },
      { events: { end: ["finish", "abandon"], error: "oops" } },
    );
    expect(start(false)).toBe(runs[0]);
    expect(await start(true)).toBe(runs[1]);
    runs[1]?.emit("oops", new Error("late"));
    expect(results()).toEqual(["failure"]);
    runs[0]?.emit("abandon");
    expect(results()).toEqual(["failure", "success"]);
  });

  it("tells of its tools", async () => {
    const tool = {
      start: "tool",
      end: "tool_result",
      read: (event: { tool?: string; callId?: string; failed?: Error }) => ({
        name: event.tool,
        id: event.callId,
        error: event.failed,
      }),
    };
    const crawler = instrumentAgent("crawler", new Crawler(), { methods: ["start"], events: { ...events, tool } });
    const before = droppedMeasurements();
    crawler.start((self) => {
      self.emit("tool", { tool: "fetch", callId: "1" });
      self.emit("tool", { tool: "parse", callId: "2" });
      self.emit("tool_result", { callId: "2", failed: new SyntaxError("bad") });
      self.emit("tool_result", { callId: "1" });
      self.emit("tool_result", { callId: "3" });
      self.emit("tool", {});
      self.emit("tool", { tool: "unnamed" });
      self.emit("tool_result", { tool: "unnamed" });
      self.emit("done");
    });
    await pause();
    const ended = watch.factsOf("tool_call").filter(({ endedAtMillis }) => endedAtMillis !== undefined);
    expect(ended).toMatchObject([
      { tool: "parse", isSuccess: false, errorType: "SyntaxError" },
      { tool: "fetch", isSuccess: true },
      { tool: "unnamed", isSuccess: true },
    ]);
    const taskId = watch.factsOf("task")[0]?.taskId;
    expect(ended.map((call) => call.taskId)).toEqual([taskId, taskId, taskId]);
    for (const reason of ["end of a tool that did not start", "event of a tool without its name"]) {
      expect(droppedMeasurements()[reason], reason).toBe((before[reason] ?? 0) + 1);
    }
  });

  it("tells several runs apart by the code that emits, and counts where that does not help", async () => {
    const crawler = instrumentAgent("crawler", new Crawler(), { methods: ["start"], events });
    crawler.start((self) => setImmediate(() => setImmediate(() => self.emit("done", { ...reply, id: "first" }))));
    crawler.start((self) => self.emit("done", { ...reply, id: "second" }));
    const [one, two] = watch.factsOf("task");
    await pause();
    expect(watch.factsOf("task").at(-1)).toMatchObject({ taskId: two?.taskId, outcome: { result: "success" } });
    await pause();
    await pause();
    expect(watch.factsOf("task").at(-1)).toMatchObject({ taskId: one?.taskId });

    const reason = "event of one of several runs";
    const before = droppedMeasurements()[reason] ?? 0;
    crawler.start(() => {});
    crawler.start(() => {});
    crawler.emit("done");
    crawler.emit("done");
    expect(results()).toEqual(["success", "success", "success", "success"]);
    expect(droppedMeasurements()[reason]).toBe(before + 1);
  });
});

describe("a factory", () => {
  it("makes wrapped agents: called, awaited, or by new", async () => {
    class Planner {
      async run(): Promise<string> {
        return "plan";
      }
    }
    const make = instrumentAgent("made", () => new Planner(), { isFactory: true });
    const makeLater = instrumentAgent("made", async () => new Planner(), { isFactory: true });
    const Wrapped = instrumentAgent("made", Planner, { isFactory: true });
    for (const agent of [make(), await makeLater(), new Wrapped()]) {
      expect(agent).toBeInstanceOf(Planner);
      expect(await agent.run()).toBe("plan");
    }
    expect(results()).toEqual(["success", "success", "success"]);
  });

  it("that makes no agent hands on what it makes, and that is counted", () => {
    const reason = "factory of odd made something that is no agent";
    expect(instrumentAgent("odd", () => 5, { isFactory: true })()).toBe(5);
    expect(droppedMeasurements()[reason]).toBe(1);
  });
});

describe("options of an agent", () => {
  it("are refused when they make no sense, naming the remedy", () => {
    const agent = new Crawler();
    const refused = (options: object) => () => instrumentAgent("x", agent, options as never);
    expect(refused({ methods: ["stop"] })).toThrow("has no method stop");
    expect(refused({ methods: [] })).toThrow("name its methods");
    expect(refused({ methods: ["start"], events: {} })).toThrow("events.end is missing");
    expect(refused({ methods: ["start"], events: { end: "done", reply: 5 } })).toThrow("events.reply is 5");
    expect(refused({ methods: ["start"], events: { end: "done", tool: { start: "a" } } })).toThrow("events.tool");
    expect(refused({ isFactory: true })).toThrow("is no function");
  });
});
