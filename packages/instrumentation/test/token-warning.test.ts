import { DiagLogLevel, diag } from "@opentelemetry/api";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configure, droppedMeasurements, recordUsage, type TokenWarning, withSession, withTask } from "../src/index.ts";
import { startWatch, type Watch } from "./harness.ts";

let watch: Watch;
let warnings: TokenWarning[];
let sessions = 0;

beforeEach(() => {
  watch = startWatch();
  warnings = [];
  configure({ warnThreshold: 1_000, warnCounts: "new", onWarn: (warning) => warnings.push(warning) });
});
afterEach(() => {
  configure({ warnThreshold: 150_000, warnCounts: "new", onWarn: undefined });
  diag.disable();
  watch.stop();
});

/** Ids that no other test has used: sessions are counted for the whole process. */
const newSession = (): string => `warned-${++sessions}`;

function use(inputTokens: number, more: object = {}): void {
  recordUsage({ model: "m", provider: "p", inputTokens, outputTokens: 0, ...more });
}

describe("a token warning", () => {
  it("comes once for the task and once for the session that reach the threshold", () => {
    const id = newSession();
    let taskId = "";
    withSession({ id }, () => {
      withTask({ agent: "planner" }, (task) => {
        taskId = task.id;
        use(999);
        expect(warnings).toEqual([]);
        use(1);
        use(5_000);
      });
      withTask({ agent: "other" }, () => use(10));
    });
    const common = { product: "test-app", sessionId: id, threshold: 1_000, counts: "new", tokens: 1_000 };
    expect(warnings).toEqual([
      { kind: "task", ...common, taskId, agent: "planner" },
      { kind: "session", ...common, taskId: undefined, agent: undefined },
    ]);
  });

  it("adds up the tasks of a session, and its later runs under the same id", () => {
    const id = newSession();
    withSession({ id }, () => withTask({}, () => use(600)));
    withSession({ id }, () => withTask({}, () => use(600)));
    expect(warnings.map(({ kind, tokens }) => [kind, tokens])).toEqual([["session", 1_200]]);
  });

  it("leaves cache reads out, unless the total is wanted", () => {
    const call = { cacheReadTokens: 900 };
    withSession({ id: newSession() }, () => use(1_000, call));
    expect(warnings).toEqual([]);
    configure({ warnCounts: "total" });
    withSession({ id: newSession() }, () => use(1_000, call));
    expect(warnings.map(({ kind, counts }) => [kind, counts])).toEqual([["session", "total"]]);
  });

  it("is never given for a threshold of 0, nor for calls without usage", () => {
    configure({ warnThreshold: 0 });
    withSession({ id: newSession() }, () => use(5_000));
    configure({ warnThreshold: 1 });
    withSession({ id: newSession() }, () => recordUsage({ model: "m", durationMillis: 3 }));
    expect(warnings).toEqual([]);
  });

  it("stands in OpenTelemetry's log and on the running span", () => {
    const lines: string[] = [];
    const collect = (line: string) => void lines.push(line);
    const silent = () => undefined;
    diag.setLogger(
      { warn: collect, error: collect, info: silent, debug: silent, verbose: silent },
      { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
    );
    const id = newSession();
    withSession({ id }, () => withTask({ agent: "planner" }, () => use(1_000)));
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(
      `moai-metrics: session ${id} has used 1000 new tokens, the threshold is 1000. Set warnThreshold to move it, 0 to hear nothing.`,
    );
    const events = watch.spans
      .getFinishedSpans()
      .flatMap(({ name, events: own }) => own.map((each) => [name, each.name, each.attributes]));
    expect(events).toEqual(
      ["task", "session"].map((kind) => [
        "task planner",
        "moai.token.warning",
        {
          "moai.token.warning.kind": kind,
          "moai.token.warning.tokens": 1_000,
          "moai.token.warning.threshold": 1_000,
        },
      ]),
    );
  });

  it("reaches no agent when the application's callback fails, at once or later, and is counted", async () => {
    const before = droppedMeasurements()["onWarn failed"] ?? 0;
    const nasty: (() => unknown)[] = [
      () => {
        throw new Error("no");
      },
      () => Promise.reject(new Error("no")),
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a thenable of another library.
        then: (_: unknown, reject: (reason: Error) => void) => reject(new Error("no")),
      }),
    ];
    for (const onWarn of nasty) {
      configure({ onWarn: onWarn as () => void });
      withSession({ id: newSession() }, () => use(1_000));
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect((droppedMeasurements()["onWarn failed"] ?? 0) - before).toBe(3);
    expect((await watch.points("gen_ai.client.inference.usage.input_tokens")).map(({ value }) => value)).toEqual([
      3_000,
    ]);
  });

  it("does not come again from what the callback records", () => {
    configure({
      onWarn: (warning) => {
        warnings.push(warning);
        use(10_000);
      },
    });
    withSession({ id: newSession() }, () => withTask({}, () => use(1_000)));
    expect(warnings.map(({ kind }) => kind).sort()).toEqual(["session", "task"]);
  });

  it("comes exactly when the sum first reaches the threshold", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 700 }), { maxLength: 12 }), (calls) => {
        warnings = [];
        withSession({ id: newSession() }, () => {
          for (const tokens of calls) use(tokens);
        });
        const sums = calls.map((_, i) => calls.slice(0, i + 1).reduce((sum, tokens) => sum + tokens, 0));
        const first = sums.find((sum) => sum >= 1_000);
        expect(warnings.map(({ tokens }) => tokens)).toEqual(first === undefined ? [] : [first]);
      }),
    );
  });

  it("remembers ten thousand sessions, and forgets the one that was silent longest", () => {
    const [first, second] = [newSession(), newSession()];
    withSession({ id: first }, () => use(900));
    withSession({ id: second }, () => use(900));
    for (let i = 0; i < 9_998; i++) withSession({ id: newSession() }, () => use(1));
    withSession({ id: first }, () => use(50));
    withSession({ id: newSession() }, () => use(1));
    withSession({ id: first }, () => use(50));
    withSession({ id: second }, () => use(100));
    expect(warnings.map(({ sessionId }) => sessionId)).toEqual([first]);
  });
});
