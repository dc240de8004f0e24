import { expect, it } from "vitest";
import { ALL_LOST, planRecovery } from "../../src/rollup/lost-extremes.ts";

it("reads neighbours that lost extremes together, and apart from those of which all is lost", () => {
  const untold = new Map([
    [12, 0b100],
    [10, 0b001],
    [11, 0b011],
    [14, 0b001],
    [15, ALL_LOST],
    [16, ALL_LOST],
    [17, 0b010],
  ]);
  expect(planRecovery(untold)).toEqual([
    { from: 10, behind: 13, lost: 0b111 },
    { from: 14, behind: 15, lost: 0b001 },
    { from: 15, behind: 17, lost: ALL_LOST },
    { from: 17, behind: 18, lost: 0b010 },
  ]);
  expect(planRecovery(new Map())).toEqual([]);
});
