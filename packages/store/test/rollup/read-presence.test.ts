/** Who was there, read from keys: whatever is folded, taken back and kept, it is who a look at every fact finds. */
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { MIGRATIONS } from "../../src/migrations/index.ts";
import { createRollupChanges } from "../../src/rollup/changes.ts";
import { foldDay } from "../../src/rollup/folding.ts";
import { keepZone } from "../../src/rollup/keep-zones.ts";
import { type PresenceQuestion, type PresentGroup, readPresence } from "../../src/rollup/read-presence.ts";
import { CALL_SUMS, type Contribution, type RollupSum, TASK_SUMS } from "../../src/rollup/types.ts";

const FIRST_DAY = 20_759;
const DAYS = 4;
const FIRST = FIRST_DAY * 96;
const BEHIND = FIRST + DAYS * 96;
const ZONES = ["UTC", "Asia/Seoul", "Asia/Kathmandu"];
const NAMES = ["", "claude-code", "/a", "/b", "main", "expert", "sonnet", "opus"];

const CALLS: readonly RollupSum[] = ["calls", "call_errors"];
const ALL: readonly RollupSum[] = [...CALLS, "tool_calls", ...TASK_SUMS];

/** Most work lies in a few quarter hours, so that some are emptied again. */
const quarterHour = fc.oneof(
  fc.constantFrom(FIRST + 2, FIRST + 100, BEHIND - 1),
  fc.integer({ min: FIRST, max: BEHIND - 1 }),
);
const kind = fc.constantFrom<RollupSum>("calls", "call_errors", "tool_calls", "tasks_success", "tasks_unknown");
const fact: fc.Arbitrary<Contribution> = fc
  .record({
    quarterHour,
    kind,
    projectId: fc.constantFrom(0, 2, 3),
    agentId: fc.constantFrom(0, 4, 5),
    modelId: fc.constantFrom(0, 6, 7),
  })
  .map(({ quarterHour: own, kind: sum, projectId, agentId, modelId }) => ({
    quarterHour: own,
    dimensions: { productId: 1, projectId, agentId, modelId: CALLS.includes(sum) ? modelId : 0 },
    sums: { [sum]: 1 },
    values: {},
  }));

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ add: fc.array(fact, { minLength: 1, maxLength: 5 }) }) },
  { weight: 4, arbitrary: fc.record({ remove: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ move: fc.nat(), to: fact }) },
  { weight: 3, arbitrary: fc.record({ fold: fc.integer({ min: 0, max: DAYS - 1 }) }) },
  { weight: 1, arbitrary: fc.record({ zone: fc.constantFrom(...ZONES) }) },
);

const some = (...names: string[]): fc.Arbitrary<string[] | undefined> =>
  fc.option(fc.uniqueArray(fc.constantFrom(...names, "unheard of"), { minLength: 1, maxLength: 2 }), {
    nil: undefined,
  });

const question: fc.Arbitrary<PresenceQuestion> = fc
  .record({
    span: fc.constantFrom<[number, number]>(
      [FIRST, BEHIND],
      [0, 2 ** 33],
      [FIRST + 50, FIRST + 150],
      [FIRST + 2, FIRST + 3],
    ),
    timeZone: fc.option(fc.constantFrom(...ZONES), { nil: undefined }),
    filter: fc.record({ projects: some("", "/a"), agents: some("", "main"), models: some("", "opus") }),
    groupBy: fc.constantFrom<PresenceQuestion["groupBy"]>([], ["agent"], ["agent", "model", "project"]),
    isByQuarterHour: fc.boolean(),
  })
  .map((asked) => ({ ...asked, sums: asked.filter.models === undefined ? ALL : CALLS }));

describe("presence", () => {
  it("is that of the facts, whatever is folded, taken back, moved and kept for which zone", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 16 }),
        fc.array(question, { minLength: 3, maxLength: 3 }),
        (steps, questions) => {
          const database = newDatabase();
          try {
            const changes = createRollupChanges(database);
            const facts: Contribution[] = [];
            for (const each of steps) {
              if ("add" in each) {
                for (const added of each.add) changes.replace(undefined, added);
                facts.push(...each.add);
              } else if ("remove" in each) {
                const [removed] = facts.splice(each.remove % (facts.length || 1), 1);
                changes.replace(removed, undefined);
              } else if ("move" in each) {
                const at = each.move % (facts.length || 1);
                changes.replace(facts[at], each.to);
                facts[at] = each.to;
              } else if ("fold" in each) foldDay(database, FIRST_DAY + each.fold);
              else keepZone(database, each.zone);
              changes.apply();
            }
            for (const asked of questions) expectTruth(readPresence(database, asked), facts, asked);
          } finally {
            database.close();
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it("tells nothing of a group whose only fact was taken back from a closed day", () => {
    const database = newDatabase();
    onTestFinished(() => void database.close());
    const changes = createRollupChanges(database);
    const only: Contribution = {
      quarterHour: FIRST + 5,
      dimensions: { productId: 1, projectId: 2, agentId: 4, modelId: 6 },
      sums: { calls: 1 },
      values: {},
    };
    changes.replace(undefined, only);
    changes.apply();
    foldDay(database, FIRST_DAY);
    const asked = {
      span: [FIRST, BEHIND],
      filter: {},
      groupBy: ["agent"],
      sums: CALL_SUMS,
      isByQuarterHour: false,
    } as const;
    expect(readPresence(database, asked)).toMatchObject([{ key: ["main"] }]);
    changes.replace(only, undefined);
    changes.apply();
    expect(readPresence(database, asked)).toEqual([]);
  });
});

function expectTruth(found: readonly PresentGroup[], facts: readonly Contribution[], asked: PresenceQuestion): void {
  const expected = new Map<string, number[]>();
  for (const { quarterHour: at, dimensions, sums } of facts) {
    const names = {
      product: NAMES[dimensions.productId] ?? "",
      project: NAMES[dimensions.projectId] ?? "",
      agent: NAMES[dimensions.agentId] ?? "",
      model: NAMES[dimensions.modelId] ?? "",
    };
    const { projects, agents, models } = asked.filter;
    const isAsked =
      (projects?.includes(names.project) ?? true) &&
      (agents?.includes(names.agent) ?? true) &&
      (models?.includes(names.model) ?? true) &&
      asked.sums.some((name) => (sums[name] ?? 0) > 0);
    if (!isAsked || at < asked.span[0] || at >= asked.span[1]) continue;
    const key = JSON.stringify(asked.groupBy.map((dimension) => names[dimension]));
    expected.set(key, [...(expected.get(key) ?? []), at]);
  }
  expect(new Set(found.map(({ key }) => JSON.stringify(key)))).toEqual(new Set(expected.keys()));
  for (const [key, times] of expected) {
    const own = found.filter((group) => JSON.stringify(group.key) === key);
    const first = { from: least(own, "first", "from"), behind: least(own, "first", "behind") };
    const last = { from: -least(own, "last", "from", -1), behind: -least(own, "last", "behind", -1) };
    expect(first.from).toBeLessThanOrEqual(Math.min(...times));
    expect(first.behind).toBeGreaterThan(Math.min(...times));
    expect(last.from).toBeLessThanOrEqual(Math.max(...times));
    expect(last.behind).toBeGreaterThan(Math.max(...times));
    if (asked.isByQuarterHour) expect([first.behind - first.from, last.behind - last.from]).toEqual([1, 1]);
  }
}

function least(groups: readonly PresentGroup[], side: "first" | "last", end: "from" | "behind", sign = 1): number {
  return Math.min(...groups.map((group) => sign * group[side][end]));
}

function newDatabase(): Database.Database {
  const database = new Database(":memory:");
  for (const migration of MIGRATIONS) migration.apply(database);
  const addName = database.prepare("INSERT INTO string (id, text) VALUES (?, ?)");
  for (const [id, text] of NAMES.entries()) if (text !== "") addName.run(id, text);
  return database;
}
