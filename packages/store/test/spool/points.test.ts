import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeSpoolFile,
  encodeSpoolFile,
  type PointBatch,
  type PointValue,
  type SeriesIdentity,
  writeSpoolFile,
} from "../../src/index.ts";

const attributes = fc.dictionary(
  fc.string(),
  fc.oneof(fc.string(), fc.boolean(), fc.integer(), fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)))),
  { noNullPrototype: true },
);
const identity: fc.Arbitrary<SeriesIdentity> = fc.record({
  metric: fc.string(),
  kind: fc.constantFrom("sum", "gauge", "histogram", "exponential_histogram"),
  unit: fc.string(),
  description: fc.string(),
  temporality: fc.constantFrom("delta", "cumulative", "none"),
  isMonotonic: fc.boolean(),
  valueType: fc.constantFrom("int", "double"),
  attributes,
  resource: attributes,
  scope: fc.record({ name: fc.string(), version: fc.string() }),
});
const summary = {
  count: fc.nat(),
  sum: fc.option(fc.double(), { nil: undefined }),
  min: fc.option(fc.double(), { nil: undefined }),
  max: fc.option(fc.double(), { nil: undefined }),
};
const buckets = fc.record({ offset: fc.integer(), counts: fc.array(fc.nat()) });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const value: fc.Arbitrary<PointValue> = fc.oneof(
  fc.record({ kind: fc.constant("number" as const), value: fc.oneof(fc.double(), fc.integer(), int64) }),
  fc.record({
    kind: fc.constant("histogram" as const),
    ...summary,
    bounds: fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }).filter((bound) => !Object.is(bound, -0))),
    counts: fc.array(fc.nat()),
  }),
  fc.record({
    kind: fc.constant("exponential_histogram" as const),
    ...summary,
    scale: fc.integer(),
    zeroCount: fc.nat(),
    positive: buckets,
    negative: buckets,
  }),
);
const batch: fc.Arbitrary<PointBatch> = fc.record({
  series: fc.array(
    fc.record({
      identity,
      points: fc.array(fc.record({ startTimeUnixNano: int64, timeUnixNano: int64, value }), { maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

describe("points in a spool file", () => {
  it("come back as they were: 64-bit integers, infinities, negative zero, what is not a number", () => {
    fc.assert(
      fc.property(batch, (points) => {
        expect(decodeSpoolFile(encodeSpoolFile([], points))).toEqual({
          facts: [],
          points,
          invalid: 0,
          invalidPoints: 0,
        });
      }),
      { numRuns: 500 },
    );
  });

  it("make the file one of format 2; without points it stays one that older versions read", () => {
    const [one] = fc.sample(batch, { numRuns: 1, seed: 1 });
    expect(JSON.parse(encodeSpoolFile([], one))).toMatchObject({ version: 2 });
    expect(JSON.parse(encodeSpoolFile([]))).toEqual({ version: 1, facts: [] });
    expect(decodeSpoolFile('{"version":1,"facts":[],"points":[7]}')).toMatchObject({ points: { series: [] } });
    expect(decodeSpoolFile('{"version":2,"facts":[]}')).toBeUndefined();
  });

  it("are counted where they are none, without touching their neighbours", () => {
    const series = {
      identity: {
        metric: "m",
        kind: "sum",
        unit: "",
        description: "",
        temporality: "delta",
        isMonotonic: true,
        valueType: "int",
        attributes: {},
        resource: {},
        scope: { name: "", version: "" },
      },
      points: [["0", "1", 7]],
    };
    const histogram = { kind: "histogram", count: 1, bounds: [], counts: [1] };
    const exponential = {
      kind: "exponential_histogram",
      count: 1,
      scale: 0,
      zeroCount: 0,
      positive: { offset: 0, counts: [] },
      negative: { offset: 0, counts: [] },
    };
    const badPoints = [
      null,
      ["0"],
      [0, 1, 7],
      ["0", "x", 7],
      ["0", "1", "seven"],
      ["0", "1", null],
      ["0", "1", { kind: "histogram" }],
      ["0", "1", { ...histogram, counts: ["1"] }],
      ["0", "1", { ...exponential, scale: "0" }],
      ["0", "1", { ...exponential, negative: null }],
      ["0", "1", { ...exponential, kind: "other" }],
    ];
    const badSeries = [
      7,
      null,
      {},
      { ...series, points: {} },
      { ...series, identity: { ...series.identity, kind: "other" } },
      { ...series, identity: { ...series.identity, metric: 1 } },
      { ...series, identity: { ...series.identity, attributes: { nested: {} } } },
      { ...series, identity: { ...series.identity, scope: null } },
    ];
    const text = JSON.stringify({
      version: 2,
      facts: [],
      points: [...badSeries, { ...series, points: [...badPoints, ...series.points, ["0", "2", histogram]] }],
    });
    const decoded = decodeSpoolFile(text);
    expect(decoded?.invalidPoints).toBe(badSeries.length + badPoints.length);
    expect(decoded?.points.series.flatMap(({ points }) => points)).toEqual([
      { startTimeUnixNano: 0n, timeUnixNano: 1n, value: { kind: "number", value: 7 } },
      {
        startTimeUnixNano: 0n,
        timeUnixNano: 2n,
        value: { ...histogram, sum: undefined, min: undefined, max: undefined },
      },
    ]);
  });

  it("are written with their file, also when it has to survive a power cut", () => {
    const folder = mkdtempSync(join(tmpdir(), "spool-"));
    const [points] = fc.sample(batch, { numRuns: 1, seed: 2 });
    const path = writeSpoolFile(folder, [], { points, isSynced: true });
    expect(decodeSpoolFile(readFileSync(path, "utf8"))?.points).toEqual(points);
  });
});
