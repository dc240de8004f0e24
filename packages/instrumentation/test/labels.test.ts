import type { Attributes } from "@opentelemetry/api";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createLabels, isCatalogueLabels, type KeyedAttributes } from "../src/attributes.ts";
import { configure, droppedMeasurements } from "../src/index.ts";

const KEYS = ["agentName", "taskKind", "taskResult"] as const;
const NAMES = ["gen_ai.agent.name", "moai.task.kind", "moai.task.result"];

it("labels are those of the metric, and the same object for the same values", () => {
  configure({ maxValuesPerAttribute: 1_000_000 });
  const labelsOf = createLabels(KEYS, "g3");
  const seen = new Map<string, Attributes>();
  const value = fc.option(fc.constantFrom("a", "b", "1:a", "undefined", ""), { nil: undefined });
  fc.assert(
    fc.property(value, value, value, (agentName, taskKind, taskResult) => {
      const keyed: KeyedAttributes = { agentName, taskKind, taskResult, sessionId: "never" };
      const values = [agentName, taskKind, taskResult];
      const labels = labelsOf(keyed);
      const expected = NAMES.flatMap((name, i) => (values[i] === undefined ? [] : [[name, values[i]]]));
      expect(labels).toEqual(Object.fromEntries(expected));
      expect(isCatalogueLabels(labels)).toBe(true);
      const key = JSON.stringify(values);
      expect(seen.get(key) ?? labels).toBe(labels);
      seen.set(key, labels);
    }),
  );
});

it("labels beyond the limit of an attribute count each time, and are no labels of ours to keep", () => {
  configure({ maxValuesPerAttribute: 3 });
  const labelsOf = createLabels(["fileChange"], "g3");
  for (const fileChange of ["a", "b", "c"]) labelsOf({ fileChange });
  const reason = "too many values of moai.file.change";
  const before = droppedMeasurements()[reason] ?? 0;
  for (let i = 0; i < 2; i++) {
    const labels = labelsOf({ fileChange: "d" });
    expect(labels).toEqual({ "moai.file.change": "_OTHER" });
    expect(isCatalogueLabels(labels)).toBe(false);
  }
  expect(droppedMeasurements()[reason]).toBe(before + 2);
  expect(labelsOf({ fileChange: "c" })).toEqual({ "moai.file.change": "c" });
});

it("labels of a metric without attributes, and of very many values, are right", () => {
  configure({ maxValuesPerAttribute: 10_000 });
  expect(createLabels([], "g3")({ agentName: "a" })).toEqual({});
  const labelsOf = createLabels(["benchmarkName"], "g3");
  for (let i = 0; i < 2500; i++) {
    expect(labelsOf({ benchmarkName: `b${i}` })).toEqual({ "moai.benchmark.name": `b${i}` });
  }
});
