/** Cells of an answer, however many and wherever they lie. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerCells } from "../../src/rollup/answer-cells.ts";

interface Added {
  readonly group: number;
  readonly bucket: number;
  readonly value: number;
}

const added: fc.Arbitrary<Added> = fc.record({
  group: fc.nat({ max: 40 }),
  bucket: fc.oneof(fc.nat({ max: 5 }), fc.nat({ max: 5_000 })),
  value: fc.nat({ max: 1_000 }),
});

function add(cells: AnswerCells, { group, bucket, value }: Added): void {
  const cell = cells.at(group, bucket);
  const [sums = new Float64Array()] = cells.sums;
  sums[cell] = (sums[cell] ?? 0) + value;
  cells.include(0, cell, value);
  cells.histogramAt(0, cell).add(value, 1);
}

/** What a cell holds, by group and bucket. */
function contentOf(cells: AnswerCells): Map<string, unknown> {
  return new Map(
    Array.from({ length: cells.count }, (_, cell) => [
      `${cells.groups[cell]}|${cells.buckets[cell]}`,
      {
        sum: cells.sums[0]?.[cell],
        min: cells.min[0]?.[cell],
        max: cells.max[0]?.[cell],
        buckets: [...(cells.histograms[0]?.[cell]?.buckets ?? [])],
      },
    ]),
  );
}

describe("cells of an answer", () => {
  it("hold what was added to their group and bucket, and nothing else", () => {
    fc.assert(
      fc.property(fc.array(added, { maxLength: 400 }), (facts) => {
        const cells = new AnswerCells(1, 1, 1);
        for (const fact of facts) add(cells, fact);
        const expected = new Map(
          [...Map.groupBy(facts, ({ group, bucket }) => `${group}|${bucket}`)].map(([name, own]) => {
            const values = own.map(({ value }) => value);
            const counts = [...Map.groupBy(values, (value) => value)].map(([value, same]) => [value, same.length]);
            return [
              name,
              {
                sum: values.reduce((total, value) => total + value, 0),
                min: Math.min(...values),
                max: Math.max(...values),
                buckets: counts.sort(([a = 0], [b = 0]) => a - b),
              },
            ];
          }),
        );
        expect(contentOf(cells)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it("added to other cells make what adding the facts makes", () => {
    fc.assert(
      fc.property(fc.array(added, { maxLength: 100 }), fc.array(added, { maxLength: 100 }), (first, second) => {
        const all = new AnswerCells(1, 1, 1);
        for (const fact of [...first, ...second]) add(all, fact);
        const sum = new AnswerCells(1, 1, 1);
        for (const facts of [first, second]) {
          const part = new AnswerCells(1, 1, 1);
          for (const fact of facts) add(part, fact);
          for (let cell = 0; cell < part.count; cell++) {
            sum.addCell(sum.at(part.groups[cell] ?? 0, part.buckets[cell] ?? 0), part, cell);
          }
        }
        expect(contentOf(sum)).toEqual(contentOf(all));
      }),
      { numRuns: 50 },
    );
  });

  it("are empty until a number other than 0 is there", () => {
    const cells = new AnswerCells(1, 1, 1);
    const [none, summed, ranged, counted] = [0, 1, 2, 3].map((bucket) => cells.at(0, bucket));
    cells.sums[0]?.fill(7, summed, (summed ?? 0) + 1);
    cells.include(0, ranged ?? 0, 0);
    cells.histogramAt(0, counted ?? 0).add(3, 1);
    expect([none, summed, ranged, counted].map((cell) => cells.isEmpty(cell ?? 0))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    cells.addCell(none ?? 0, new AnswerCells(1, 1, 1), 0);
    expect(cells.isEmpty(none ?? 0)).toBe(true);
  });
});
