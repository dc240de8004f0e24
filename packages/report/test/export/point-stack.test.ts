import { expect, it } from "vitest";
import { createPointStack } from "../../src/export/point-stack.ts";

it.each([0, 1, 4_095, 4_096, 4_097, 10_000])("gives back %d points, the last one first", (count) => {
  const stack = createPointStack();
  for (let i = 0; i < count; i++) stack.push(i / 2, 1_700_000_000_000 + i);
  const points = [...stack.lastFirst()];
  expect(points).toHaveLength(count);
  expect(points).toEqual(Array.from({ length: count }, (_, i) => [i / 2, 1_700_000_000_000 + i]).reverse());
});
