/** Memory for what goes through many rows. */
import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

const LIMIT_HEAP = new URL("../../src/ledger/limit-heap.ts", import.meta.url).href;
/** Makes objects of which many live for a while, as pages of rows do, and tells how large the young generation was before and after. */
const PROGRAM = `
  import { getHeapSpaceStatistics } from "node:v8";
  import { limitHeapForRows } from ${JSON.stringify(LIMIT_HEAP)};
  const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size;
  if (process.argv[1] === "limited") limitHeapForRows(4 * 1024 * 1024);
  const before = young();
  let rows = [];
  for (let i = 0; i < 2_000_000; i++) {
    rows.push({ id: i, name: "row " + i });
    if (rows.length === 100_000) rows = [];
  }
  console.log(JSON.stringify([before, young()]));
`;

function youngBytes(how: "limited" | "unlimited"): readonly [number, number] {
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", PROGRAM, how], {
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return JSON.parse(stdout) as [number, number];
}

it("lets the young generation grow as far as it is told and no further", () => {
  const [before, after] = youngBytes("limited");
  expect(before).toBeGreaterThanOrEqual(4 * 1024 * 1024);
  expect(after).toBe(before);
  expect(youngBytes("unlimited")[1]).toBeGreaterThan(after);
});
