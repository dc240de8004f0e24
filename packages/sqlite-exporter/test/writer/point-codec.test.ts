import type { PointBatch, PointValue, SeriesIdentity } from "@moai-metrics/store";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPointDecoder, createPointEncoder } from "../../src/writer/point-codec.ts";

const identity: fc.Arbitrary<SeriesIdentity> = fc.record({
  metric: fc.constantFrom("a", "b"),
  kind: fc.constantFrom("sum", "gauge"),
  unit: fc.constantFrom("", "s"),
  description: fc.constant(""),
  temporality: fc.constantFrom("delta", "cumulative"),
  isMonotonic: fc.boolean(),
  valueType: fc.constantFrom("int", "double"),
  attributes: fc.dictionary(fc.constantFrom("k", "l"), fc.constantFrom("x", "y", 1)),
  resource: fc.constantFrom({}, { "service.name": "s" }),
  scope: fc.record({ name: fc.constantFrom("m", "n"), version: fc.constant("") }),
});
const value: fc.Arbitrary<PointValue> = fc.oneof(
  fc.record({
    kind: fc.constant("number" as const),
    value: fc.oneof(fc.double(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })),
  }),
  fc.constant({
    kind: "histogram",
    count: 1,
    sum: 2,
    min: 2,
    max: 2,
    bounds: [1],
    counts: [0, 1],
  } as const),
);
const nanos = fc.bigInt({ min: 0n, max: 2n ** 62n });
const batch: fc.Arbitrary<PointBatch> = fc.record({
  series: fc.array(
    fc.record({
      identity,
      points: fc.array(fc.record({ startTimeUnixNano: nanos, timeUnixNano: nanos, value }), { maxLength: 3 }),
    }),
  ),
});
const flat = (each: PointBatch) =>
  each.series.flatMap((series) => series.points.map((point) => ({ identity: series.identity, point })));

describe("points between threads", () => {
  it("arrive as they were sent, batch after batch", () => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 4 }), (batches) => {
        const encode = createPointEncoder();
        const decode = createPointDecoder();
        for (const each of batches) expect(flat(decode(structuredClone(encode(each))))).toEqual(flat(each));
      }),
    );
  });

  it("name a series once, and forget when there are too many", () => {
    const encode = createPointEncoder();
    const decode = createPointDecoder();
    const make = (from: number, count: number): PointBatch => ({
      series: Array.from({ length: count }, (_, i) => ({
        identity: {
          metric: "m",
          kind: "sum",
          unit: "",
          description: "",
          temporality: "delta",
          isMonotonic: true,
          valueType: "int",
          attributes: { n: from + i },
          resource: {},
          scope: { name: "", version: "" },
        },
        points: [{ startTimeUnixNano: 0n, timeUnixNano: 1n, value: { kind: "number", value: i } }],
      })),
    });
    const first = encode(make(0, 60_000));
    decode(first);
    expect(first).toMatchObject({ isFresh: true });
    const second = encode(make(0, 10));
    expect(second.isFresh).toBe(true);
    expect(second.newSeries).toHaveLength(10);
    const third = encode(make(0, 10));
    expect(third.newSeries).toHaveLength(0);
    decode(second);
    expect(flat(decode(third))).toEqual(flat(make(0, 10)));
    expect(() => createPointDecoder()(third)).toThrow(/never announced/);
  });
});
