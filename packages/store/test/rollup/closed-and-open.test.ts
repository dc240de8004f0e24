/** The law of the rollups: whatever is folded when, and whichever zones are kept, the answers equal brute force. */
import { createZoneCalendar, QUARTER_HOUR_MILLIS, quarterHourOf } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { MIGRATIONS } from "../../src/migrations/index.ts";
import { createRollupChanges } from "../../src/rollup/changes.ts";
import { foldClosedDays, foldDay, planFolding } from "../../src/rollup/folding.ts";
import { keepZone } from "../../src/rollup/keep-zones.ts";
import { readRollups } from "../../src/rollup/read-rollups.ts";
import { type Contribution, DISTRIBUTIONS, ROLLUP_SUMS, type RollupQuestion } from "../../src/rollup/types.ts";
import { readClosedDays } from "../../src/rollup/zone-days.ts";
import { everyRollup } from "../helpers.ts";
import { bruteForce, sorted } from "./brute-force.ts";

const FIRST_DAY = 20_759;
const DAYS = 4;
const FIRST = FIRST_DAY * 96;
const ZONES = ["Asia/Seoul", "Asia/Kathmandu", "America/New_York"];

const NAMES = ["", "claude-code", "/a", "/b", "main", "expert", "sonnet", "opus"];
const dimensions = fc.record({
  productId: fc.constant(1),
  projectId: fc.constantFrom(0, 2, 3),
  agentId: fc.constantFrom(0, 4, 5),
  modelId: fc.constantFrom(0, 6, 7),
});
const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 100_000 }), fc.constant(2 ** 45));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });

const contribution: fc.Arbitrary<Contribution> = fc
  .record({
    quarterHour: fc.integer({ min: FIRST, max: FIRST + DAYS * 96 - 1 }),
    dimensions,
    calls: fc.integer({ min: 0, max: 1 }),
    cost: value,
    call: maybe(value),
    task: maybe(value),
  })
  .map(({ quarterHour, dimensions: own, calls, cost, call, task }) => ({
    quarterHour,
    dimensions: own,
    sums: { calls, cost_nano_usd: cost },
    values: { ...(call === undefined ? {} : { call_ms: call }), ...(task === undefined ? {} : { task_ms: task }) },
  }));

/** What happens to a store: facts come and change, days are folded, zones come into use. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ add: fc.array(contribution, { minLength: 1, maxLength: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ replace: contribution, at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ fold: fc.integer({ min: 0, max: DAYS - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ zone: fc.constantFrom(...ZONES) }) },
);

const bySteps = (quarterHours: number): number[] =>
  Array.from({ length: Math.floor((DAYS * 96) / quarterHours) + 1 }, (_, i) => FIRST + i * quarterHours);

const daysOf = (timeZone: string): number[] => {
  const range = { startMillis: FIRST * QUARTER_HOUR_MILLIS, endMillis: (FIRST + DAYS * 96) * QUARTER_HOUR_MILLIS };
  const days = createZoneCalendar(timeZone).periods(range, "day");
  return [...days.map(({ startMillis }) => quarterHourOf(startMillis)), quarterHourOf(days.at(-1)?.endMillis ?? 0)];
};

const edges = fc.oneof(
  fc.constantFrom([FIRST - 5, FIRST + DAYS * 96 + 5], [0, 2 ** 33], bySteps(96), bySteps(4), bySteps(1), bySteps(40)),
  fc.constantFrom("UTC", ...ZONES).map(daysOf),
);
const some = (...names: string[]): fc.Arbitrary<string[] | undefined> =>
  maybe(fc.uniqueArray(fc.constantFrom(...names, "unheard of"), { minLength: 1, maxLength: 2 }));

const question: fc.Arbitrary<RollupQuestion> = fc.record({
  edges,
  timeZone: maybe(fc.constantFrom("UTC", ...ZONES)),
  filter: fc.record({
    products: some("claude-code"),
    projects: some("", "/a", "/b"),
    agents: some("", "main"),
    models: some("", "opus"),
  }),
  groupBy: fc.uniqueArray(fc.constantFrom("product", "project", "agent", "model")),
  sums: fc.uniqueArray(fc.constantFrom(...ROLLUP_SUMS), { minLength: 1 }),
  extremes: fc.uniqueArray(fc.constantFrom(...DISTRIBUTIONS)),
  histograms: fc.uniqueArray(fc.constantFrom(...DISTRIBUTIONS)),
});

function newDatabase(): Database.Database {
  const database = new Database(":memory:");
  for (const migration of MIGRATIONS) migration.apply(database);
  const addName = database.prepare("INSERT INTO string (id, text) VALUES (?, ?)");
  for (const [id, text] of NAMES.entries()) if (text !== "") addName.run(id, text);
  return database;
}

describe("the rollups", () => {
  it("give what brute force gives, whatever comes in which order, is folded when and kept for which zone", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 14 }),
        fc.array(question, { minLength: 4, maxLength: 4 }),
        (steps, questions) => {
          const database = newDatabase();
          try {
            const changes = createRollupChanges(database);
            const facts: Contribution[] = [];
            for (const each of steps) {
              if ("add" in each) {
                for (const fact of each.add) changes.replace(undefined, fact);
                facts.push(...each.add);
                changes.apply();
              } else if ("replace" in each) {
                if (facts.length === 0) continue;
                const at = each.at % facts.length;
                const before = facts[at];
                if (before === undefined) continue;
                // Its values stay: when an extreme of a closed day is taken back, the ledger is asked, and here is none.
                const after = {
                  ...each.replace,
                  values: before.values,
                  quarterHour: before.quarterHour,
                  dimensions: before.dimensions,
                };
                changes.replace(before, after);
                facts[at] = after;
                changes.apply();
              } else if ("fold" in each) foldDay(database, FIRST_DAY + each.fold);
              else keepZone(database, each.zone);
            }
            for (const asked of questions) {
              // Sums alone are read in a way of their own.
              for (const each of [asked, { ...asked, extremes: [], histograms: [] }]) {
                const expected = bruteForce(facts, each, (id) => NAMES[id] ?? "");
                expect(sorted(readRollups(database, each))).toEqual(sorted(expected));
              }
            }
          } finally {
            database.close();
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("sums of whole days", () => {
  const DAY: Pick<RollupQuestion, "edges" | "timeZone"> = { edges: [FIRST, FIRST + 96], timeZone: "UTC" };
  const ALL = { ...DAY, filter: {}, sums: [...ROLLUP_SUMS], extremes: [], histograms: [] };
  const questions: readonly RollupQuestion[] = [
    { ...ALL, groupBy: ["model"] },
    { ...ALL, groupBy: ["model", "project"] },
    { ...ALL, groupBy: [], filter: { models: ["opus"] } },
    { ...ALL, groupBy: ["agent"], filter: { projects: ["/a"], models: ["sonnet", "opus"] } },
  ];
  const nameOf = (id: number): string => NAMES[id] ?? `agent-${id}`;

  /** A closed day in which there are many cells, whose numbers take one byte to seven. */
  function closedDay() {
    const database = newDatabase();
    const changes = createRollupChanges(database);
    const facts = Array.from({ length: 400 }, (_, i): Contribution => {
      const ids = { productId: 1, projectId: 2 + (i % 2), agentId: 100 + (i % 37), modelId: 6 + (i % 2) };
      const cost = i % 5 === 0 ? 2 ** (10 + (i % 40)) : 7 * (i % 11);
      return {
        quarterHour: FIRST + (i % 96),
        dimensions: ids,
        sums: { calls: 1, cost_nano_usd: cost },
        values: { call_ms: i },
      };
    });
    const addName = database.prepare("INSERT OR IGNORE INTO string (id, text) VALUES (?, ?)");
    for (const { dimensions: ids } of facts) addName.run(ids.agentId, nameOf(ids.agentId));
    for (const fact of facts) changes.replace(undefined, fact);
    changes.apply();
    foldDay(database, FIRST_DAY);
    onTestFinished(() => {
      database.close();
    });
    return { database, facts };
  }

  it("are exact where there are many cells and great numbers", () => {
    const { database, facts } = closedDay();
    for (const asked of questions) {
      expect(sorted(readRollups(database, asked))).toEqual(sorted(bruteForce(facts, asked, nameOf)));
    }
  });

  it("are read in the general way where an earlier version wrote the day", () => {
    const { database, facts } = closedDay();
    database.exec("UPDATE rollup_column SET codec = 1");
    for (const asked of questions) {
      expect(sorted(readRollups(database, asked))).toEqual(sorted(bruteForce(facts, asked, nameOf)));
    }
  });

  it("are refused where a row is damaged or missing", () => {
    const { database } = closedDay();
    const [asked] = questions as [RollupQuestion];
    database.exec("UPDATE rollup_column SET crc = crc + 1");
    expect(() => readRollups(database, asked)).toThrow(/damaged/);
    database.exec("DELETE FROM rollup_column");
    expect(() => readRollups(database, asked)).toThrow(/damaged/);
  });
});

describe("folding", () => {
  it("twice is folding once", () => {
    const database = newDatabase();
    const changes = createRollupChanges(database);
    const fact: Contribution = {
      quarterHour: FIRST + 7,
      dimensions: { productId: 1, projectId: 2, agentId: 4, modelId: 6 },
      sums: { calls: 1 },
      values: { call_ms: 5 },
    };
    changes.replace(undefined, fact);
    changes.apply();
    const open = everyRollup(database);
    foldDay(database, FIRST_DAY);
    const columns = database.prepare("SELECT * FROM rollup_column").all();
    foldDay(database, FIRST_DAY);
    expect(database.prepare("SELECT * FROM rollup_column").all()).toEqual(columns);
    expect(everyRollup(database)).toEqual(open);
    expect(readClosedDays(database)).toEqual([FIRST_DAY]);
    database.close();
  });

  it("takes days that have been over for two hours, oldest first, as many as it is allowed to", () => {
    const HOUR = 3_600_000;
    const endOf = (day: number): number => (day + 1) * 24 * HOUR;
    const plan = (nowMillis: number, bytes = 0) => planFolding([12, 10, 11], nowMillis, () => bytes);
    expect(plan(endOf(11) + 2 * HOUR - 1)).toEqual({ over: [10], heavy: [] });
    expect(plan(endOf(11) + 2 * HOUR)).toEqual({ over: [10, 11], heavy: [] });
    expect(plan(endOf(11) + 2 * HOUR, 2 ** 17)).toEqual({ over: [10, 11], heavy: [] });
    expect(plan(endOf(11), 2 ** 17 + 1)).toEqual({ over: [10], heavy: [11, 12] });
    const database = newDatabase();
    const changes = createRollupChanges(database);
    for (const day of [0, 1, 2]) {
      changes.replace(undefined, {
        quarterHour: FIRST + day * 96,
        dimensions: { productId: 1, projectId: 2, agentId: 4, modelId: 6 },
        sums: { calls: 1 },
        values: {},
      });
    }
    changes.apply();
    const now = endOf(FIRST_DAY + 1) + 3 * HOUR;
    expect(foldClosedDays(database, now, 1)).toBe(1);
    expect(readClosedDays(database)).toEqual([FIRST_DAY]);
    expect(foldClosedDays(database, now)).toBe(0);
    expect(readClosedDays(database)).toEqual([FIRST_DAY + 1, FIRST_DAY]);
    database.close();
  });
});
