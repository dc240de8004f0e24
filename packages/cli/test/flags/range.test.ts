import { createZoneCalendar, DAY_MILLIS } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { resolveRange } from "../../src/flags/range.ts";
import { parseDay } from "../../src/flags/values.ts";

const NOW = Date.UTC(2026, 10, 22, 12);
const SEOUL = createZoneCalendar("Asia/Seoul");
const UTC = createZoneCalendar("UTC");

function days(flags: Record<string, unknown>, lastUnit?: "day" | "week" | "month"): string | undefined {
  const range = resolveRange(flags, { calendar: UTC, nowMillis: NOW, lastUnit });
  return range && `${UTC.dateOf(range.startMillis)}..${UTC.dateOf(range.endMillis - 1)}`;
}

describe("a range", () => {
  it("is everything without flags", () => {
    expect(days({})).toBeUndefined();
    expect(days({ last: 3 })).toBeUndefined();
  });

  it.each([
    [{ since: parseDay("7d") }, "2026-11-16..2026-11-22"],
    [{ since: parseDay("14d"), until: parseDay("7d") }, "2026-11-09..2026-11-15"],
    [{ since: parseDay("0d") }, "2026-11-22..2026-11-22"],
    [{ since: parseDay("2026-11-01"), until: parseDay("20261103") }, "2026-11-01..2026-11-03"],
    [{ until: parseDay("2026-11-03") }, "1970-01-02..2026-11-03"],
    [{ since: parseDay("36500d") }, "1970-01-02..2026-11-22"],
  ])("of %j is inclusive days (%s)", (flags, expected) => {
    expect(days(flags)).toBe(expected);
  });

  it.each([
    ["day", "2026-11-20..2026-11-22"],
    ["week", "2026-11-02..2026-11-22"],
    ["month", "2026-09-01..2026-11-22"],
  ] as const)("of the last three %ss ends today", (unit, expected) => {
    expect(days({ last: 3 }, unit)).toBe(expected);
  });

  it("counts last weeks from the day on which the week starts, and narrows --since", () => {
    expect(days({ last: 1, startOfWeek: "sunday" }, "week")).toBe("2026-11-22..2026-11-22");
    expect(days({ last: 3, since: parseDay("2d") }, "day")).toBe("2026-11-21..2026-11-22");
  });

  it("begins and ends at the midnights of the zone", () => {
    const range = resolveRange({ since: parseDay("1d") }, { calendar: SEOUL, nowMillis: NOW });
    expect(range?.startMillis).toBe(Date.UTC(2026, 10, 21, 15));
    expect(range?.endMillis).toBe((range?.startMillis ?? 0) + DAY_MILLIS);
  });

  it("lies on quarter hours even where old midnights did not", () => {
    const range = resolveRange(
      { since: parseDay("1971-06-01"), until: parseDay("1971-06-01") },
      { calendar: createZoneCalendar("Africa/Monrovia"), nowMillis: NOW },
    );
    expect([range?.startMillis, range?.endMillis].map((millis) => (millis ?? 1) % 900_000)).toEqual([0, 0]);
  });

  it("that begins after today ends on its first day", () => {
    expect(days({ since: parseDay("2026-12-01") })).toBe("2026-12-01..2026-12-01");
  });

  it("that ends before it begins names both days", () => {
    const flags = { since: parseDay("2026-11-22"), until: parseDay("2026-11-01") };
    expect(() => days(flags)).toThrow(UsageError);
    expect(() => days(flags)).toThrow("--since 2026-11-22 lies after --until 2026-11-01");
  });
});
