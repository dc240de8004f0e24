/** Columns and chunks: what goes in comes out, to the last bit. */
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openChunk } from "../../src/series/chunk/decode.ts";
import { encodeChunk } from "../../src/series/chunk/encode.ts";
import { createEntryBuilder, pointsOfEntries, type StoredValue } from "../../src/series/chunk/points.ts";
import { nanoOfDay } from "../../src/series/chunk/types.ts";
import { createByteReader, createByteWriter } from "../../src/series/columns/bytes.ts";
import { decodeDoubles, readDoubles, writeDoubles } from "../../src/series/columns/doubles.ts";
import { decodeIntegers, readIntegers, writeIntegers } from "../../src/series/columns/integers.ts";
import { createPlaneReader, createPlaneWriter, firstPosition } from "../../src/series/columns/planes.ts";
import { packStreams, unpackStreams } from "../../src/series/columns/streams.ts";
import type { PointValue } from "../../src/series/types.ts";

function throughIntegers(columns: readonly (Float64Array | BigInt64Array)[]): bigint[][] {
  const [meta, planes] = [createByteWriter(), createPlaneWriter()];
  for (const column of columns) writeIntegers(column, meta, planes);
  const [directory = new Uint8Array(), ...streams] = unpackStreams(packStreams([meta.bytes(), ...planes.streams()]));
  const [reader, position] = [createByteReader(directory), firstPosition()];
  const found = columns.map(({ length }) => readIntegers(length, reader, position));
  const planeReader = createPlaneReader(streams);
  // Each column is found without decoding those before it.
  return found
    .toReversed()
    .map((column) => [...decodeIntegers(column, planeReader)].map(BigInt))
    .toReversed();
}

function throughDoubles(values: Float64Array): Float64Array {
  const [meta, planes] = [createByteWriter(), createPlaneWriter()];
  writeDoubles(values, meta, planes);
  const column = readDoubles(values.length, createByteReader(meta.bytes()), firstPosition());
  return decodeDoubles(column, createPlaneReader(planes.streams()));
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const safe = fc.maxSafeInteger();

describe("a column of integers", () => {
  it("gives back every 64-bit integer, beside any other column", () => {
    const column = fc.oneof(
      fc.array(fc.oneof(int64, fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n, 0n, 2n ** 53n)), { maxLength: 40 }),
      fc.array(fc.bigInt({ min: -300n, max: 300n }), { maxLength: 40 }),
      fc
        .tuple(safe, fc.nat(1_000_000), fc.array(fc.nat(3), { maxLength: 40 }))
        .map(([base, step, steps]) => steps.map((each) => BigInt(base) + BigInt(each * step))),
    );
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 4 }), (columns) => {
        expect(throughIntegers(columns.map((values) => BigInt64Array.from(values)))).toEqual(columns);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back times that jitter around a beat, with gaps", () => {
    const times = fc.array(fc.record({ jitter: fc.integer({ min: -50, max: 50 }), gap: fc.nat(2) }), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(times, fc.constantFrom(1, 1000, 1_000_000), (beats, unit) => {
        let beat = 0;
        const values = beats.map(({ jitter, gap }) => {
          beat += 15_000 * (gap === 0 ? 2 : 1);
          return (beat + jitter) * unit;
        });
        expect(throughIntegers([new Float64Array(values)])).toEqual([values.map(BigInt)]);
      }),
    );
  });
});

describe("a column of doubles", () => {
  it("gives back every double to the last bit", () => {
    const double = fc.oneof(
      fc.double({ noNaN: true }),
      fc.constantFrom(0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 0.1 + 0.2),
      fc.integer({ min: -100_000, max: 100_000 }).map((n) => n / 1000),
      safe,
    );
    const columns = fc.oneof(
      fc.array(double, { maxLength: 50 }),
      fc.array(
        fc.nat(10_000).map((n) => n / 100),
        { maxLength: 50 },
      ),
      fc.double({ noNaN: true }).chain((value) => fc.array(fc.constantFrom(value, 1.5), { maxLength: 50 })),
    );
    fc.assert(
      fc.property(columns, (values) => {
        const column = new Float64Array(values);
        const back = throughDoubles(column);
        expect(new BigUint64Array(back.buffer)).toEqual(new BigUint64Array(column.buffer));
      }),
      { numRuns: 1000 },
    );
  });
});

const DAY = 20_400;
const number = fc.oneof(int64, fc.double({ noNaN: true }));
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const summary = {
  count: fc.nat(),
  sum: fc.option(finite, { nil: undefined }),
  min: fc.option(finite, { nil: undefined }),
  max: fc.option(finite, { nil: undefined }),
};
const histogram = fc.array(fc.double({ min: 0, max: 5, noNaN: true }), { maxLength: 4 }).chain((bounds) =>
  fc.record({
    kind: fc.constant("histogram" as const),
    ...summary,
    bounds: fc.constant(bounds),
    counts: fc.array(fc.nat(), { minLength: bounds.length + 1, maxLength: bounds.length + 1 }),
  }),
);
const buckets = fc.record({ offset: fc.integer({ min: -50, max: 50 }), counts: fc.array(fc.nat(), { maxLength: 5 }) });
const exponential = fc.record({
  kind: fc.constant("exponential_histogram" as const),
  ...summary,
  scale: fc.integer({ min: -10, max: 20 }),
  zeroCount: fc.nat(),
  positive: buckets,
  negative: buckets,
});
const storedValue: fc.Arbitrary<StoredValue> = fc.oneof(number, histogram, exponential);
const chunkPoint = fc.record({
  seriesId: fc.integer({ min: 1, max: 4 }),
  time: fc.oneof(fc.nat(86_399), fc.constantFrom(0, 1, 2)),
  start: fc.oneof(int64, fc.constant(nanoOfDay(DAY))),
  value: storedValue,
});

describe("a chunk", () => {
  it("gives back its points, of every kind, whatever the order in which they came", () => {
    fc.assert(
      fc.property(fc.uniqueArray(chunkPoint, { selector: (p) => `${p.seriesId} ${p.time} ${p.start}` }), (points) => {
        const builder = createEntryBuilder(DAY);
        const timeOf = (time: number): bigint => nanoOfDay(DAY) + BigInt(time) * 1_000_000_000n;
        for (const { seriesId, time, start, value } of points) builder.add(seriesId, timeOf(time), start, value);
        const chunk = openChunk(DAY, encodeChunk(DAY, builder.entries()));
        for (const seriesId of [1, 2, 3, 4]) {
          const expected = points
            .filter((each) => each.seriesId === seriesId)
            .toSorted((a, b) => a.time - b.time || (a.start < b.start ? -1 : 1))
            .map(({ time, start, value }) => ({
              startTimeUnixNano: start,
              timeUnixNano: timeOf(time),
              value: asPointValue(value),
            }));
          expect(pointsOfEntries(DAY, chunk.entriesOf(seriesId))).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("keeps the starts of delta points, which begin where the one before ended, for nothing", () => {
    const sizeWith = (startOf: (i: number) => bigint): number => {
      const builder = createEntryBuilder(DAY);
      for (let i = 1; i < 2000; i++) {
        builder.add(1, nanoOfDay(DAY) + BigInt(i * 10_007 + ((i * 7919) % 97)) * 1_000_000n, startOf(i), 1n);
      }
      return encodeChunk(DAY, builder.entries()).length;
    };
    const timeOf = (i: number): bigint => nanoOfDay(DAY) + BigInt(i * 10_007 + ((i * 7919) % 97)) * 1_000_000n;
    const equal = sizeWith(() => 7n);
    expect(sizeWith((i) => (i === 1 ? 7n : timeOf(i - 1)))).toBeLessThan(equal + 16);
  });

  it("that was changed anywhere is noticed by its CRC", () => {
    const builder = createEntryBuilder(DAY);
    for (let i = 0; i < 50; i++) builder.add(1, nanoOfDay(DAY) + BigInt(i), 0n, BigInt(i * i));
    const blob = encodeChunk(DAY, builder.entries());
    const sum = crc32(blob);
    fc.assert(
      fc.property(fc.nat(blob.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = Buffer.from(blob);
        mutated[at] = (mutated[at] ?? 0) ^ change;
        expect(crc32(mutated)).not.toBe(sum);
      }),
    );
  });

  it("that is not one is refused", () => {
    for (const bytes of [[], [3], [1, 5, 0, 9], [200, 200, 200, 200, 1]]) {
      expect(() => openChunk(DAY, Uint8Array.from(bytes))).toThrow();
    }
    expect(() => unpackStreams(Uint8Array.from([1, 255, 255, 255, 255, 15, 0, 1, 1]))).toThrow("A stream claims");
  });
});

function asPointValue(value: StoredValue): PointValue {
  if (typeof value === "object") return value;
  if (typeof value === "number") return { kind: "number", value };
  return { kind: "number", value: Number.isSafeInteger(Number(value)) ? Number(value) : value };
}
