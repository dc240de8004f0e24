/** OpenTelemetry data points: kept once, given back exactly. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeIdentity, encodeIdentity } from "../src/series/identity.ts";
import type { PointValue, SeriesIdentity, SeriesPoint } from "../src/series/types.ts";
import { temporaryStore } from "./helpers.ts";

function identity(fields: Partial<SeriesIdentity> = {}): SeriesIdentity {
  return {
    metric: "moai.cost",
    kind: "sum",
    unit: "USD",
    description: "",
    temporality: "delta",
    isMonotonic: true,
    valueType: "double",
    attributes: { b: "2", a: "1" },
    resource: { "service.name": "test" },
    scope: { name: "scope", version: "1" },
    ...fields,
  };
}

const point = (value: PointValue, time = 2n): SeriesPoint => ({ startTimeUnixNano: 1n, timeUnixNano: time, value });
const number = (value: number | bigint): PointValue => ({ kind: "number", value });

describe("points", () => {
  it("written again are counted as repeated and stored once", () => {
    const store = temporaryStore();
    const batch = { series: [{ identity: identity(), points: [point(number(1.5)), point(number(2), 3n)] }] };
    expect(store.writePoints(batch)).toEqual({ inserted: 2, repeated: 0, refused: {} });
    expect(store.writePoints(batch)).toEqual({ inserted: 0, repeated: 2, refused: {} });
    expect(store.points("moai.cost")).toEqual([{ identity: identity(), points: batch.series[0]?.points }]);
    expect(store.points("other")).toEqual([]);
  });

  it("of the same attributes in another order belong to the same series", () => {
    const store = temporaryStore();
    store.writePoints({ series: [{ identity: identity(), points: [point(number(1))] }] });
    store.writePoints({
      series: [{ identity: identity({ attributes: { a: "1", b: "2" } }), points: [point(number(1), 9n)] }],
    });
    expect(store.points("moai.cost")).toHaveLength(1);
  });

  it("keep 64-bit integers to the last digit", () => {
    const store = temporaryStore();
    const extremes = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n, 0n];
    const points = extremes.map((value, i) => point(number(value), BigInt(i + 2)));
    store.writePoints({ series: [{ identity: identity({ valueType: "int" }), points }] });
    const values = store
      .points("moai.cost")[0]
      ?.points.map(({ value }) => (value.kind === "number" ? BigInt(value.value) : undefined));
    expect(values).toEqual(extremes);
  });

  it("keep infinities; what is not a number or does not fit is refused and counted", () => {
    const store = temporaryStore();
    const histogram = (fields: object): PointValue => ({
      kind: "histogram",
      count: 1,
      sum: 1,
      min: 1,
      max: 1,
      bounds: [1],
      counts: [0, 1],
      ...fields,
    });
    const values: PointValue[] = [
      number(Number.POSITIVE_INFINITY),
      number(Number.NaN),
      number(2n ** 63n),
      histogram({}),
    ];
    const histograms = [
      histogram({ sum: Number.NaN }),
      histogram({ bounds: [Number.POSITIVE_INFINITY] }),
      histogram({ counts: [1] }),
      histogram({}),
    ];
    const numbered = (list: PointValue[]): SeriesPoint[] => list.map((value, i) => point(value, BigInt(i + 2)));
    const result = store.writePoints({
      series: [
        { identity: identity(), points: [...numbered(values), point(number(1), 2n ** 63n)] },
        { identity: identity({ metric: "h", kind: "histogram" }), points: numbered(histograms) },
      ],
    });
    expect(result).toEqual({
      inserted: 2,
      repeated: 0,
      refused: {
        "not a number": 1,
        "integer beyond 64 bits": 1,
        "value of another kind than its series": 1,
        "time beyond 64 bits": 1,
        "distribution with a value that is not finite": 2,
        "histogram whose counts do not fit its bounds": 1,
      },
    });
    expect(store.points("moai.cost")[0]?.points[0]?.value).toEqual(number(Number.POSITIVE_INFINITY));
  });

  it("with attributes that are not finite never fall together with others: they are refused and counted", () => {
    const store = temporaryStore();
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null, [1, Number.NaN], { a: 1 }];
    const result = store.writePoints({
      series: [
        ...odd.map((i) => ({ identity: identity({ attributes: { i } as never }), points: [point(number(1))] })),
        { identity: identity({ resource: { i: Number.NaN } }), points: [point(number(1)), point(number(2), 3n)] },
        { identity: identity({ attributes: { i: [1, "x", null, true] } }), points: [point(number(4))] },
      ],
    });
    expect(result).toEqual({ inserted: 1, repeated: 0, refused: { "attribute of a kind that cannot be stored": 8 } });
    expect(store.points("moai.cost").map(({ identity: { attributes } }) => attributes)).toEqual([
      { i: [1, "x", null, true] },
    ]);
  });

  it("with a bigint for an attribute do not take the whole batch down", () => {
    const store = temporaryStore();
    const result = store.writePoints({
      series: [
        { identity: identity({ attributes: { i: 1n } as never }), points: [point(number(1))] },
        { identity: identity(), points: [point(number(2))] },
      ],
    });
    expect(result).toMatchObject({ inserted: 1, refused: { "attribute of a kind that cannot be stored": 1 } });
  });

  it("with bounds that do not ascend are refused and counted", () => {
    const store = temporaryStore();
    const value = (bounds: number[]): PointValue => ({
      kind: "histogram",
      count: 0,
      sum: 0,
      min: undefined,
      max: undefined,
      bounds,
      counts: [...bounds, 0].map(() => 0),
    });
    const bounds = [[2, 1], [1, 1], [0, 5, 3], [1, 2], []];
    const result = store.writePoints({
      series: [
        { identity: identity({ kind: "histogram" }), points: bounds.map((each, i) => point(value(each), BigInt(i))) },
      ],
    });
    expect(result).toMatchObject({ inserted: 2, refused: { "histogram whose bounds do not ascend": 3 } });
  });

  it("of every kind come back as they went in", () => {
    const optional = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined });
    const counts = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });
    const summary = { count: fc.nat(), sum: optional, min: optional, max: optional };
    const bucketRange = fc.record({ offset: fc.integer({ min: -100, max: 100 }), counts });
    const value = fc.oneof(
      fc.record({
        kind: fc.constant("number" as const),
        value: fc.double({ noNaN: true }),
      }),
      counts.chain((all) =>
        fc.record({
          kind: fc.constant("histogram" as const),
          ...summary,
          bounds: fc.constant(all.slice(1).map((_, i) => i)),
          counts: fc.constant(all),
        }),
      ),
      fc.record({
        kind: fc.constant("exponential_histogram" as const),
        ...summary,
        scale: fc.integer({ min: -10, max: 20 }),
        zeroCount: fc.nat(),
        positive: bucketRange,
        negative: bucketRange,
      }),
    );
    const store = temporaryStore();
    let run = 0;
    fc.assert(
      fc.property(value, (original) => {
        run += 1;
        const kind = original.kind === "number" ? "gauge" : original.kind;
        const series = identity({ metric: `metric ${run}`, kind });
        store.writePoints({ series: [{ identity: series, points: [point(original)] }] });
        expect(store.points(series.metric)).toEqual([{ identity: series, points: [point(original)] }]);
      }),
      { numRuns: 100 },
    );
  });

  it("of a rolled-back batch leave no series behind that later batches rely on", () => {
    const store = temporaryStore();
    const bad = {
      series: [{ identity: identity(), points: [{ ...point(number(1)), timeUnixNano: "x" as unknown as bigint }] }],
    };
    expect(() => store.writePoints(bad)).toThrow();
    store.writePoints({ series: [{ identity: identity(), points: [point(number(1))] }] });
    expect(store.points("moai.cost")).toHaveLength(1);
  });
});

describe("the identity of a series", () => {
  it("survives its text form", () => {
    const text = fc.string({ unit: "binary" });
    const attributes = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.boolean(), fc.array(text)), {
      noNullPrototype: true,
    });
    fc.assert(
      fc.property(text, attributes, attributes, (metric, own, resource) => {
        const original = identity({ metric, attributes: own, resource });
        expect(decodeIdentity(encodeIdentity(original))).toEqual(original);
      }),
    );
  });
});
