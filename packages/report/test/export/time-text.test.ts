import fc from "fast-check";
import { expect, it } from "vitest";
import { createTimeText } from "../../src/export/time-text.ts";

const GREATEST = 8.64e15;

it("tells every time as Date does, whatever came before it", () => {
  const near = fc.integer({ min: -200_000, max: 200_000 });
  const any = fc.integer({ min: -GREATEST, max: GREATEST });
  fc.assert(
    fc.property(fc.array(fc.oneof(near, any), { minLength: 1, maxLength: 20 }), (times) => {
      const timeText = createTimeText();
      for (const millis of times) expect(timeText(millis)).toBe(new Date(millis).toISOString());
    }),
  );
});

it("refuses what is no time, and goes on", () => {
  const timeText = createTimeText();
  expect(() => timeText(GREATEST + 1)).toThrow(RangeError);
  expect(() => timeText(Number.NaN)).toThrow(RangeError);
  expect(timeText(0)).toBe("1970-01-01T00:00:00.000Z");
});
