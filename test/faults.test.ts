/** A sample of the fault tests; `npm run test:faults` runs them in full. */
import { describe, expect, it } from "vitest";
import { FAULT_TESTS } from "./faults/index.ts";
import { runFaultTest } from "./faults/lib/fault-test.ts";

const SEED = Number(process.env["FAULT_SEED"] ?? 20261122);

describe("what was acknowledged survives", () => {
  for (const test of FAULT_TESTS) {
    it.skipIf(test.obstacle?.() !== undefined)(test.name, { timeout: 120_000 }, async () => {
      expect((await runFaultTest(test, test.sampleTrials, SEED)).failures).toEqual([]);
    });
  }
});
