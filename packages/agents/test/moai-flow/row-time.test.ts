/** Times as Python and SQLite write them, read as moments. */
import { createZoneCalendar } from "@moai-metrics/model";
import { describe, expect, it } from "vitest";
import { parseRowTime } from "../../src/moai-flow/row-time.ts";

const SEOUL = createZoneCalendar("Asia/Seoul");
const NEW_YORK = createZoneCalendar("America/New_York");

function momentOf(text: unknown, calendar = SEOUL): string | undefined {
  const time = parseRowTime(text, calendar);
  return time === undefined ? undefined : `${new Date(time.millis).toISOString()}+${time.micros}`;
}

describe("a timestamp of MoAI-Flow", () => {
  it.each([
    ["2025-11-30T14:05:09.123456", "2025-11-30T05:05:09.123Z+456"],
    ["2025-11-30T14:05:09", "2025-11-30T05:05:09.000Z+0"],
    ["2025-11-30T14:05", "2025-11-30T05:05:00.000Z+0"],
    ["2025-11-30 14:05:09.5", "2025-11-30T05:05:09.500Z+0"],
  ])("%s is local time", (text, moment) => {
    expect(momentOf(text)).toBe(moment);
  });

  it("that SQLite set by itself is UTC", () => {
    expect(momentOf("2025-11-30 05:05:09")).toBe("2025-11-30T05:05:09.000Z+0");
  });

  it.each([
    ["2025-11-30T14:05:09.123456+09:00", "2025-11-30T05:05:09.123Z+456"],
    ["2025-11-30T00:05:09-05:30", "2025-11-30T05:35:09.000Z+0"],
    ["2025-11-30T05:05:09Z", "2025-11-30T05:05:09.000Z+0"],
  ])("%s says its offset itself", (text, moment) => {
    expect(momentOf(text, NEW_YORK)).toBe(moment);
  });

  it("that clocks showed twice is the first of the two moments, as Python takes it", () => {
    expect(momentOf("2025-11-02T01:30:00", NEW_YORK)).toBe("2025-11-02T05:30:00.000Z+0");
    expect(momentOf("2025-11-02T02:30:00", NEW_YORK)).toBe("2025-11-02T07:30:00.000Z+0");
  });

  it("that clocks leapt over lies behind the leap", () => {
    expect(momentOf("2026-03-08T02:30:00", NEW_YORK)).toBe("2026-03-08T07:30:00.000Z+0");
  });

  it.each(["", "yesterday", "2025-02-30T10:00:00", "2025-11-30", "2025-13-01T10:00:00", 1_764_479_109, null])(
    "%j is not understood",
    (text) => {
      expect(momentOf(text)).toBeUndefined();
    },
  );
});
