/** Measurements of quality: counted once, kept for ever, mended or told when damaged. */
import { DAY_MILLIS, type QualityFact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSpoolFile, encodeSpoolFile, openStore, salvageStore } from "../src/index.ts";
import { mergeQuality, type QualityState, qualityStateOf } from "../src/merge/quality.ts";
import { MIGRATIONS } from "../src/migrations/index.ts";
import { planMigrations } from "../src/migrations/plan.ts";
import { call, dump, measurement, NOON, session, temporaryStore } from "./helpers.ts";
import { leavesOf, ruinPage } from "./maintenance/damage.ts";

function execute(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

describe("a measurement of quality", () => {
  it("comes back with everything that was told", () => {
    const store = temporaryStore();
    const benchmark: QualityFact = {
      kind: "quality",
      witness: "process",
      measure: "benchmark_score",
      benchmark: "swe",
      atMillis: NOON,
      score: -12.5,
    };
    expect(store.write({ facts: [measurement(), benchmark] })).toMatchObject({ inserted: 2, changed: 0, refused: {} });
    expect(store.ledger.quality({})).toEqual([
      {
        project: "",
        measure: "benchmark_score",
        benchmark: "swe",
        tool: "",
        atMillis: NOON,
        score: -12.5,
        counts: undefined,
      },
      {
        project: "/home/dev/shop",
        measure: "test_coverage",
        benchmark: "",
        tool: "lcov",
        atMillis: NOON,
        score: 0.75,
        counts: { good: 75, total: 100 },
      },
    ]);
    expect(store.ledger.measuredProjects()).toEqual(["/home/dev/shop"]);
  });

  it("counts once, and twice where project, measure, benchmark, tool or time differs", () => {
    const store = temporaryStore();
    const others = [
      { project: "/home/dev/other" },
      { measure: "lint_score" as const },
      { benchmark: "b" },
      { tool: "istanbul" },
      { atMillis: NOON + 1 },
    ].map((difference) => measurement(difference));
    store.write({ facts: [measurement(), measurement()] });
    expect(store.write({ facts: [measurement()] })).toMatchObject({ inserted: 0, changed: 0 });
    expect(store.write({ facts: others })).toMatchObject({ inserted: 5 });
    expect(store.ledger.quality({})).toHaveLength(6);
  });

  it("is found by project, measure and time", () => {
    const store = temporaryStore();
    const later = measurement({ atMillis: NOON + DAY_MILLIS, project: undefined, measure: "lint_score" });
    store.write({ facts: [measurement(), later] });
    const times = (filter: Parameters<typeof store.ledger.quality>[0]) =>
      store.ledger.quality(filter).map(({ atMillis }) => atMillis);
    expect(times({ projects: ["/home/dev/shop"] })).toEqual([NOON]);
    expect(times({ projects: [""] })).toEqual([later.atMillis]);
    expect(times({ projects: [] })).toEqual([]);
    expect(times({ measures: ["lint_score"] })).toEqual([later.atMillis]);
    expect(times({ range: { startMillis: NOON, endMillis: NOON + 1 } })).toEqual([NOON]);
    expect(times({ range: { startMillis: NOON + 1, endMillis: NOON + DAY_MILLIS } })).toEqual([]);
  });

  it.each([
    ["value outside its enumeration", { measure: "beauty" as never }],
    ["text is missing, overlong or not text", { project: 7 as never }],
    ["text is missing, overlong or not text", { tool: "x".repeat(5_000) }],
    ["time out of range", { atMillis: -1 }],
    ["score is not what its counts say, or not a share from 0 to 1", { score: Number.NaN }],
    ["score is not what its counts say, or not a share from 0 to 1", { score: 1.1, counts: undefined }],
    ["score is not what its counts say, or not a share from 0 to 1", { score: 0.7 }],
    ["count is not a whole number within reason", { counts: { good: 0, total: 0 } }],
    ["count is not a whole number within reason", { counts: { good: 3, total: 2 } }],
    ["count is not a whole number within reason", { counts: { good: 1.5, total: 2 } }],
    ["not a fact", { counts: null as never }],
    ["not a fact", { witness: "nobody" as never }],
  ])("is refused with the reason: %s", (reason, fields) => {
    const store = temporaryStore();
    expect(store.write({ facts: [measurement(fields)] }).refused).toEqual({ [reason]: 1 });
    expect(store.ledger.quality({})).toEqual([]);
  });

  it("outlives the ledger's watermark, and may be older than it when it is told", async () => {
    const store = temporaryStore({ settings: { retention: { ledgerDays: 2 }, reserve: { bytes: 0 } } });
    const days = [0, 1, 2, 3, 4, 5].map((day) => NOON + day * DAY_MILLIS);
    store.write({
      facts: days.flatMap((atMillis, day) => [
        measurement({ atMillis }),
        call({ requestId: `r${day}`, responseId: `m${day}`, endedAtMillis: atMillis }),
      ]),
    });
    await store.maintain({ nowMillis: NOON + 5 * DAY_MILLIS });
    await store.maintain({ nowMillis: NOON + 6 * DAY_MILLIS });
    expect(store.query.getModelCalls({}).rows).toHaveLength(3);
    expect(store.ledger.quality({})).toHaveLength(6);
    expect(store.write({ facts: [measurement({ atMillis: NOON - 9 * DAY_MILLIS })] })).toMatchObject({
      inserted: 1,
      refused: {},
    });
  });

  it("stays as it is when rollups are made anew, and is counted in the statistics of the ledger", async () => {
    const store = temporaryStore();
    store.write({ facts: [session(), call(), measurement()] });
    const before = dump(store.path)["quality"];
    await store.rebuildRollups();
    expect(dump(store.path)["quality"]).toEqual(before);
    const ledger = store.stats().tiers.find(({ tier }) => tier === "ledger");
    expect(ledger?.tables.find(({ table }) => table === "quality")?.rows).toBe(1);
    expect(store.check().isSound).toBe(true);
  });

  it("survives a spool file, and one without its key is counted there as invalid", () => {
    const { atMillis: _, ...keyless } = measurement();
    const content = decodeSpoolFile(encodeSpoolFile([measurement(), keyless as QualityFact]));
    expect(content).toMatchObject({ facts: [measurement()], invalid: 1 });
  });
});

const WITHOUT_SUMS = [
  "DROP TABLE span_link; DROP INDEX session_by_project;",
  ...["is_by_metric", "is_live", "labels_id"].map((column) => `ALTER TABLE session DROP COLUMN ${column};`),
  ...["is_live", "live_lines_added", "live_lines_removed"].map((column) => `ALTER TABLE task DROP COLUMN ${column};`),
].join(" ");

/** What the versions behind that of the measurements brought. */
const WITHOUT_REPORTS = [
  "DROP INDEX task_reported;",
  ...["report_rank", "reported_name", "reported_tokens", "reported_ms", "report_knows_session", "is_covered"].map(
    (column) => `ALTER TABLE task DROP COLUMN ${column};`,
  ),
  ...["task", "session"].map((table) => `ALTER TABLE ${table} DROP COLUMN undivided_tokens;`),
].join(" ");

describe("a file of the version before", () => {
  it("gets room for measurements, and is not read by older versions, which do not know its rollups", () => {
    const store = temporaryStore();
    store.write({ facts: [call()] });
    store.close();
    execute(
      store.path,
      `${WITHOUT_REPORTS} DROP TABLE quality; DROP TABLE live_counter; DROP TABLE live_label; DROP TABLE exposed_series; DROP TABLE model_call_dissent; ${WITHOUT_SUMS} PRAGMA user_version = 4`,
    );
    const again = openStore({ path: store.path });
    expect(again.write({ facts: [measurement()] })).toMatchObject({ inserted: 1 });
    expect(again.ledger.usage({})[0]?.calls).toBe(1);
    again.close();
    const database = new Database(store.path, { readonly: true });
    const { readableFrom } = planMigrations(4, undefined, MIGRATIONS);
    expect(readableFrom).toBeGreaterThan(4);
    expect(database.prepare("SELECT value FROM meta WHERE key = 'readable_from'").pluck().get()).toBe(readableFrom);
    database.close();
  });
});

describe("damaged measurements", () => {
  it.each([
    ["UPDATE quality SET score = 0.5", /the score 0\.5 cannot come from 75 of 100$/],
    ["UPDATE quality SET good = NULL", /cannot come from \? of 100$/],
    ["UPDATE quality SET measure = 'beauty'", /^beauty measured at /],
    ["UPDATE quality SET project_id = 99", /: a name is lost$/],
  ])("are found by the check and left out by a salvage: %s", (sql, problem) => {
    const store = temporaryStore();
    store.write({ facts: [measurement()] });
    store.close();
    execute(store.path, sql);
    using damaged = openStore({ path: store.path });
    const part = damaged.check().parts.find(({ name }) => name === "quality");
    expect(part?.problems).toEqual([expect.stringMatching(problem)]);
    damaged.close();
    salvageStore(store.path, { nowMillis: NOON });
    using saved = openStore({ path: store.path });
    expect(saved.check()).toMatchObject({ isSound: true });
    expect(saved.write({ facts: [measurement()] })).toMatchObject({ inserted: 1 });
  });

  it("come back when their pages are unreadable and the reports are told again", () => {
    const facts = Array.from({ length: 3_000 }, (_, i) => measurement({ atMillis: NOON + i }));
    const store = temporaryStore();
    store.write({ facts });
    store.close();
    const leaves = leavesOf(store.path, "quality");
    expect(leaves.length).toBeGreaterThan(5);
    ruinPage(store.path, leaves[2] ?? 0);
    const { tables } = salvageStore(store.path, { nowMillis: NOON });
    const table = tables.find(({ table: name }) => name === "quality");
    expect(table?.gaps).toBeGreaterThan(0);
    expect(table?.recovered).toBeGreaterThan(1_000);
    using saved = openStore({ path: store.path });
    saved.write({ facts });
    expect(saved.ledger.quality({})).toHaveLength(3_000);
    expect(saved.check()).toMatchObject({ isSound: true });
  });
});

describe("merging two witnesses of a measurement", () => {
  const state: fc.Arbitrary<QualityState> = fc
    .record({
      witness: fc.constantFrom("toolReport" as const, "process" as const),
      good: fc.nat({ max: 3 }),
      extra: fc.nat({ max: 3 }),
      hasCounts: fc.boolean(),
    })
    .map(({ witness, good, extra, hasCounts }) => {
      const total = good + extra + 1;
      return qualityStateOf(
        measurement({ witness, score: good / total, counts: hasCounts ? { good, total } : undefined }),
      );
    });

  it("is commutative, associative and idempotent", () => {
    fc.assert(
      fc.property(state, state, state, (a, b, c) => {
        expect(mergeQuality(a, b)).toEqual(mergeQuality(b, a));
        expect(mergeQuality(mergeQuality(a, b), c)).toEqual(mergeQuality(a, mergeQuality(b, c)));
        expect(mergeQuality(a, a)).toEqual(a);
      }),
    );
  });

  it("believes the process over a report, and never takes counts from one and the score from the other", () => {
    const report = qualityStateOf(measurement());
    const said = qualityStateOf(measurement({ witness: "process", score: 0.7, counts: undefined }));
    expect(mergeQuality(report, said)).toEqual({ rank: 60, value: { score: 0.7, counts: undefined } });
  });
});
