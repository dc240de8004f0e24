/** Witnesses that disagree on times: nothing is lost, moved twice or left behind. */
import type { Fact } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { call, NOON, session, task, temporaryStore, tool } from "../helpers.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const QUARTER_HOUR = 900_000;
/** A midnight that becomes the watermark. */
const MIDNIGHT = Date.UTC(2026, 10, 4);
const AROUND = { startMillis: NOON - DAY, endMillis: NOON + 2 * DAY };

function withRetention() {
  return temporaryStore({ settings: { retention: { ledgerDays: 2 }, reserve: { bytes: 0 } } });
}

describe("a call whose better witness tells another time than the one that names its task", () => {
  it("is found by its task", () => {
    const store = temporaryStore();
    store.write({ facts: [call({ witness: "span", taskId: "t" })] });
    store.write({ facts: [call({ witness: "process", taskId: undefined, endedAtMillis: NOON + 5_000 })] });
    expect(store.query.getModelCalls({ taskIds: ["t"] }).rows).toHaveLength(1);
    expect(store.query.summary({ taskIds: ["t"] }).totalCalls).toBe(1);
  });

  it.each([1, 5, 12])("moves with its task's agent, also after %i sightings in a row", (count) => {
    const store = temporaryStore();
    store.write({ facts: [call({ witness: "span", taskId: "t" })] });
    for (let i = 1; i <= count; i++) {
      store.write({ facts: [call({ witness: "span", taskId: undefined, endedAtMillis: NOON + i * QUARTER_HOUR })] });
    }
    store.write({ facts: [task({ witness: "span", taskId: "t", agent: "reviewer", lastSeenAtMillis: undefined })] });
    expect(store.ledger.usage({ by: ["agent"] }).map(({ agent, calls }) => [agent, calls])).toEqual([["reviewer", 1]]);
    expect(store.checkRollups()).toEqual([]);
  });

  it.each(["model", "tool"])("does not stop later writes when its task was deleted for its age (%s)", async (kind) => {
    const store = withRetention();
    const sighting = (fields: { witness: "span" | "process"; taskId?: string; at: number }): Fact => {
      const { at, witness, taskId } = fields;
      return kind === "model"
        ? call({ witness, taskId, endedAtMillis: at, sessionId: "s" })
        : tool({ witness, taskId, startedAtMillis: at, sessionId: "s" });
    };
    store.write({ facts: [sighting({ witness: "span", taskId: "t", at: MIDNIGHT - 300_000 })] });
    store.write({ facts: [sighting({ witness: "process", at: MIDNIGHT + 300_000 })] });
    const later = MIDNIGHT + 2.5 * DAY;
    store.write({ facts: [call({ sessionId: "s", taskId: undefined, requestId: "new", endedAtMillis: later })] });
    await store.maintain({ nowMillis: MIDNIGHT + 2.2 * DAY });
    await store.maintain({ nowMillis: MIDNIGHT + 3.3 * DAY });
    store.write({ facts: [session({ sessionId: "s", witness: "process", project: "/b", activity: [] })] });
    store.write({ facts: [sighting({ witness: "process", at: MIDNIGHT + 300_000 })] });
    expect(store.check().parts.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it("does not make the totals of its task look wrong when it was deleted for its age", async () => {
    const store = withRetention();
    store.write({ facts: [call({ witness: "span", taskId: "t", endedAtMillis: MIDNIGHT + 300_000 })] });
    store.write({ facts: [call({ witness: "process", taskId: undefined, endedAtMillis: MIDNIGHT - 300_000 })] });
    store.write({ facts: [call({ requestId: "new", taskId: undefined, endedAtMillis: MIDNIGHT + 2.5 * DAY })] });
    await store.maintain({ nowMillis: MIDNIGHT + 2.2 * DAY });
    await store.maintain({ nowMillis: MIDNIGHT + 3.3 * DAY });
    expect(store.check().parts.flatMap(({ problems }) => problems)).toEqual([]);
  });
});

describe("a task that outlives what is known of its session", () => {
  const short = session({ branch: "main", activity: [{ startMillis: NOON, endMillis: NOON }] });
  const known = { startedAtMillis: NOON, lastSeenAtMillis: NOON + HOUR } as const;
  const outcome = { result: "success", origin: "reported", atMillis: NOON + 6 * HOUR } as const;
  it.each<[string, readonly Fact[]]>([
    ["its outcome was observed later", [task({ ...known, outcome })]],
    [
      "a lesser witness names another session",
      [
        task({ ...known, witness: "process", outcome: { ...outcome, atMillis: NOON + HOUR } }),
        task({ witness: "span", sessionId: "s2", startedAtMillis: undefined, lastSeenAtMillis: NOON + 6 * HOUR }),
      ],
    ],
  ])("is found by its session and branch when %s", (_, facts) => {
    const store = temporaryStore();
    for (const fact of [short, ...facts]) store.write({ facts: [fact] });
    expect(store.query.getTasks({ range: AROUND, branches: ["main"] }).rows).toHaveLength(1);
    expect(store.query.getTasks({ range: AROUND, sessionIds: ["s1"] }).rows).toHaveLength(1);
  });

  it("lengthens its session to its outcome", () => {
    const store = temporaryStore();
    store.write({ facts: [short, task({ ...known, outcome })] });
    expect(
      store.query.getSessions({ range: { startMillis: NOON + 4 * HOUR, endMillis: NOON + DAY } }).rows,
    ).toHaveLength(1);
  });
});

describe("a session that moves to another project while its old calls are being deleted", () => {
  it("leaves the sums of the days before the watermark as they are", async () => {
    const store = withRetention();
    const first = MIDNIGHT - 3 * DAY;
    const facts: Fact[] = [
      session({ project: "/a", activity: [{ startMillis: MIDNIGHT + 3 * DAY, endMillis: MIDNIGHT + 3 * DAY }] }),
      ...Array.from({ length: 700 }, (_, i) =>
        call({
          requestId: `old_${i}`,
          responseId: undefined,
          taskId: undefined,
          endedAtMillis: first + HOUR + i,
          durationMillis: 1_000,
        }),
      ),
      call({
        requestId: "slow",
        responseId: undefined,
        taskId: undefined,
        endedAtMillis: first + 10 * HOUR,
        durationMillis: 9_999,
      }),
      call({ requestId: "new", responseId: undefined, taskId: undefined, endedAtMillis: MIDNIGHT + 3 * DAY }),
    ];
    store.write({ facts });
    await store.maintain({ nowMillis: MIDNIGHT + 2 * DAY });
    const range = { startMillis: first, endMillis: first + DAY };
    const ask = () => store.ledger.usage({ range, by: ["project"] });
    const before = ask();
    const stop = new AbortController();
    await store.maintain({
      nowMillis: MIDNIGHT + 3 * DAY,
      signal: stop.signal,
      onProgress: ({ job }) => {
        if (job === "ledger") stop.abort();
      },
    });
    store.write({ facts: [session({ witness: "process", project: "/b", activity: [] })] });
    expect(ask()).toEqual(before);
    await store.maintain({ nowMillis: MIDNIGHT + 3 * DAY + HOUR, isThorough: true });
    expect(ask()).toEqual(before);
    expect(store.check().parts.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
