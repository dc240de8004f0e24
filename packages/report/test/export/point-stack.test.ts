import fc from "fast-check";
import { expect, it } from "vitest";
import { createPointStack, type Datapoint } from "../../src/export/point-stack.ts";

it.each([0, 1, 4_095, 4_096, 4_097, 10_000])("gives back %d points, the last one first", (count) => {
  const points = Array.from({ length: count }, (_, i): Datapoint => [i, 1_700_000_000_000 - 60_000 * i]);
  expect(throughStack(points)).toEqual(points.toReversed());
});

it("gives back any points: fractions, great values, times in any order and years apart", () => {
  // Text knows no -0.
  const fraction = fc.double().map((each) => each + 0);
  const value = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER), fraction);
  const millis = fc.oneof(fc.nat({ max: 1_000 }), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.array(fc.tuple(value, millis), { maxLength: 50 }), (points) => {
      expect(throughStack(points)).toEqual(points.toReversed());
    }),
  );
});

function throughStack(points: readonly Datapoint[]): Datapoint[] {
  const stack = createPointStack();
  for (const [value, millis] of points) stack.push(value, millis);
  return [...stack.lastFirst()];
}
