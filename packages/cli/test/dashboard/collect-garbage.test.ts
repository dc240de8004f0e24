import { getHeapStatistics } from "node:v8";
import { expect, it } from "vitest";
import { createGarbageCollection } from "../../src/dashboard/live/collect-garbage.ts";

it("collects what was left behind, and nothing while there is little", () => {
  const used = (): number => getHeapStatistics().used_heap_size;
  const collect = createGarbageCollection();
  const holder: { kept?: object[] } = { kept: Array.from({ length: 500_000 }, (_, i) => ({ i })) };
  const full = used();
  delete holder.kept;
  collect();
  const left = used();
  expect(left).toBeLessThan(full - 10_000_000);
  collect();
  expect(used()).toBeGreaterThanOrEqual(left);
});
