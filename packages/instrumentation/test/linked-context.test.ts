import { type Context, createContextKey, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { expect, it } from "vitest";
import { linked } from "../src/linked-context.ts";

const KEYS = ["a", "b", "c"].map(createContextKey);

type Change = { readonly from: number; readonly key: number; readonly value: number | undefined };

const change: fc.Arbitrary<Change> = fc.record({
  from: fc.nat(1000),
  key: fc.nat(KEYS.length - 1),
  value: fc.option(fc.nat(9), { nil: undefined }),
});

/** What is seen in each context of a tree that grows as told: undefined takes a value away. */
function grown(root: Context, changes: readonly Change[]): unknown[][] {
  const contexts = [root];
  for (const { from, key, value } of changes) {
    const parent = contexts[from % contexts.length] as Context;
    const at = KEYS[key] as symbol;
    contexts.push(value === undefined ? parent.deleteValue(at) : parent.setValue(at, value));
  }
  return contexts.map((context) => KEYS.map((key) => context.getValue(key)));
}

it("a linked context holds what OpenTelemetry's own would hold, and so do all that are made from it", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.array(change, { maxLength: 5 }), (changes, before) => {
      let root: Context = ROOT_CONTEXT;
      for (const { key, value } of before) root = root.setValue(KEYS[key] as symbol, value);
      expect(grown(linked(root), changes)).toEqual(grown(root, changes));
    }),
  );
});

it("a linked context carries a span, and is not linked twice", () => {
  const span = trace.wrapSpanContext({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 });
  const context = trace.setSpan(linked(ROOT_CONTEXT), span);
  expect(trace.getSpan(context)).toBe(span);
  expect(linked(context)).toBe(context);
  expect(trace.getSpan(trace.deleteSpan(context))).toBeUndefined();
});
