/** Maintenance of real files: what goes, what stays, who does it, and how long others wait. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { openStore, type SeriesIdentity, type Store, type StoreOptions } from "../../src/index.ts";
import { reservePathOf } from "../../src/maintenance/disk-space.ts";
import { acquireMaintenanceLock } from "../../src/maintenance/lock.ts";
import { liesBefore } from "../../src/maintenance/watermark.ts";
import { call, NOON, session, task, temporaryStore, tool } from "../helpers.ts";

const HOUR_MILLIS = 3_600_000;

/** A session with a task, a call, a tool and a file, so many days before noon. */
function dayOfWork(daysAgo: number, calls = 1): Fact[] {
  const at = NOON - daysAgo * DAY_MILLIS;
  const names = { sessionId: `s${daysAgo}`, taskId: `t${daysAgo}` };
  return [
    session({ ...names, activity: [{ startMillis: at, endMillis: at + 60_000 }] }),
    task({ ...names, startedAtMillis: at, lastSeenAtMillis: at + 5_000 }),
    ...Array.from({ length: calls }, (_, i) =>
      call({ ...names, requestId: `r${daysAgo}-${i}`, responseId: `m${daysAgo}-${i}`, endedAtMillis: at + 1_000 + i }),
    ),
    tool({ ...names, callId: `c${daysAgo}`, startedAtMillis: at + 1_500 }),
    {
      kind: "file_change",
      witness: "transcript",
      product: "claude-code",
      ...names,
      path: "/a",
      change: "modified",
      atMillis: at + 2_000,
    },
  ];
}

function storeWith(days: readonly number[], options: Partial<StoreOptions> = {}, calls = 1): Store {
  const store = temporaryStore(options);
  store.write({ facts: days.flatMap((day) => dayOfWork(day, calls)) });
  return store;
}

function sessionsOf(store: Store): string[] {
  return store.ledger.sessions({}).map(({ sessionId }) => sessionId);
}

function countRows(path: string, tables: readonly string[]): number[] {
  const database = new Database(path, { readonly: true });
  try {
    return tables.map((table) => database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? -1);
  } finally {
    database.close();
  }
}

/** Two runs a day apart: the first one only takes note of the time. */
async function maintainTwice(store: Store): Promise<Awaited<ReturnType<Store["maintain"]>>> {
  await store.maintain({ nowMillis: NOON });
  return await store.maintain({ nowMillis: NOON + DAY_MILLIS });
}

const LEDGER = ["session", "task", "model_call", "tool_call", "file_change"];

describe("retention", () => {
  it("lets the ledger go after its days, keeps rollups, and refuses what comes late", async () => {
    const store = storeWith([0, 399, 401, 500]);
    const usageBefore = store.ledger.usage({ by: ["agent"] });
    const outcome = await maintainTwice(store);
    expect(outcome).toMatchObject({
      state: "done",
      deleted: { model_call: 2, tool_call: 2, task: 4, session: 2 },
      watermarkDay: Math.floor(NOON / DAY_MILLIS) - 400,
    });
    expect(sessionsOf(store)).toEqual(["s0", "s399"]);
    expect(countRows(store.path, LEDGER)).toEqual([2, 2, 2, 2, 2]);
    expect(store.ledger.usage({ by: ["agent"] })).toEqual(usageBefore);
    expect(store.check()).toMatchObject({ isSound: true });
    const late = store.write({ facts: dayOfWork(500) });
    expect(late.refused).toEqual({ "older than the oldest day kept": 5 });
    expect(await store.rebuildRollups()).toBeGreaterThan(0);
    expect(store.ledger.usage({ by: ["agent"] })).toEqual(usageBefore);
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("keeps the session, task and totals of what still goes on", async () => {
    const store = storeWith([0, 401]);
    const names = { sessionId: "s401", taskId: "t401" };
    store.write({ facts: [call({ ...names, requestId: "late", responseId: "late", endedAtMillis: NOON - 5 })] });
    await maintainTwice(store);
    expect(countRows(store.path, LEDGER)).toEqual([2, 2, 2, 1, 2]);
    store.write({ facts: [call({ ...names, requestId: "later", responseId: "later", endedAtMillis: NOON })] });
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("deletes nothing fresh when the clock jumps a day ahead or two days back", async () => {
    for (const jump of [DAY_MILLIS, -2 * DAY_MILLIS, 5_000 * DAY_MILLIS]) {
      const store = storeWith([0, 1, 2], { settings: { retention: { ledgerDays: 3 } } });
      await store.maintain({ nowMillis: NOON });
      await store.maintain({ nowMillis: NOON + jump });
      await store.maintain({ nowMillis: NOON + jump + DAY_MILLIS });
      expect(sessionsOf(store)).toHaveLength(3);
      store.close();
    }
  });

  it("keeps everything in a store that nothing is recorded in any more", async () => {
    const store = storeWith([0]);
    for (let day = 0; day < 3; day++) await store.maintain({ nowMillis: NOON + (day + 1) * 1_000 * DAY_MILLIS });
    expect(sessionsOf(store)).toEqual(["s0"]);
  });
});

describe("the size limit", () => {
  it("takes the oldest days of the ledger, never rollups", async () => {
    const days = Array.from({ length: 12 }, (_, day) => day);
    const store = storeWith(days, { settings: { maxBytes: 1_000_000, retention: {} } }, 1_500);
    const calls = store.ledger.usage({})[0]?.calls;
    expect(calls).toBe(18_000);
    const before = store.stats().fileBytes;
    expect(before).toBeGreaterThan(1_000_000);
    await maintainTwice(store);
    const left = sessionsOf(store);
    expect(left.length).toBeGreaterThanOrEqual(3);
    expect(left.length).toBeLessThan(12);
    expect(left).toContain("s0");
    expect(left).not.toContain("s11");
    expect(store.ledger.usage({})[0]?.calls).toBe(calls);
    expect(store.check()).toMatchObject({ isSound: true });
    const { fileBytes, freeBytes } = store.stats();
    expect(fileBytes - freeBytes).toBeLessThanOrEqual(1_000_000);
    await store.maintain({ nowMillis: NOON + DAY_MILLIS, isThorough: true });
    expect(statSync(store.path).size).toBeLessThan(before);
    expect(store.stats()).toMatchObject({ freeBytes: 0 });
  });

  it("comes to an end although a task late on the oldest day stays for the calls that may lie behind it", async () => {
    const days = Array.from({ length: 6 }, (_, day) => day);
    const store = storeWith(days, { settings: { maxBytes: 1_000_000 } }, 3_000);
    const at = NOON - 5 * DAY_MILLIS + 11 * HOUR_MILLIS;
    const late = { sessionId: "s5", taskId: "late", startedAtMillis: at, lastSeenAtMillis: at, outcome: undefined };
    store.write({ facts: [task(late)] });
    const { state, watermarkDay } = await maintainTwice(store);
    expect(state).toBe("done");
    expect(watermarkDay).toBeGreaterThan(Math.floor(NOON / DAY_MILLIS) - 4);
    expect(store.ledger.usage({})[0]?.calls).toBe(18_000);
    expect(store.check()).toMatchObject({ isSound: true });
    const { fileBytes, freeBytes } = store.stats();
    expect(fileBytes - freeBytes).toBeLessThanOrEqual(1_000_000);
  });
});

describe("points", () => {
  const identity: SeriesIdentity = {
    metric: "m",
    kind: "gauge",
    unit: "1",
    description: "",
    temporality: "none",
    isMonotonic: false,
    valueType: "double",
    attributes: {},
    resource: {},
    scope: { name: "s", version: "" },
  };

  function writePoints(store: Store, days: readonly number[]): void {
    const points = days.flatMap((day) =>
      Array.from({ length: 500 }, (_, i) => ({
        startTimeUnixNano: 0n,
        timeUnixNano: BigInt(NOON - day * DAY_MILLIS + i * 1_000) * 1_000_000n,
        value: { kind: "number" as const, value: Math.sin(i) },
      })),
    );
    store.writePoints({ series: [{ identity, points }] });
  }

  it("are compressed, summed up and forgotten in their turn", async () => {
    const store = storeWith([0]);
    writePoints(store, [0, 1, 10, 40, 100]);
    await maintainTwice(store);
    const { oldestDays, points, bytesPerPoint } = store.stats();
    expect(oldestDays).toMatchObject({
      plainPoints: "2026-11-21",
      compressedPoints: "2026-11-12",
      hourlyPoints: "2026-11-12",
      dailyPoints: "2026-10-13",
    });
    expect(points).toBe(1_500);
    expect(bytesPerPoint).toBeGreaterThan(0);
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("go before the ledger when the size is limited", async () => {
    const store = storeWith([0, 5], { settings: { maxBytes: 1_000_000 } }, 7_000);
    writePoints(store, [0, 1, 20, 25]);
    await maintainTwice(store);
    expect(store.stats().oldestDays.compressedPoints ?? "none").toBe("none");
    expect(store.ledger.usage({})[0]?.calls).toBe(14_000);
    expect(store.check()).toMatchObject({ isSound: true });
  });
});

describe("facts before the watermark", () => {
  it("are those whose last moment lies before it; without a time, none", () => {
    const before = NOON + 1;
    const old = dayOfWork(1);
    expect(old.map((fact) => liesBefore(fact, before))).toEqual(old.map(() => true));
    expect(old.map((fact) => liesBefore(fact, 0))).toEqual(old.map(() => false));
    expect(liesBefore(session({ activity: [] }), before)).toBe(false);
    const timeless: Fact = { kind: "task", witness: "span", product: "p", sessionId: "s", taskId: "t" };
    expect(liesBefore(timeless, before)).toBe(false);
    const outcome = { result: "success", origin: "reported", atMillis: before } as const;
    expect(liesBefore(task({ outcome }), before)).toBe(false);
  });
});

describe("a check", () => {
  it("names totals that are not the sum of their calls", () => {
    const store = storeWith([0]);
    const tamperer = new Database(store.path);
    tamperer.exec("UPDATE task SET calls = calls + 1");
    tamperer.close();
    const totals = store.check().parts.find(({ name }) => name === "totals");
    expect(totals?.problems.join()).toMatch(/task .*: calls is 2, its calls say 1/);
  });
});

describe("a run", () => {
  it("happens once a day, unless it is asked for", async () => {
    const store = storeWith([0]);
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("done");
    expect((await store.maintain({ nowMillis: NOON + DAY_MILLIS - 1 })).state).toBe("not due");
    expect((await store.maintain({ nowMillis: NOON + DAY_MILLIS - 1, isThorough: true })).state).toBe("done");
    expect((await store.maintain({ nowMillis: NOON + DAY_MILLIS })).state).toBe("done");
  });

  it("goes on where it was stopped, and comes to the same end", async () => {
    const store = storeWith([0, 450, 451, 452], {}, 700);
    await store.maintain({ nowMillis: NOON });
    let runs = 0;
    for (let state = ""; state !== "done"; runs++) {
      state = (await store.maintain({ nowMillis: NOON + DAY_MILLIS, maxMillis: 0 })).state;
      expect(["done", "unfinished"]).toContain(state);
      expect(store.check()).toMatchObject({ isSound: true });
      if (runs > 200) throw new Error("It never ends.");
    }
    expect(runs).toBeGreaterThan(3);
    expect(countRows(store.path, LEDGER)).toEqual([1, 1, 700, 1, 1]);
  });

  it("stops at a signal", async () => {
    const store = storeWith([0, 3]);
    const outcome = await store.maintain({ nowMillis: NOON, signal: AbortSignal.abort() });
    expect(outcome).toMatchObject({ state: "unfinished", steps: 1 });
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("done");
  });

  it("is left to the process that is at it", async () => {
    const store = storeWith([0]);
    const lock = acquireMaintenanceLock(store.path);
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("elsewhere");
    lock?.release();
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("done");
  });

  it("gets the lock of a process that was killed", async () => {
    const store = storeWith([0]);
    const lockModule = fileURLToPath(new URL("../../src/maintenance/lock.ts", import.meta.url));
    const script = `
      import { acquireMaintenanceLock } from ${JSON.stringify(lockModule)};
      globalThis.lock = acquireMaintenanceLock(${JSON.stringify(store.path)});
      process.stdout.write("held"); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("elsewhere");
    child.kill("SIGKILL");
    await once(child, "close");
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("done");
  });

  it("waits for a writer, and gives up for now when that takes too long", async () => {
    const store = storeWith([0]);
    const other = new Database(store.path);
    other.exec("BEGIN IMMEDIATE");
    const outcome = await store.maintain({ nowMillis: NOON });
    expect(outcome.state).toBe("unfinished");
    other.exec("ROLLBACK");
    other.close();
    expect((await store.maintain({ nowMillis: NOON })).state).toBe("done");
  });

  it("lets others write between its steps", async () => {
    const store = storeWith([0, 450], {}, 3_000);
    await store.maintain({ nowMillis: NOON });
    let written = 0;
    const outcome = await store.maintain({
      nowMillis: NOON + DAY_MILLIS,
      onProgress: ({ job }) => {
        if (job !== "ledger") return;
        written += 1;
        store.write({ facts: [call({ requestId: `w${written}`, responseId: `w${written}` })] });
      },
    });
    expect(outcome.state).toBe("done");
    expect(written).toBeGreaterThan(6);
    expect(countRows(store.path, ["model_call"])).toEqual([3_000 + written]);
    expect(store.check()).toMatchObject({ isSound: true });
  });

  it("is refused on a handle that only reads", async () => {
    const path = storeWith([0]).path;
    const reader = openStore({ path, readOnly: true });
    await expect(reader.maintain({ nowMillis: NOON })).rejects.toMatchObject({ code: "read_only" });
    reader.close();
  });
});

describe("the reserve", () => {
  it("is made beside a store that is larger, for the user alone, and taken away when it is not wanted", async () => {
    const settings = { reserve: { bytes: 100_000, minFreeBytes: 0 } };
    const store = storeWith([0], { settings }, 500);
    await store.maintain({ nowMillis: NOON });
    const { size, mode, blocks } = statSync(reservePathOf(store.path));
    expect([size, mode & 0o777]).toEqual([100_000, 0o600]);
    expect(blocks * 512).toBeGreaterThanOrEqual(100_000);
    expect(store.stats().reserveBytes).toBe(100_000);
    const without = openStore({ path: store.path, settings: { reserve: { bytes: 0 } } });
    await without.maintain({ nowMillis: NOON, isThorough: true });
    expect(existsSync(reservePathOf(store.path))).toBe(false);
    without.close();
  });
});
