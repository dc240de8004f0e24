/** A store whose days are folded at any moment answers like one that never folds, whatever facts turn out to be. */
import { join } from "node:path";
import { DAY_MILLIS, type Fact } from "@moai-metrics/model";
import Database from "better-sqlite3";
import fc from "fast-check";
import { expect, it } from "vitest";
import { openStore } from "../../src/index.ts";
import { checkRollups } from "../../src/rollup/check.ts";
import { foldDay } from "../../src/rollup/folding.ts";
import { keepZone } from "../../src/rollup/keep-zones.ts";
import { readRollups } from "../../src/rollup/read-rollups.ts";
import { rebuildRollups } from "../../src/rollup/rebuild.ts";
import { DISTRIBUTIONS, ROLLUP_SUMS, type RollupQuestion } from "../../src/rollup/types.ts";
import { everyRollup, NOON, temporaryFolder } from "../helpers.ts";
import { sorted } from "./brute-force.ts";

const FIRST_DAY = Math.floor(NOON / DAY_MILLIS);
const QUARTER_HOUR = 900_000;
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const witness = fc.constantFrom("transcript", "span", "process");
const count = fc.integer({ min: 0, max: 2_000 });
const common = { product: fc.constant("claude-code"), sessionId: fc.constantFrom("s1", "s2"), witness };
const taskId = fc.constantFrom("t1", "t2", "t3");

/** A call lies where it lies; its values grow with better witnesses. */
const call: fc.Arbitrary<Fact> = fc.integer({ min: 1, max: 6 }).chain((key) =>
  fc.record({
    kind: fc.constant("model_call" as const),
    ...common,
    taskId: maybe(taskId),
    requestId: fc.constant(`req_${key}`),
    endedAtMillis: fc.integer({ min: 0, max: QUARTER_HOUR }).map((drift) => NOON + key * 20 * QUARTER_HOUR + drift),
    durationMillis: maybe(count),
    firstChunkMillis: maybe(count),
    model: maybe(fc.constantFrom("claude-sonnet-4-5", "claude-opus-4-5")),
    usage: maybe(
      fc.record({
        input: count,
        cacheRead: count,
        cacheWrite5m: count,
        cacheWrite1h: count,
        output: count,
        reasoning: fc.constant(0),
      }),
    ),
  }),
);

const task: fc.Arbitrary<Fact> = fc.record({
  kind: fc.constant("task" as const),
  ...common,
  taskId,
  agent: maybe(fc.constantFrom("main", "expert")),
  startedAtMillis: maybe(fc.integer({ min: 0, max: 10 * QUARTER_HOUR }).map((after) => NOON + after)),
  lastSeenAtMillis: maybe(fc.integer({ min: 0, max: 150 * QUARTER_HOUR }).map((after) => NOON + after)),
  outcome: maybe(
    fc.record({
      result: fc.constantFrom("success", "failure"),
      origin: fc.constant("reported"),
      atMillis: fc.constant(NOON + QUARTER_HOUR),
    }),
  ),
});

const session: fc.Arbitrary<Fact> = fc.record({
  kind: fc.constant("session" as const),
  ...common,
  project: maybe(fc.constantFrom("/a", "/b")),
  activity: fc.constant([{ startMillis: NOON, endMillis: NOON + 1_000 }]),
});

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ write: fc.array(fc.oneof(call, call, task, session), { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 3, arbitrary: fc.record({ fold: fc.integer({ min: 0, max: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ zone: fc.constantFrom("Asia/Kathmandu", "America/New_York") }) },
  { weight: 1, arbitrary: fc.record({ rebuild: fc.integer({ min: 0, max: 2 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      fold: fc.integer({ min: 0, max: 2 }),
      meanwhile: fc.array(fc.oneof(call, task, session), { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ rebuild: fc.integer({ min: 0, max: 2 }), foldedMeanwhile: fc.constant(true) }) },
);

const START = FIRST_DAY * 96;
const QUESTIONS: readonly RollupQuestion[] = [
  [START, START + 3 * 96],
  [START, START + 96, START + 2 * 96, START + 3 * 96],
  [START + 60, START + 73, START + 3 * 96],
].flatMap((edges) =>
  ([[], ["agent"], ["project", "model"]] as const).map((groupBy) => ({
    edges,
    filter: {},
    groupBy,
    sums: ROLLUP_SUMS,
    extremes: DISTRIBUTIONS,
    histograms: DISTRIBUTIONS,
  })),
);

/** Lets something happen between the moment when a day has been worked out and the one when it is written. */
function beforeNextWrite(database: Database.Database, happen: () => void): void {
  const original = database.transaction;
  database.transaction = ((work: () => unknown) => {
    const transaction = original.call(database, work);
    const immediate = (): unknown => {
      database.transaction = original;
      happen();
      return transaction.immediate();
    };
    return { deferred: transaction.deferred, immediate };
  }) as unknown as typeof original;
}

it("folding, keeping zones and rebuilding change no answer, not to who watches, and the check always agrees", () => {
  const folder = temporaryFolder();
  const pathOf = (name: string): string => join(folder, `${name}.db`);
  let run = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 12 }), (steps) => {
      run += 1;
      using folded = openStore({ path: pathOf(`${run}-folded`) });
      using open = openStore({ path: pathOf(`${run}-open`) });
      const database = new Database(folded.path);
      const watching = new Database(folded.path, { readonly: true });
      const reference = new Database(open.path, { readonly: true });
      for (const [number, each] of steps.entries()) {
        if ("write" in each) {
          folded.write({ facts: each.write });
          open.write({ facts: each.write });
        } else if ("meanwhile" in each) {
          beforeNextWrite(database, () => {
            folded.write({ facts: each.meanwhile });
            open.write({ facts: each.meanwhile });
          });
          foldDay(database, FIRST_DAY + each.fold);
        } else if ("foldedMeanwhile" in each) {
          beforeNextWrite(database, () => folded.foldRollups(NOON + 5 * DAY_MILLIS));
          rebuildRollups(database, FIRST_DAY + each.rebuild);
        } else if ("fold" in each) foldDay(database, FIRST_DAY + each.fold);
        else if ("zone" in each) keepZone(database, each.zone);
        else rebuildRollups(database, FIRST_DAY + each.rebuild);
        expect(checkRollups(database)).toEqual([]);
        // What this connection read before, it still has in memory.
        const asked = QUESTIONS[number % QUESTIONS.length] as RollupQuestion;
        expect(sorted(readRollups(watching, asked))).toEqual(sorted(readRollups(reference, asked)));
      }
      Reflect.deleteProperty(database, "transaction");
      for (const question of QUESTIONS) {
        const known = sorted(readRollups(reference, question));
        expect(sorted(readRollups(database, question))).toEqual(known);
        expect(sorted(readRollups(watching, question))).toEqual(known);
      }
      expect(everyRollup(database)).toEqual(everyRollup(reference));
      for (const each of [database, watching, reference]) each.close();
    }),
    { numRuns: 40 },
  );
});
