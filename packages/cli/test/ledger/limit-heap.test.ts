/** Memory for what goes through many rows. */
import { expect, it } from "vitest";
import { inLimitedHeap } from "../../src/ledger/limit-heap.ts";

it("hands on every piece, in order, and only when it is asked for", () => {
  let made = 0;
  const pieces = inLimitedHeap(
    (function* () {
      for (; made < 50; made++) yield "x".repeat(100_000) + made;
    })(),
  );
  expect(made).toBe(0);
  expect(Array.from(pieces, (piece) => piece.slice(100_000))).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
});
