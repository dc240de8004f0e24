import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ExposedMetric, renderExposition } from "../../src/index.ts";
import { expectedSums, hostileMetrics, labelsKey } from "../support/hostile-metrics.ts";
import { parseExposition } from "../support/parse-exports.ts";

const SETS = 10_000;

describe("10,000 hostile sets of metrics", () => {
  it("are read by a strict parser in both formats, with the same samples", () => {
    let samples = 0;
    fc.assert(
      fc.property(hostileMetrics, (metrics) => {
        const text = parseExposition(renderExposition(metrics, "text").text);
        const openmetrics = parseExposition(renderExposition(metrics, "openmetrics").text);
        expect(openmetrics.hasEof).toBe(true);
        expect(openmetrics.samples.filter(({ name }) => !name.endsWith("_created"))).toEqual(text.samples);
        for (const [family, unit] of openmetrics.units) expect(family.endsWith(`_${unit}`)).toBe(true);
        samples += text.samples.length;
      }),
      { numRuns: SETS },
    );
    expect(samples).toBeGreaterThan(SETS);
  });

  it("have the values that went in, under the labels of the specification", () => {
    fc.assert(
      fc.property(hostileMetrics, (metrics) => {
        for (const each of metrics) {
          const metric: ExposedMetric = { ...each, name: "m", unit: "" };
          const { samples } = parseExposition(renderExposition([metric], "text").text);
          const suffix = { counter: "_total", gauge: "", histogram: "_count" }[metric.kind];
          const shown = samples.filter(({ name }) => name === `m${suffix}`);
          const read = new Map(shown.map(({ labels, value }) => [labelsKey(labels), value]));
          expect(read).toEqual(expectedSums(metric));
        }
      }),
      { numRuns: SETS / 5 },
    );
  });
});
