import type { MaintenanceOutcome } from "@moai-metrics/store";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createUpkeep } from "../../src/writing/upkeep.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function create(states: (MaintenanceOutcome["state"] | "throws")[]) {
  const slices: number[] = [];
  const upkeep = createUpkeep({
    maintain: async ({ nowMillis, maxMillis }) => {
      slices.push(nowMillis);
      expect(maxMillis).toBe(200);
      const state = states.shift() ?? "not due";
      if (state === "throws") throw new Error("The disk is full.");
      return {
        state,
        deleted: {},
        bytesBefore: 0,
        bytesAfter: 0,
        steps: 0,
        longestStepMillis: 0,
        watermarkDay: undefined,
      };
    },
  });
  return { upkeep, slices, pass: (millis: number) => vi.advanceTimersByTimeAsync(millis) };
}

describe("upkeep", () => {
  it("begins after a minute, works in slices with pauses until it is done, then asks every hour", async () => {
    const { upkeep, slices, pass } = create(["unfinished", "unfinished", "done", "throws", "elsewhere"]);
    upkeep.start();
    upkeep.start();
    await pass(MINUTE - 1);
    expect(slices).toHaveLength(0);
    await pass(1);
    expect(slices).toHaveLength(1);
    await pass(2000);
    expect(slices).toHaveLength(3);
    expect(upkeep.counters()).toEqual({ cleanUps: 1, failedCleanUps: 0 });
    await pass(HOUR);
    expect(upkeep.counters()).toEqual({ cleanUps: 1, failedCleanUps: 1 });
    await pass(HOUR);
    expect(slices).toHaveLength(5);
  });

  it("ends where it is told to", async () => {
    const { upkeep, slices, pass } = create(["unfinished"]);
    upkeep.start();
    await pass(MINUTE);
    await upkeep.stop();
    await pass(2 * HOUR);
    expect(slices).toHaveLength(1);
  });
});
