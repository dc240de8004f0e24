import { childrenFirst, type SpanRecord } from "@moai-metrics/agents";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const span = (n: number, parent: number | undefined): SpanRecord => ({
  traceId: "a".repeat(32),
  spanId: String(n).padStart(16, "0"),
  parentSpanId: parent === undefined ? undefined : String(parent).padStart(16, "0"),
  name: "span",
  startMillis: 0,
  endMillis: 1,
  isError: false,
  attributes: {},
  resource: {},
});

/** Trees whose spans come in any order; parents with a lower number, some of them not in the list. */
const forests = fc
  .array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 30 })
  .map((parents) => parents.map((parent, n) => span(n + 1, parent > n ? undefined : parent)))
  .chain((spans) => fc.shuffledSubarray(spans, { minLength: spans.length }));

describe("childrenFirst", () => {
  it("puts every child before its parent and loses none", () => {
    fc.assert(
      fc.property(forests, (spans) => {
        const ordered = childrenFirst(spans);
        expect(new Set(ordered)).toEqual(new Set(spans));
        const places = new Map(ordered.map(({ spanId }, place) => [spanId, place]));
        for (const { spanId, parentSpanId = "" } of ordered) {
          expect(places.get(parentSpanId) ?? Number.POSITIVE_INFINITY).toBeGreaterThan(places.get(spanId) ?? 0);
        }
      }),
    );
  });

  it("leaves a list that is in order as it is", () => {
    const spans = [span(3, 2), span(5, undefined), span(2, 1), span(1, undefined)];
    expect(childrenFirst(spans)).toBe(spans);
  });

  it("comes to an end where spans name each other as parents", () => {
    const spans = [span(1, 2), span(2, 3), span(3, 1), span(4, 4), span(5, 1)];
    expect(new Set(childrenFirst(spans))).toEqual(new Set(spans));
  });
});
