import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatChange,
  formatCost,
  formatCount,
  formatDuration,
  formatPercent,
  formatPointChange,
} from "../../src/render/numbers.ts";

describe("a count", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [2415, "2,415"],
    [9999, "9,999"],
    [10_000, "10.0K"],
    [12_345, "12.3K"],
    [99_949, "99.9K"],
    [99_951, "100K"],
    [450_000, "450K"],
    [999_499, "999K"],
    [999_950, "1.0M"],
    [45_600_000, "45.6M"],
    [1_234_567_890, "1.2B"],
    [7e12, "7.0T"],
    [1_234e12, "1,234T"],
  ])("of %d reads %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it("of less than a thousand trillion never takes more than six characters", () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 999_000_000_000_000 }), (count) => formatCount(count).length <= 6));
  });

  it("never reads smaller than a smaller count", () => {
    const units = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };
    const parse = (text: string): number => {
      const unit = Object.entries(units).find(([name]) => text.endsWith(name));
      return Number.parseFloat(text.replaceAll(",", "")) * (unit?.[1] ?? 1);
    };
    const count = fc.integer({ min: 0, max: 999_000_000_000_000 });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        expect(parse(formatCount(less))).toBeLessThanOrEqual(parse(formatCount(more)));
      }),
    );
  });
});

describe("a cost", () => {
  it.each([
    [0, "$0.00"],
    [0.000_001, "<$0.01"],
    [0.0663, "$0.07"],
    [12.345, "$12.35"],
    [999.99, "$999.99"],
    [999.996, "$1,000"],
    [54_321.5, "$54,322"],
    [99_999.9, "$100K"],
  ])("of %d dollars reads %s", (dollars, text) => {
    expect(formatCost(dollars)).toBe(text);
  });
});

describe("a duration", () => {
  it.each([
    [0, "0ms"],
    [850, "850ms"],
    [12_345, "12.3s"],
    [59_949, "59.9s"],
    [59_950, "1m 00s"],
    [245_000, "4m 05s"],
    [3_599_600, "1h 00m"],
    [7_500_000, "2h 05m"],
    [86_399_000, "1d 00h"],
    [3 * 86_400_000 + 4 * 3_600_000, "3d 04h"],
  ])("of %d ms reads %s", (millis, text) => {
    expect(formatDuration(millis)).toBe(text);
  });
});

describe("a share", () => {
  it.each([
    [0, "0%"],
    [0.001, "<1%"],
    [0.89, "89%"],
    [0.999, ">99%"],
    [1, "100%"],
  ])("of %d reads %s", (share, text) => {
    expect(formatPercent(share)).toBe(text);
  });

  it("shows its change with an arrow, in percent or points", () => {
    expect(formatChange(0.124)).toBe("▲ 12%");
    expect(formatChange(-0.05)).toBe("▼ 5%");
    expect(formatChange(0.001)).toBe("= 0%");
    expect(formatChange(40)).toBe("▲ >999%");
    expect(formatPointChange(-0.03)).toBe("▼ 3 pp");
  });
});
