/** A clock that jumps while things are recorded and old data is let go. */
import { join } from "node:path";
import { DAY_MILLIS } from "@moai-metrics/model";
import { openStore } from "@moai-metrics/store";
import type { FaultTest } from "./lib/fault-test.ts";
import type { Random } from "./lib/random.ts";
import { makeSpecimen } from "./lib/specimen.ts";
import { type Acknowledged, verifyStore } from "./lib/verify.ts";
import { factsOf, pointsOf, type Workload } from "./lib/workload.ts";

const HOUR_MILLIS = 3_600_000;
const LEDGER_DAYS = 10;
const POINT_DAYS = { detailedDays: 2, hourlyDays: 8, dailyDays: 9 };
/** What a clock that is a day ahead for days may cost. */
const MARGIN_DAYS = 3;
const DAYS = 8;
const OLD = { writer: "old", batches: 90, stepMillis: DAY_MILLIS / 3 };

/** How far the clock is off; the first ones are also written with. */
const JUMPS = [0, -2 * DAY_MILLIS, DAY_MILLIS, -HOUR_MILLIS, HOUR_MILLIS];
const WILD_JUMPS = [...JUMPS, 4_500 * DAY_MILLIS, -20_000 * DAY_MILLIS];

export const clockJumps: FaultTest = {
  name: "a clock that jumps by hours, days and decades between writing and cleaning up",
  trials: 50,
  sampleTrials: 2,
  async run({ trials, random, folder, fail }) {
    const specimen = await makeSpecimen(folder, "specimen", [OLD]);
    const startMillis = Date.now();
    let deleted = 0;
    for (let trial = 0; trial < trials; trial++) {
      const path = join(folder, `${trial}.db`);
      specimen.copyTo(path);
      using store = openStore({ path, settings: { retention: { ledgerDays: LEDGER_DAYS, ...POINT_DAYS } } });
      const writers: Acknowledged[] = [...specimen.writers];
      for (let day = 0; day < DAYS; day++) {
        const trueMillis = startMillis + day * DAY_MILLIS;
        const workload: Workload = {
          writer: `day${day}`,
          baseMillis: trueMillis + pick(JUMPS, random),
          stepMillis: HOUR_MILLIS,
          firstBatch: 0,
        };
        const { refused } = store.write({ facts: factsOf(workload, 0) });
        if (Object.keys(refused).length > 0) fail(trial, `day ${day}: refused ${JSON.stringify(refused)}`);
        store.writePoints(pointsOf(workload, 0));
        writers.push({ workload, facts: new Set([0]), points: new Set([0]) });
        const outcome = await store.maintain({ nowMillis: trueMillis + pick(WILD_JUMPS, random) });
        deleted += Object.values(outcome.deleted).reduce((sum, count) => sum + count, 0);
        const expected = {
          isExact: true,
          factsSince: trueMillis - (LEDGER_DAYS - MARGIN_DAYS) * DAY_MILLIS,
          pointsSince: trueMillis - (POINT_DAYS.hourlyDays - MARGIN_DAYS) * DAY_MILLIS,
        };
        for (const problem of verifyStore(store, writers, expected)) fail(trial, `day ${day}: ${problem}`);
      }
    }
    return `${deleted} expired rows deleted`;
  },
};

function pick(values: readonly number[], random: Random): number {
  return values[random.integer(0, values.length - 1)] ?? 0;
}
