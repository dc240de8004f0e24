/** What may be deleted, whatever the clock says. */
import { DAY_MILLIS } from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isMaintenanceDue,
  MIN_KEPT_DAYS,
  planSizeCut,
  planWatermark,
  referenceMillis,
} from "../../src/maintenance/plan-retention.ts";
import { resolveStoreSettings } from "../../src/maintenance/settings.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const DAY = NOW / DAY_MILLIS;

describe("the moment that ages are counted from", () => {
  it("is the earliest of clock, last clock and newest fact", () => {
    const times = [NOW, NOW + 5, NOW + 9];
    for (const [a, b, c] of [
      [0, 1, 2],
      [1, 0, 2],
      [2, 1, 0],
    ] as const) {
      const evidence = { nowMillis: times[a] ?? 0, lastRunMillis: times[b], newestMillis: times[c] };
      expect(referenceMillis(evidence)).toBe(NOW);
    }
  });

  it("does not exist before the second run, or in an empty store", () => {
    expect(referenceMillis({ nowMillis: NOW, lastRunMillis: undefined, newestMillis: NOW })).toBeUndefined();
    expect(referenceMillis({ nowMillis: NOW, lastRunMillis: NOW, newestMillis: undefined })).toBeUndefined();
  });

  it("never lies behind the true time when one clock reading is right, so nothing fresh goes", () => {
    const wrong = fc.integer({ min: -4_000, max: 4_000 }).map((days) => days * DAY_MILLIS);
    fc.assert(
      fc.property(
        wrong,
        wrong,
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 500 }),
        (a, b, right, keep) => {
          const readings = [NOW + a, NOW + b, NOW + a];
          readings[right] = NOW;
          const [nowMillis = NOW, lastRunMillis, newestMillis] = readings;
          const reference = referenceMillis({ nowMillis, lastRunMillis, newestMillis });
          const watermark = planWatermark(undefined, reference, keep) ?? 0;
          expect(watermark).toBeLessThanOrEqual(Math.floor(DAY) - keep);
        },
      ),
    );
  });
});

describe("the watermark", () => {
  it("leaves whole days and never moves back", () => {
    expect(planWatermark(undefined, NOW, 400)).toBe(Math.floor(DAY) - 400);
    expect(planWatermark(30_000, NOW, 400)).toBe(30_000);
    expect(planWatermark(5, undefined, 400)).toBe(5);
    expect(planWatermark(undefined, DAY_MILLIS, 400)).toBeUndefined();
  });
});

describe("maintenance", () => {
  it("is due at first, after a day, and after a clock that was set back", () => {
    expect(isMaintenanceDue(NOW, undefined)).toBe(true);
    expect(isMaintenanceDue(NOW, NOW - DAY_MILLIS)).toBe(true);
    expect(isMaintenanceDue(NOW, NOW + DAY_MILLIS)).toBe(true);
    expect(isMaintenanceDue(NOW, NOW - DAY_MILLIS + 1)).toBe(false);
  });
});

describe("the size limit", () => {
  const evidence = {
    usedBytes: 200,
    maxBytes: 100,
    oldestSeriesDay: 10,
    oldestLedgerDay: 5,
    referenceDay: 100,
  };

  it("takes points first, then the oldest day of the ledger", () => {
    expect(planSizeCut(evidence)).toEqual({ kind: "series", beforeDay: 11 });
    expect(planSizeCut({ ...evidence, oldestSeriesDay: undefined })).toEqual({ kind: "ledger", beforeDay: 6 });
  });

  it("takes nothing when the data fits, when there is no limit, or when the time is not certain", () => {
    expect(planSizeCut({ ...evidence, usedBytes: 100 })).toBeUndefined();
    expect(planSizeCut({ ...evidence, maxBytes: undefined })).toBeUndefined();
    expect(planSizeCut({ ...evidence, referenceDay: undefined })).toBeUndefined();
  });

  it("leaves the last days, however small it is", () => {
    const young = { ...evidence, oldestSeriesDay: 100 - MIN_KEPT_DAYS, oldestLedgerDay: 100 - MIN_KEPT_DAYS };
    expect(planSizeCut(young)).toBeUndefined();
  });
});

describe("settings", () => {
  it("have the defaults of the PRD, frozen", () => {
    const settings = resolveStoreSettings({ retention: undefined });
    expect(settings).toMatchObject({
      retention: { detailedDays: 7, hourlyDays: 30, dailyDays: 90, ledgerDays: 400 },
      compression: { minAgeDays: 7 },
      maxBytes: undefined,
      reserve: { bytes: 16_777_216, minFreeBytes: 1_000_000_000 },
      minFreeBytes: 100_000_000,
    });
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.retention)).toBe(true);
  });

  it.each([
    [{ retention: { ledgerDays: 0 } }, "retention.ledgerDays is 0. Give a whole number from 1."],
    [{ retention: { hourlyDays: 3 } }, "retention.hourlyDays is 3, less than retention.detailedDays (7)"],
    [{ retention: { dailyDays: 20 } }, "retention.dailyDays is 20, less than retention.hourlyDays (30)"],
    [{ compression: { minAgeDays: 1.5 } }, "compression.minAgeDays is 1.5"],
    [{ maxBytes: 10 }, "maxBytes is 10. Give a whole number from 1000000."],
    [{ reserve: { bytes: -1 } }, "reserve.bytes is -1"],
    [{ minFreeBytes: Number.NaN }, "minFreeBytes is NaN"],
  ])("%j are refused", (options, message) => {
    expect(() => resolveStoreSettings(options)).toThrow(message);
  });
});
