import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseTimestamp } from "../../src/jsonl/timestamp.ts";

function parse(text: string): number | undefined {
  const bytes = Buffer.from(`x${text}y`);
  return parseTimestamp(bytes, 1, bytes.length - 1);
}

describe("timestamps", () => {
  it("are read to the millisecond", () => {
    const anyTime = fc.date({
      min: new Date("2000-01-01T00:00:00Z"),
      max: new Date("2099-12-31T23:59:59.999Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(anyTime, (time) => {
        expect(parse(time.toISOString())).toBe(time.getTime());
      }),
    );
  });

  it("may have other precisions and offsets", () => {
    expect(parse("2026-11-22T07:37:34Z")).toBe(Date.UTC(2026, 10, 22, 7, 37, 34));
    expect(parse("2026-11-22T16:37:34.5+09:00")).toBe(Date.UTC(2026, 10, 22, 7, 37, 34, 500));
  });

  it("may leave out seconds, but not the zone", () => {
    expect(parse("2026-11-22T07:37Z")).toBe(Date.UTC(2026, 10, 22, 7, 37));
    expect(parse("2026-11-22T07:37:34.362-00:30")).toBe(Date.UTC(2026, 10, 22, 8, 7, 34, 362));
  });

  it.each([
    "2026-11-22T07:37",
    "2026-11-22T07:37:34",
    "2026-11-22T07:37:34.362",
    "2026-11-22T07:37:34.362000",
    "2026-11-22T07:37:34 GMT",
    "2026-11-22T07:37:34+0900",
    "",
    "2026-11-22",
    "Sun Nov 22 2026 07:37:34",
    "2026-11-22T07:37:34.36xZ",
    "2026-11-22T07:37:34.362z",
    "2026_11-22T07:37:34.362Z",
    "2026-00-22T07:37:34.362Z",
    "2026-11-32T07:37:34.362Z",
    "2026-11-22T24:00:00.000Z",
    "2026-11-22T07:60:34.362Z",
    "2026-11-22T07:37:60.362Z",
    "1999-12-31T23:59:59.999Z",
    "2100-01-01T00:00:00.000Z",
    "9999-12-31T23:59:59.999Z",
    "2026-11-22T07:37:34.3620000000000000000000000000000Z",
  ])("%j is none", (text) => {
    expect(parse(text)).toBeUndefined();
  });
});
