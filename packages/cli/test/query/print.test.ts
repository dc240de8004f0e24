/** How `query` prints answers. */
import { describe, expect, it } from "vitest";
import { printAnswer } from "../../src/query/print.ts";

function piecesOf(answer: object): string[] {
  const pieces: string[] = [];
  printAnswer({ write: (text) => void pieces.push(text) }, answer);
  return pieces;
}

describe("an answer", () => {
  it("is one JSON document, with null for what is not known", () => {
    const answer = {
      unit: "{token}",
      value: undefined,
      none: [],
      tokens: { input: 1, parts: [1, undefined] },
      buckets: [{ label: "a\nb", value: undefined, count: 2n ** 63n }, {}, [], 7, Number.NaN],
    };
    const plain = {
      unit: "{token}",
      value: null,
      none: [],
      tokens: { input: 1, parts: [1, null] },
      buckets: [{ label: "a\nb", value: null, count: "9223372036854775808" }, {}, [], 7, "NaN"],
    };
    expect(piecesOf(answer).join("")).toBe(`${JSON.stringify(plain, null, 2)}\n`);
  });

  it("is written in pieces, because no string is long enough for all rows", () => {
    const buckets = Array.from({ length: 20_000 }, (_, i) => ({ label: `bucket ${i}`, value: i }));
    const answer = {
      buckets,
      series: [{ identity: { metric: "m" }, points: buckets }, { points: [] }],
      source: "rollups",
    };
    const pieces = piecesOf(answer);
    expect(pieces.join("")).toBe(`${JSON.stringify(answer, null, 2)}\n`);
    expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(100_000);
    expect(pieces.length).toBeLessThan(100);
  });
});
