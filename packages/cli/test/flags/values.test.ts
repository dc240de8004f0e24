import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import {
  parseCount,
  parseDay,
  parseDimensions,
  parseNames,
  parseNamesOrUnknown,
  parseTime,
  parseTimeZone,
  parseWeekday,
} from "../../src/flags/values.ts";

describe("a day", () => {
  it.each([
    ["2026-11-22", { kind: "date", date: "2026-11-22" }],
    ["20261122", { kind: "date", date: "2026-11-22" }],
    ["2024-02-29", { kind: "date", date: "2024-02-29" }],
    ["7d", { kind: "relative", days: 7 }],
    ["0D", { kind: "relative", days: 0 }],
  ])("can be written as %s", (text, day) => {
    expect(parseDay(text)).toEqual(day);
  });

  it.each(["yesterday", "2026-02-30", "2026-13-01", "22.11.2026", "7", "-7d", "99999d", "", "2026-1-1"])(
    "cannot be written as %j",
    (text) => {
      expect(() => parseDay(text)).toThrow(/YYYY-MM-DD, YYYYMMDD, or 7d/);
    },
  );
});

describe("a time", () => {
  it.each([
    ["2026-11-22", { kind: "date", date: "2026-11-22" }],
    ["2026-11-22T16:30:00Z", { kind: "moment", millis: Date.UTC(2026, 10, 22, 16, 30) }],
    ["2026-11-22T16:30:05.250Z", { kind: "moment", millis: Date.UTC(2026, 10, 22, 16, 30, 5, 250) }],
    ["2026-11-22T16:30+09:00", { kind: "moment", millis: Date.UTC(2026, 10, 22, 7, 30) }],
  ])("can be written as %s", (text, time) => {
    expect(parseTime(text)).toEqual(time);
  });

  it.each(["2026-11-22T16:30", "2026-02-30T16:30Z", "2026-11-22T25:30Z", "16:30", "now", ""])(
    "cannot be written as %j",
    (text) => {
      expect(() => parseTime(text)).toThrow(/2026-11-22T16:30:00Z/);
    },
  );
});

describe("the other flags", () => {
  it("accept what they say they accept", () => {
    expect(parseCount("12")).toBe(12);
    expect(parseTimeZone("Asia/Seoul")).toBe("Asia/Seoul");
    expect(parseWeekday("Sunday")).toBe("sunday");
    expect(parseNames("a, b,", ["z"])).toEqual(["z", "a", "b"]);
    expect(parseNamesOrUnknown("a, b,", ["z"])).toEqual(["z", "a", "b"]);
    expect(parseNamesOrUnknown(" ", ["z"])).toEqual(["z", ""]);
    expect(parseDimensions("agent,model")).toEqual(["agent", "model"]);
  });

  it.each([
    [() => parseCount("0"), /whole number from 1/],
    [() => parseCount("1.5"), /whole number from 1/],
    [() => parseTimeZone("Mars/Olympus"), /IANA zone such as/],
    [() => parseWeekday("someday"), /monday, tuesday/],
    [() => parseNames(" , "), /one name, or several/],
    [() => parseDimensions("agent,task"), /one or more of product, project, agent, model/],
  ])("name what is accepted otherwise (%#)", (parse, message) => {
    expect(parse).toThrow(InvalidArgumentError);
    expect(parse).toThrow(message);
  });
});
