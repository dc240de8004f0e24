/** Encodings give back what was put in. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBitPlane, encodeBitPlane } from "../../src/rollup/bit-planes.ts";
import { decodeBlock, encodeBlock } from "../../src/rollup/block.ts";
import type { Block } from "../../src/rollup/block-keys.ts";
import { ByteReader, createByteWriter } from "../../src/rollup/bytes.ts";
import { encodePlanes, openPlanes } from "../../src/rollup/planes.ts";
import { addContribution, addEncodedSheet, encodeSheet, type Sheet } from "../../src/rollup/sheet.ts";
import { addDifferences, cellOf, createSummaryTable, dropEmpty, summaryAt } from "../../src/rollup/summary.ts";
import type { Contribution } from "../../src/rollup/types.ts";

/** Columns as they are found in a file. */
const columnsOf = (columns: ReadonlyMap<number, Buffer>): Block =>
  new Map([...columns].map(([column, data]) => [column, { buffer: data, start: 0, end: data.length }]));

const anyCount = fc.oneof(
  fc.nat({ max: 300 }),
  fc.nat(),
  fc.maxSafeNat().map((value) => Math.floor(value / 4)),
);

const contribution: fc.Arbitrary<Contribution> = fc.record({
  quarterHour: fc.nat({ max: 95 }),
  dimensions: fc.record({
    productId: fc.nat({ max: 2 }),
    projectId: fc.constant(7),
    agentId: fc.nat({ max: 20_000 }),
    modelId: fc.nat({ max: 3 }),
  }),
  sums: fc.record({ calls: fc.nat({ max: 3 }), cost_nano_usd: anyCount, tasks_unknown: fc.nat({ max: 1 }) }),
  values: fc.record({ call_ms: fc.nat({ max: 500 }), task_tokens: fc.nat() }, { requiredKeys: [] }),
});

describe("varints", () => {
  it("hold every whole number that a sum may have", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.maxSafeNat(), fc.boolean())), (numbers) => {
        const writer = createByteWriter();
        for (const [number, isNegative] of numbers) {
          writer.varint(number);
          writer.signed(isNegative ? -Math.floor(number / 2) : Math.floor(number / 2));
        }
        const reader = new ByteReader(writer.take());
        for (const [number, isNegative] of numbers) {
          expect(reader.varint()).toBe(number);
          expect(reader.signed()).toBe((isNegative ? -1 : 1) * Math.floor(number / 2) + 0);
        }
        expect(reader.isAtEnd).toBe(true);
        expect(() => reader.varint()).toThrow(RangeError);
        expect(() => reader.bytes(1)).toThrow(RangeError);
      }),
    );
  });
});

/** Arrays of {@link FRAMED_NUMBERS}, as they were written before there were planes of bits. */
const FRAMED = "JSi1L/1gWBrdAAA4AAABAgMAAQYQANj9gt1/5CtGvhLy1R1fYQGsAgECAQEBAAEECQcBAg==";
const FRAMED_NUMBERS: readonly { readonly length: number; readonly of: (i: number) => number }[] = [
  { length: 4_000, of: (i) => Math.floor(i / 1_000) * 300 },
  { length: 4, of: (i) => i * i },
  { length: 3_000, of: (i) => Math.floor(i / 1_500) * 7 },
];

describe("planes", () => {
  it("give back every number, few or many, alike or not", () => {
    const numbers = fc.oneof(
      fc.array(fc.maxSafeNat(), { maxLength: 50 }),
      fc.array(fc.nat({ max: 3 }), { minLength: 4_100, maxLength: 4_200 }),
      fc.array(
        fc.nat({ max: 400 }).map((n) => n * 300),
        { minLength: 4_100, maxLength: 4_200 },
      ),
      fc.tuple(fc.nat({ max: 100 }), fc.nat()).map(([length, value]) => Array.from({ length }, () => value)),
    );
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 3 }), (arrays) => {
        const planes = openPlanes(new ByteReader(encodePlanes(arrays.map((each) => Float64Array.from(each)))));
        for (const each of arrays) {
          const read = planes.next(each.length);
          expect(Array.from(read.numbers(each.length))).toEqual(each);
          const part = new Float64Array(each.length);
          const from = Math.floor(each.length / 3);
          read.read(from, each.length, part);
          expect([...part.subarray(0, each.length - from)]).toEqual(each.slice(from));
          for (const [place, value] of each.entries()) expect(read.at(place)).toBe(value);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("that are cut off are noticed", () => {
    const data = encodePlanes([Float64Array.from({ length: 40 }, (_, i) => i)]);
    expect(() => openPlanes(new ByteReader(data.subarray(0, 30))).next(40)).toThrow(RangeError);
    expect(() => openPlanes(new ByteReader(data)).next(60)).toThrow(RangeError);
    const bits = encodePlanes([Float64Array.from({ length: 5_000 }, (_, i) => i % 5)]);
    expect(() => openPlanes(new ByteReader(bits)).next(6_000)).toThrow(RangeError);
    const framed = Buffer.from(FRAMED, "base64");
    expect(() => openPlanes(new ByteReader(framed)).next(8_000)).toThrow(/damaged/);
    const unknown = Buffer.from([0, 1, 1, 9, 0]);
    expect(() => openPlanes(new ByteReader(unknown)).next(1)).toThrow(/damaged/);
  });

  it("that an earlier version wrote, with a frame, are read", () => {
    const planes = openPlanes(new ByteReader(Buffer.from(FRAMED, "base64")));
    for (const { length, of } of FRAMED_NUMBERS) {
      expect(Array.from(planes.next(length).numbers(length))).toEqual(Array.from({ length }, (_, i) => of(i)));
    }
  });
});

describe("a plane of bits", () => {
  it("gives back every byte, or is not worth it", () => {
    const bytes = fc
      .record({
        near: fc.integer({ min: 1, max: 128 }),
        from: fc.nat({ max: 127 }),
        near100: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 300 }),
        far: fc.array(fc.tuple(fc.nat({ max: 299 }), fc.nat({ max: 255 })), { maxLength: 20 }),
      })
      .map(({ near, from, near100, far }) => {
        const made = Uint8Array.from(near100, (share) => from + Math.floor(share * near));
        for (const [place, byte] of far) if (place < made.length) made[place] = byte;
        return made;
      });
    fc.assert(
      fc.property(bytes, (made) => {
        const encoded = encodeBitPlane(made);
        if (encoded === undefined) return;
        expect(encoded.length).toBeLessThanOrEqual(made.length + 1);
        expect(decodeBitPlane(new ByteReader(encoded), made.length)).toEqual(made);
      }),
      { numRuns: 300 },
    );
  });

  it("with other exceptions than it tells of is damaged", () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => (i % 10 === 0 ? 200 : i % 3));
    const encoded = encodeBitPlane(bytes);
    if (encoded === undefined) throw new Error("That many small numbers are worth it.");
    const [width = 0, least = 0, exceptions = 0, ...rest] = encoded;
    for (const changed of [
      [width, least, exceptions - 1, ...rest],
      [8, least, exceptions, ...rest],
    ]) {
      expect(() => decodeBitPlane(new ByteReader(Uint8Array.from(changed)), bytes.length)).toThrow(/damaged/);
    }
  });
});

describe("a sheet", () => {
  it("holds what was added, whatever was taken back, and nothing when all of it was", () => {
    fc.assert(
      fc.property(fc.array(contribution), fc.array(contribution), (added, taken) => {
        const sheet: Sheet = new Map();
        for (const each of added) addContribution(sheet, each, 1);
        for (const each of taken) addContribution(sheet, each, -1);
        const read: Sheet = new Map();
        addEncodedSheet(read, encodeSheet(sheet, createByteWriter()));
        for (const each of added) addContribution(read, each, -1);
        for (const each of taken) addContribution(read, each, 1);
        expect(encodeSheet(read, createByteWriter())).toHaveLength(0);
      }),
    );
  });
});

describe("a block", () => {
  it("gives back the table that it was made from", () => {
    fc.assert(
      fc.property(fc.array(contribution, { maxLength: 120 }), fc.constantFrom(1, 96), (facts, slotCount) => {
        const table = createSummaryTable(slotCount);
        for (const fact of facts) {
          const sheet: Sheet = new Map();
          addContribution(sheet, fact, 1);
          const { productId, projectId, agentId, modelId } = fact.dimensions;
          const own = cellOf(productId, projectId, agentId, modelId);
          for (const cell of sheet.values()) addDifferences(summaryAt(table, own, fact.quarterHour % slotCount), cell);
        }
        dropEmpty(table);
        const read = decodeBlock(columnsOf(encodeBlock(table)));
        expect(read.slotCount).toBe(slotCount);
        expect([...read.cells.keys()].sort()).toEqual([...table.cells.keys()].sort());
        for (const [key, { cell, slots }] of table.cells) {
          expect(read.cells.get(key)?.cell).toEqual(cell);
          expect(read.cells.get(key)?.slots).toEqual(slots);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("without keys is damaged", () => {
    expect(() => decodeBlock(new Map())).toThrow(/no keys/);
  });
});
