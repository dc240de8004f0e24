/** `query METHOD` over real transcripts and a real store. */

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { openStore } from "@moai-metrics/store";
import { describe, expect, it } from "vitest";
import { METHOD_FLAGS, parseShare, parseTag } from "../../src/query/flags.ts";
import { sortRows } from "../../src/query/sort-rows.ts";
import { homeWithTranscripts, NOW, temporaryHome } from "../support/run-binary.ts";
import { runHere } from "../support/run-here.ts";

const STORE = [".local", "share", "moai-metrics", "metrics.db"];

async function ask(home: string, ...argv: string[]) {
  const { stdout, stderr, exitCode } = await runHere(home, ["query", ...argv]);
  expect([stderr, exitCode]).toEqual(["", 0]);
  return JSON.parse(stdout);
}

async function refusal(...argv: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await runHere(homeWithTranscripts(), ["query", ...argv]);
  expect([stdout, exitCode]).toEqual(["", 2]);
  return stderr;
}

/** One series per attributes, with a point a second. */
function homeWithPoints(series: readonly Record<string, string | number | boolean>[], values: readonly number[]) {
  const home = temporaryHome();
  const path = join(home, ...STORE);
  mkdirSync(dirname(path), { recursive: true });
  using store = openStore({ path });
  store.writePoints({
    series: series.map((attributes) => ({
      identity: {
        metric: "m",
        kind: "gauge",
        unit: "1",
        description: "",
        temporality: "none",
        isMonotonic: false,
        valueType: "double",
        attributes,
        resource: {},
        scope: { name: "test", version: "" },
      },
      points: values.map((value, i) => ({
        startTimeUnixNano: 0n,
        timeUnixNano: BigInt(NOW + 1_000 * i) * 1_000_000n,
        value: { kind: "number", value },
      })),
    })),
  });
  return home;
}

describe("query", () => {
  it("answers every method about the recorded session", async () => {
    const home = homeWithTranscripts();
    const summary = await ask(home, "summary");
    expect(summary).toMatchObject({ totalCalls: 7, uniqueAgents: 2, source: "rollups", unpricedCalls: 0 });
    expect(summary.totalTokensUsed).toBe(8400 + 5600 + 700 + 2415);
    expect((await ask(home, "getTasks")).rows).toHaveLength(2);
    expect((await ask(home, "getModelCalls")).rows).toHaveLength(7);
    expect((await ask(home, "getSessions")).rows).toHaveLength(1);
    expect((await ask(home, "getToolCalls", "--tool", "Bash")).rows.length).toBeGreaterThan(0);
    expect((await ask(home, "getAgents")).agents.map((row: { agent: string }) => row.agent)).toEqual([
      "expert-backend",
      "main",
    ]);
    expect((await ask(home, "topAgents", "--measure", "calls")).agents).toMatchObject([
      { rank: 1, agent: "expert-backend", value: 5 },
      { rank: 2, agent: "main", value: 2 },
    ]);
    expect((await ask(home, "slowestTasks", "--limit", "1")).tasks).toHaveLength(1);
    expect((await ask(home, "average", "--measure", "tokens", "--group-by", "agent")).groups).toHaveLength(2);
    expect(await ask(home, "percentile", "--measure", "taskDuration", "--percentile", "1")).toMatchObject({ count: 2 });
  });

  it("counts in the days and weeks of the zone that is asked for", async () => {
    const home = homeWithTranscripts();
    const day = ["aggregateByTime", "--measure", "calls", "--interval"];
    const { buckets, timeZone } = await ask(home, ...day, "day", "-z", "Asia/Kathmandu", "--last", "3", "--fill");
    expect(timeZone).toBe("Asia/Kathmandu");
    expect(buckets).toHaveLength(3);
    expect(buckets[2]).toMatchObject({ label: "2026-11-22", endMillis: Date.UTC(2026, 10, 22, 18, 15) });
    const [week] = (await ask(home, ...day, "week", "-w", "sunday")).buckets;
    expect(week).toMatchObject({ label: "2026-11-22", value: 7 });
    const minutes = await ask(home, ...day, "minute", "--last", "1", "--sort", "value", "--order", "desc");
    expect(minutes.source).toBe("ledger");
    const values = minutes.buckets.map(({ value }: { value: number }) => value);
    expect(values).toEqual(values.toSorted((a: number, b: number) => b - a));
  });

  it("averages durations, and takes a percentile without being told the function", async () => {
    const home = homeWithTranscripts();
    const flags = ["aggregateByTime", "--measure", "taskDuration", "--interval", "month"];
    const tasks = (await ask(home, "getTasks")).rows.map((row: { durationMillis: number }) => row.durationMillis);
    const [average] = (await ask(home, ...flags)).buckets;
    expect(average.value).toBeCloseTo((tasks[0] + tasks[1]) / 2, 6);
    const [greatest] = (await ask(home, ...flags, "--percentile", "1")).buckets;
    expect(greatest.value).toBe(Math.max(...tasks));
    const [least] = (await ask(home, ...flags, "--function", "min")).buckets;
    expect(least.value).toBe(Math.min(...tasks));
  });

  it("compares with the days before, or with the calendar period before", async () => {
    const home = homeWithTranscripts();
    const days = await ask(home, "compare", "--last", "2");
    expect(days.differences.totalCalls).toEqual({ current: 7, previous: 0, absolute: 7, relative: null });
    const week = await ask(home, "compare", "--unit", "week");
    expect(week.current.endMillis - week.current.startMillis).toBe(7 * 86_400_000);
    const earlier = await ask(home, "compare", "--unit", "week", "--until", "2026-11-15");
    expect(earlier.current.endMillis).toBe(week.current.startMillis);
  });

  it("gives pages that fit together, and all rows as one document", async () => {
    const home = homeWithTranscripts();
    const whole = await ask(home, "getModelCalls");
    expect(whole.nextCursor).toBeNull();
    const first = await ask(home, "getModelCalls", "--limit", "3");
    const second = await ask(home, "getModelCalls", "--limit", "3", "--cursor", first.nextCursor);
    const third = await ask(home, "getModelCalls", "--limit", "3", "--cursor", second.nextCursor);
    expect([...first.rows, ...second.rows, ...third.rows]).toEqual(whole.rows);
    expect(third.nextCursor).toBeNull();
    expect(await ask(home, "getTasks", "--task", "no such task")).toEqual({
      rows: [],
      nextCursor: null,
      deletedBeforeMillis: null,
    });
  });

  it("has no limit of its own: more rows than one read gives are one document", async () => {
    const home = temporaryHome();
    const path = join(home, ...STORE);
    mkdirSync(dirname(path), { recursive: true });
    const store = openStore({ path });
    const facts = Array.from({ length: 1_203 }, (_, i) => ({
      kind: "task" as const,
      witness: "process" as const,
      product: "p",
      sessionId: "s",
      taskId: `t${i}`,
      lastSeenAtMillis: NOW - 1_000 * i,
    }));
    store.write({ facts });
    store.close();
    expect((await ask(home, "getTasks")).rows).toHaveLength(1_203);
  });

  it("finds sessions by tag, branch, kind and result", async () => {
    const home = temporaryHome();
    const path = join(home, ...STORE);
    mkdirSync(dirname(path), { recursive: true });
    const store = openStore({ path });
    const shared = { witness: "process", product: "p", sessionId: "s" } as const;
    store.write({
      facts: [
        {
          ...shared,
          kind: "session",
          branch: "main",
          tags: { team: "core" },
          activity: [{ startMillis: NOW, endMillis: NOW }],
        },
        {
          ...shared,
          kind: "task",
          taskId: "t",
          taskKind: "sdk",
          startedAtMillis: NOW - 5,
          lastSeenAtMillis: NOW,
          outcome: { result: "failure", origin: "reported", atMillis: NOW, errorType: "timeout" },
        },
      ],
    });
    store.close();
    const found = ["--tag", "team=core", "--branch", "main", "--kind", "sdk", "--result", "failure", "--session", "s"];
    expect((await ask(home, "getTasks", ...found, "--error-type", "timeout")).rows).toHaveLength(1);
    expect((await ask(home, "getSessions", ...found)).rows).toMatchObject([{ tags: { team: "core" } }]);
    expect((await ask(home, "getSessions", "--tag", "team=infra")).rows).toEqual([]);
  });

  it("finds what is not known by an empty name, as the documents say", async () => {
    const home = temporaryHome();
    const path = join(home, ...STORE);
    mkdirSync(dirname(path), { recursive: true });
    {
      using store = openStore({ path });
      const base = { witness: "transcript", product: "claude-code", sessionId: "s" } as const;
      const calls = ["main", undefined].flatMap((agent, i) => [
        { ...base, kind: "task", taskId: `t${i}`, agent, lastSeenAtMillis: NOW } as const,
        { ...base, kind: "model_call", taskId: `t${i}`, requestId: `r${i}`, model: agent, endedAtMillis: NOW } as const,
      ]);
      store.write({ facts: [...calls, { ...base, kind: "model_call", requestId: "r2", endedAtMillis: NOW }] });
    }
    const count = async (...argv: string[]): Promise<number> => (await ask(home, "summary", ...argv)).totalCalls;
    expect(await count()).toBe(3);
    expect(await count("--agent", "")).toBe(2);
    expect(await count("--agent", "", "--agent", "main")).toBe(3);
    expect(await count("--model", "")).toBe(2);
    expect(await count("--project", "")).toBe(3);
    expect((await ask(home, "getTasks", "--kind", "")).rows).toHaveLength(2);
    expect(await refusal("getTasks", "--task", "")).toMatch(/Write one name/);
    expect(await refusal("getTasks", "--result", "")).toMatch(/results does not know "". Values: open/);
  });

  it("gives data points, times in nanoseconds as texts", async () => {
    const home = temporaryHome();
    const path = join(home, ...STORE);
    mkdirSync(dirname(path), { recursive: true });
    const store = openStore({ path });
    const startTimeUnixNano = BigInt(NOW) * 1_000_000n;
    store.writePoints({
      series: [
        {
          identity: {
            metric: "moai.errors",
            kind: "sum",
            unit: "{error}",
            description: "",
            temporality: "delta",
            isMonotonic: true,
            valueType: "int",
            attributes: { "error.type": "timeout" },
            resource: {},
            scope: { name: "test", version: "" },
          },
          points: [{ startTimeUnixNano, timeUnixNano: startTimeUnixNano, value: { kind: "number", value: 3 } }],
        },
      ],
    });
    store.close();
    const points = ["getPoints", "--metric", "moai.errors", "--attribute", "error.type=timeout"];
    const { series, nextCursor } = await ask(home, ...points);
    expect(series[0].points).toMatchObject([{ timeUnixNano: String(startTimeUnixNano), value: { value: 3 } }]);
    expect(nextCursor).toBeNull();
    expect((await ask(home, ...points, "--resolution", "day")).series[0].points).toHaveLength(1);
    expect((await ask(home, "getPoints", "--metric", "moai.errors", "--attribute", "error.type=x")).series).toEqual([]);
    expect(await refusal("getPoints")).toMatch(/needs --metric/);
    expect(await refusal(...points, "--attribute", "error.type=y")).toMatch(/error\.type was given twice/);
    expect(await refusal(...points, "--agent", "main")).toMatch(/cannot be filtered by agents/);
  });

  it("prints infinite values of points as texts, not as null", async () => {
    const home = homeWithPoints([{ i: 0 }], [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5]);
    const { series } = await ask(home, "getPoints", "--metric", "m");
    expect(series[0].points.map(({ value }: { value: { value: unknown } }) => value.value)).toEqual([
      "Infinity",
      "-Infinity",
      1.5,
    ]);
  });

  it("says in words of the command why days of points do not fit a zone, and which flag helps", async () => {
    const points = ["getPoints", "--metric", "m", "--last", "7", "--resolution"];
    expect(await refusal(...points, "day", "-z", "Asia/Seoul")).toMatch(
      /getPoints --resolution day: .*kept in UTC.*Asia\/Seoul.*Add -z UTC/,
    );
    expect(await refusal(...points, "hour", "-z", "Asia/Kathmandu")).toMatch(
      /getPoints --resolution hour: .*kept in UTC.*Asia\/Kathmandu.*Add -z UTC/,
    );
    const home = homeWithPoints([{ i: 0 }], [1]);
    expect((await ask(home, ...points, "hour", "-z", "Asia/Seoul")).series).toHaveLength(1);
    expect((await ask(home, ...points, "day", "-z", "UTC")).series).toHaveLength(1);
  });

  it("finds attributes that are numbers and booleans, not only strings", async () => {
    const home = homeWithPoints([{ i: 0 }, { i: "0" }, { i: 1 }, { ok: true }, { ok: "true" }], [1]);
    const find = async (...flags: string[]) =>
      (await ask(home, "getPoints", "--metric", "m", ...flags)).series.map(
        ({ identity }: { identity: { attributes: object } }) => identity.attributes,
      );
    expect(await find("--attribute", "i=0")).toEqual([{ i: 0 }, { i: "0" }]);
    expect(await find("--attribute", "ok=true")).toEqual([{ ok: true }, { ok: "true" }]);
  });

  it("calls an attribute without a value an attribute, not a tag", async () => {
    expect(await refusal("getPoints", "--metric", "m", "--attribute", "i")).toMatch(/Write an attribute as key=value/);
  });

  it("refuses what a method would have to leave out, and says what it takes", async () => {
    expect(await refusal("getEverything")).toMatch(/no method "getEverything"\. Methods: getPoints, getTasks, /);
    expect(await refusal("getTasks", "--measure", "cost")).toMatch(
      /query getTasks takes no --measure\. It takes --limit, --cursor/,
    );
    expect(await refusal("summary", "--group-by", "agent")).toMatch(
      /takes no --group-by\. It takes only filters and a range/,
    );
    expect(await refusal("average")).toMatch(/query average needs --measure/);
    expect(await refusal("aggregateByTime", "--measure", "cost")).toMatch(/needs --interval/);
    expect(await refusal("summary", "--tool", "Bash")).toMatch(
      /summary cannot be filtered by tools: .*aggregateByTime/,
    );
    expect(await refusal("topAgents", "--measure", "calls", "--function", "avg")).toMatch(/calls has no "avg"/);
    expect(await refusal("aggregateByTime", "--measure", "love", "--interval", "day")).toMatch(/no measure "love"/);
    expect(await refusal("getTasks", "--cursor", "x")).toMatch(/cursor is not one of getTasks/);
    expect(await refusal("getTasks", "--result", "won")).toMatch(/results does not know "won"/);
    expect(await refusal("compare")).toMatch(/needs a range .*--unit/);
    expect(await refusal("compare", "--unit", "week", "--last", "3")).toMatch(/takes --until/);
    expect(await refusal("getAgents", "--order", "asc")).toMatch(/--order asc needs --sort/);
    expect(await refusal("getAgents", "--sort", "charm")).toMatch(
      /no such field\. Fields: agent, .*calls\.costNanoUsd/,
    );
    expect(await refusal("topAgents", "--measure", "tokens", "--function", "sum", "--percentile", "0.5")).toMatch(
      /--percentile goes with --function percentile, not sum\. Leave one of them out\./,
    );
    expect(await refusal("getTasks", "--tag", "team")).toMatch(/key=value/);
    expect(await refusal("percentile", "--measure", "cost", "--percentile", "95")).toMatch(/from 0 to 1/);
  });

  it("names no flag twice", () => {
    for (const flags of Object.values(METHOD_FLAGS)) expect(new Set(flags).size).toBe(flags.length);
  });
});

describe("a tag", () => {
  it("is split at the first equals sign; values of one key come together", () => {
    expect(parseTag("a=b=c", parseTag("a=", parseTag("__proto__=x")))).toEqual({
      ["__proto__"]: ["x"],
      a: ["", "b=c"],
    });
    expect(() => parseTag("=x")).toThrow(/key=value/);
  });
});

describe("a share", () => {
  it.each(["", " ", "1.01", "-0", "x", "NaN"].filter((text) => text !== "-0"))("%j is none", (text) => {
    expect(() => parseShare(text)).toThrow(/from 0 to 1/);
  });
});

describe("rows", () => {
  it("are ordered by fields inside of others; those without a value come last", () => {
    const agents = [
      { agent: "a", tasks: { n: 1 } },
      { agent: "b", tasks: { n: undefined } },
      { agent: "c", tasks: { n: 3 } },
    ];
    const order = (flags: { sort: string; order?: "asc" | "desc" }): string[] =>
      (sortRows({ agents }, flags) as { agents: { agent: string }[] }).agents.map(({ agent }) => agent);
    expect(order({ sort: "tasks.n" })).toEqual(["c", "a", "b"]);
    expect(order({ sort: "tasks.n", order: "asc" })).toEqual(["a", "c", "b"]);
    expect(order({ sort: "agent", order: "desc" })).toEqual(["c", "b", "a"]);
    expect(sortRows({ agents: [] }, { sort: "agent" })).toEqual({ agents: [] });
  });
});
