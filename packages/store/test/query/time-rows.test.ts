/** Rows of a time series: their order, and what stands in the gaps. */
import { describe, expect, it } from "vitest";
import { toTimeRows } from "../../src/query/time-rows.ts";

const buckets = [0, 1, 2, 3].map((i) => ({ label: `hour ${i}`, startMillis: i * 10, endMillis: i * 10 + 10 }));
const empty = { value: undefined, count: 0, relativeError: 0 };
const measured = (value: number) => ({ value, count: 1, relativeError: 0 });
const brief = (rows: ReturnType<typeof toTimeRows>) => rows.map(({ label, agent, value }) => [label, agent, value]);

/** Cells as readers find them: in no order, one of them without facts. */
const cells = [
  { bucket: 2, group: 7, key: ["zoe"] },
  { bucket: 1, group: 7, key: ["zoe"] },
  { bucket: 3, group: 2, key: ["ida"] },
  { bucket: 2, group: 3, key: ["amy"] },
];
const values = [measured(1), measured(2), empty, measured(3)];

describe("rows of a time series", () => {
  it("are ordered by bucket, then by group, and leave out what has no facts", () => {
    const gaps = { isFilled: false, hasRange: true, empty };
    expect(brief(toTimeRows(cells, values, buckets, ["agent"], gaps))).toEqual([
      ["hour 1", "zoe", 2],
      ["hour 2", "amy", 3],
      ["hour 2", "zoe", 1],
    ]);
  });

  it("fill the whole range when one was given, for every group with facts", () => {
    const gaps = { isFilled: true, hasRange: true, empty };
    expect(brief(toTimeRows(cells, values, buckets, ["agent"], gaps))).toEqual([
      ["hour 0", "amy", undefined],
      ["hour 0", "zoe", undefined],
      ["hour 1", "amy", undefined],
      ["hour 1", "zoe", 2],
      ["hour 2", "amy", 3],
      ["hour 2", "zoe", 1],
      ["hour 3", "amy", undefined],
      ["hour 3", "zoe", undefined],
    ]);
  });

  it("fill what lies between the first and the last facts when no range was given", () => {
    const gaps = { isFilled: true, hasRange: false, empty };
    const filled = toTimeRows(cells, values, buckets, ["agent"], gaps);
    expect(filled.map(({ label }) => label)).toEqual(["hour 1", "hour 1", "hour 2", "hour 2"]);
  });

  it("fill a range without any facts only when nothing is grouped", () => {
    const gaps = { isFilled: true, hasRange: true, empty: { ...empty, value: 0 } };
    expect(toTimeRows([], [], buckets, ["agent"], gaps)).toEqual([]);
    expect(toTimeRows([], [], buckets, [], gaps)).toEqual(buckets.map((bucket) => ({ ...bucket, value: 0, count: 0 })));
    expect(toTimeRows([], [], buckets, [], { ...gaps, hasRange: false })).toEqual([]);
  });
});
