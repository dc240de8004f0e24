/** Summaries on disk, and the arithmetic behind them. */
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { createSeriesIndex } from "../../src/series/series-index.ts";
import { mergeDistributions } from "../../src/series/summary/distributions.ts";
import { decodeSummaries, encodeSummaries, type SummaryRecord } from "../../src/series/summary/encode.ts";
import { add, subtract } from "../../src/series/summary/exact-sum.ts";
import { firstGap, insertSummaries, readSummaries, summaryHeads } from "../../src/series/summary/rows.ts";
import { createSummarizer, joinSummaries } from "../../src/series/summary/summarize.ts";
import type { ExponentialHistogramValue, PointValue, SeriesIdentity, SeriesPoint } from "../../src/series/types.ts";
import { temporaryStore } from "../helpers.ts";

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const shortest = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);
const integer = int64.map(shortest);
const double = fc.double({ noNaN: true });
const any = fc.oneof(integer, double, fc.bigInt({ min: 2n ** 63n, max: 2n ** 70n }), fc.constantFrom(0, -0));

const distribution: fc.Arbitrary<PointValue & { kind: "histogram" }> = fc.record({
  kind: fc.constant("histogram" as const),
  count: fc.nat(),
  sum: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined }),
  min: fc.constant(undefined),
  max: fc.constant(undefined),
  bounds: fc.constant([1]),
  counts: fc.constant([1, 2]),
});

function pointWith(value: fc.Arbitrary<PointValue>) {
  return fc.record({ startTimeUnixNano: int64, timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 62n }), value });
}
const numberPoint = (value: fc.Arbitrary<number | bigint>) =>
  pointWith(value.map((each): PointValue => ({ kind: "number", value: each })));

/** Left out where all points have one start. */
const startsWith = <T>(point: fc.Arbitrary<SeriesPoint>, growth: fc.Arbitrary<T>) =>
  fc.array(fc.record({ first: point, last: point, growth: fc.option(growth, { nil: undefined }) }), {
    minLength: 2,
    maxLength: 3,
  });

const summaryOf = (value: fc.Arbitrary<number | bigint>) =>
  fc.record(
    {
      kind: fc.constant("number" as const),
      points: fc.nat(),
      sum: value,
      min: value,
      max: value,
      first: numberPoint(value),
      last: numberPoint(value),
      increase: fc.option(value, { nil: undefined }),
      starts: startsWith(numberPoint(value), value),
    },
    { requiredKeys: ["kind", "points", "sum", "min", "max", "first", "last", "increase"] },
  );
const record: fc.Arbitrary<SummaryRecord> = fc.record({
  seriesId: fc.nat(),
  fromNano: fc.bigInt({ min: 0n, max: 2n ** 62n }),
  summary: fc.oneof(
    summaryOf(integer),
    summaryOf(double),
    summaryOf(any),
    fc.record(
      {
        kind: fc.constant("distribution" as const),
        points: fc.nat(),
        merged: fc.option(distribution, { nil: undefined }),
        first: pointWith(distribution),
        last: pointWith(distribution),
        starts: startsWith(pointWith(distribution), distribution),
      },
      { requiredKeys: ["kind", "points", "merged", "first", "last"] },
    ),
  ),
});

describe("summaries", () => {
  it("come back from their blob as they went in", () => {
    const byKey = (records: readonly SummaryRecord[]): Map<number, SummaryRecord> =>
      new Map(records.map((each) => [each.seriesId, each]));
    fc.assert(
      fc.property(fc.uniqueArray(record, { selector: ({ seriesId }) => seriesId, maxLength: 12 }), (records) => {
        expect(byKey(decodeSummaries(encodeSummaries(records)))).toEqual(byKey(records));
      }),
      { numRuns: 300 },
    );
  });

  it("that were changed in the file are an error that names them, never a number", () => {
    const database = new Database(temporaryStore().path);
    onTestFinished(() => {
      database.close();
    });
    insertSummaries(database, "hour", 20_400, { first: 0, last: 7 }, []);
    const [head] = summaryHeads(database, "hour", 20_400, 20_400);
    if (head === undefined) throw new Error("not found");
    expect(readSummaries(database, "hour", head)).toEqual([]);
    expect(() => readSummaries(database, "hour", { ...head, last: 8 })).toThrow(
      /checksum of summary 1 \(hours of 2025-11-08\) of series 0 to 8/,
    );
    expect(() => readSummaries(database, "hour", { ...head, id: 9 })).toThrow("checksum of summary 9");
    database.prepare("UPDATE series_summary SET codec = 2").run();
    expect(() => readSummaries(database, "hour", head)).toThrow("Upgrade moai-metrics");
  });

  it("cover a day when their ranges leave no gap", () => {
    const last = Number.MAX_SAFE_INTEGER;
    expect(firstGap([])).toEqual({ first: 0, last });
    expect(firstGap([{ first: 3, last: 9 }])).toEqual({ first: 0, last: 2 });
    expect(firstGap([{ first: 0, last: 9 }])).toEqual({ first: 10, last });
    expect(
      firstGap([
        { first: 0, last: 9 },
        { first: 10, last },
      ]),
    ).toBeUndefined();
  });

  it("of numbers and of distributions do not go together", () => {
    const identity = { kind: "gauge", temporality: "none", isMonotonic: false } as const;
    const summarize = (value: PointValue) => {
      const summarizer = createSummarizer(identity, 10n);
      summarizer.add({ startTimeUnixNano: 0n, timeUnixNano: -5n, value });
      const [bucket] = summarizer.buckets();
      expect(bucket?.fromNano).toBe(-10n);
      if (bucket === undefined) throw new Error("empty");
      return bucket.summary;
    };
    const [number, histogram] = [
      summarize({ kind: "number", value: 1 }),
      summarize({ kind: "histogram", count: 1, sum: 1, min: 1, max: 1, bounds: [], counts: [1] }),
    ];
    expect(() => joinSummaries(identity, number, histogram)).toThrow("numbers and distributions");
  });
});

describe("sums", () => {
  it("of integers are exact, of any size", () => {
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        expect(BigInt(add(a, b))).toBe(BigInt(a) + BigInt(b));
        expect(BigInt(subtract(a, b))).toBe(BigInt(a) - BigInt(b));
      }),
    );
    expect(add(2 ** 53 - 1, 2)).toBe(2n ** 53n + 1n);
  });

  it("with a double are doubles", () => {
    expect(add(2n ** 60n, 0.5)).toBe(2 ** 60);
    expect(add(0.25, 0.5)).toBe(0.75);
    expect(subtract(Number.POSITIVE_INFINITY, 1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("exponential histograms", () => {
  const histogram = (scale: number, offset: number, counts: number[]): ExponentialHistogramValue => ({
    kind: "exponential_histogram",
    count: counts.reduce((sum, each) => sum + each, 0),
    sum: undefined,
    min: undefined,
    max: undefined,
    scale,
    zeroCount: 0,
    positive: { offset, counts },
    negative: { offset: 0, counts: [] },
  });

  it("are merged at the lower scale: each two buckets become one", () => {
    expect(mergeDistributions(histogram(1, -3, [1, 2, 3, 4]), histogram(0, 0, [10]))).toMatchObject({
      scale: 0,
      count: 20,
      positive: { offset: -2, counts: [1, 5, 14] },
    });
  });

  it("far apart keep a bounded number of buckets and every count", () => {
    const merged = mergeDistributions(histogram(20, -900_000_000, [3]), histogram(20, 900_000_000, [4]));
    if (merged.kind !== "exponential_histogram") throw new Error(merged.kind);
    expect(merged.positive.counts.length).toBeLessThanOrEqual(320);
    expect(merged.positive.counts.filter((each) => each > 0)).toEqual([3, 4]);
  });

  it("do not go together with explicit bounds, but their counts do", () => {
    const explicit = { kind: "histogram", count: 2, sum: 1, min: 0, max: 1, bounds: [1], counts: [2, 0] } as const;
    expect(mergeDistributions(histogram(0, 0, [5]), explicit)).toMatchObject({
      bounds: [],
      counts: [7],
      sum: undefined,
    });
  });
});

describe("the index of series", () => {
  it("finds series by attributes of any kind", () => {
    const store = temporaryStore();
    const database = new Database(store.path);
    onTestFinished(() => {
      database.close();
    });
    const identity: SeriesIdentity = {
      metric: "m",
      kind: "gauge",
      unit: "",
      description: "",
      temporality: "none",
      isMonotonic: false,
      valueType: "double",
      attributes: { list: ["a", 1], text: "1", flag: true },
      resource: { name: "r" },
      scope: { name: "", version: "" },
    };
    const point = { startTimeUnixNano: 0n, timeUnixNano: 1n, value: { kind: "number", value: 1 } } as const;
    store.writePoints({ series: [{ identity, points: [point] }] });
    const index = createSeriesIndex(database);
    const finds = (attributes: SeriesIdentity["attributes"], resource = {}): boolean =>
      index.find({ metric: "m", attributes, resource }).length === 1;
    expect(finds({ list: ["a", 1] }, { name: "r" })).toBe(true);
    expect(finds({ list: ["a", 2] })).toBe(false);
    expect(finds({ text: 1 })).toBe(false);
    expect(finds({ toString: "x" })).toBe(false);
    expect(() => index.identityOf(99)).toThrow("series 99");
  });
});
