import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countChangedLines } from "../../src/claude-code/line-diff.ts";

/** Lines that both sides keep in the shortest edit: the longest common subsequence, by the book. */
function keptLines(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    b.forEach((other, j) => {
      next.push(line === other ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0));
    });
    row = next;
  }
  return row.at(-1) ?? 0;
}

const side = fc.array(fc.constantFrom("a", "b", "c", "", "d e"), { minLength: 1, maxLength: 24 });

describe("counting the lines of an edit", () => {
  it("counts what is outside of the longest common subsequence", () => {
    fc.assert(
      fc.property(side, side, (before, after) => {
        fc.pre(before.join("") !== "");
        const kept = keptLines(before, after);
        const expected = { added: after.length - kept, removed: before.length - kept };
        expect(countChangedLines(before.join("\n"), after.join("\n"))).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("counts every line of a text that was put in place of none", () => {
    expect(countChangedLines("", "a\nb")).toEqual({ added: 2, removed: 0 });
    expect(countChangedLines("", "")).toEqual({ added: 0, removed: 0 });
  });

  it("takes sides that differ in more than a thousand lines for a replacement, less their common ends", () => {
    const numbered = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `${from + i}`);
    const before = ["head", ...numbered(0, 600), "middle", ...numbered(0, 600), "tail"].join("\n");
    const after = ["head", ...numbered(5000, 300), "middle", ...numbered(5000, 300), "tail"].join("\n");
    expect(countChangedLines(before, after)).toEqual({ added: 601, removed: 1201 });
    const fewer = ["head", ...numbered(5000, 300), "middle", ...numbered(5000, 100), "tail"].join("\n");
    const small = ["head", ...numbered(0, 300), "middle", ...numbered(0, 300), "tail"].join("\n");
    expect(countChangedLines(small, fewer)).toEqual({ added: 400, removed: 600 });
  });
});
