import { describe, expect, it } from "vitest";
import { type ExposedMetric, renderExposition } from "../../src/index.ts";
import { parseExposition } from "../support/parse-exports.ts";

function counter(name: string, series: ExposedMetric["series"], unit = "{thing}"): ExposedMetric {
  return { name, unit, description: "Things.", kind: "counter", bounds: [], series };
}

const one = (attributes: Record<string, string>, sum: number) => ({ attributes, sum, count: 0, bucketCounts: [] });

const DURATION: ExposedMetric = {
  name: "a.duration",
  unit: "s",
  description: "How long.\nTwo lines, a \\.",
  kind: "histogram",
  bounds: [0.5, 1],
  series: [{ attributes: { le: "x" }, sum: 4.5, count: 3, bucketCounts: [1, 0, 2], startMillis: 1_790_000_000_500 }],
};

describe("an exposition", () => {
  it("in OpenMetrics has the unit as suffix and line, created times, and an end", () => {
    expect(renderExposition([DURATION], "openmetrics").text).toBe(
      [
        "# TYPE a_duration_seconds histogram",
        "# UNIT a_duration_seconds seconds",
        "# HELP a_duration_seconds How long. Two lines, a \\\\.",
        'a_duration_seconds_bucket{le_="x",le="0.5"} 1',
        'a_duration_seconds_bucket{le_="x",le="1.0"} 1',
        'a_duration_seconds_bucket{le_="x",le="+Inf"} 3',
        'a_duration_seconds_count{le_="x"} 3',
        'a_duration_seconds_sum{le_="x"} 4.5',
        'a_duration_seconds_created{le_="x"} 1790000000.5',
        "# EOF",
        "",
      ].join("\n"),
    );
  });

  it("in text names counters with their suffix, and has neither units, created times nor an end", () => {
    const series = [{ ...one({ "a.b": "1" }, 2), startMillis: 5 }];
    expect(renderExposition([counter("x.total", series, "By")], "text").text).toBe(
      '# TYPE x_bytes_total counter\n# HELP x_bytes_total Things.\nx_bytes_total{a_b="1"} 2\n',
    );
  });

  it("joins values of attributes that become one label, in the order of their names", () => {
    const { text } = renderExposition([counter("x", [one({ a_b: "2", "a.b": "1", c: "" }, 7)])], "text");
    expect(parseExposition(text).samples).toEqual([
      { name: "x_total", labels: { a_b: "1;2" }, value: 7, time: undefined },
    ]);
  });

  it("adds up series whose labels become the same, since the earlier start", () => {
    const series = [
      { ...one({ a: "x\u202e" }, 1), startMillis: 9_000 },
      { ...one({ a: "x\ufffd" }, 2), startMillis: 7_000 },
    ];
    const { text } = renderExposition([counter("x", series)], "openmetrics");
    expect(text).toContain('x_total{a="x\ufffd"} 3\nx_created{a="x\ufffd"} 7\n');
  });

  it("makes one family of metrics with one name, and leaves out those of another kind", () => {
    const gauge: ExposedMetric = { ...counter("x", [one({}, 1), one({ a: "1" }, 2)]), kind: "gauge" };
    const metrics = [counter("x.y", [one({}, 1)]), counter("x_y", [one({}, 2)]), { ...gauge, name: "x_y_total" }];
    const { text, dropped } = renderExposition(metrics, "text");
    expect(parseExposition(text).samples.map(({ name, value }) => [name, value])).toEqual([["x_y_total", 3]]);
    expect(dropped).toEqual({ "name of another metric": 2 });
  });

  it("leaves out what no scraper would accept, and says how many of what", () => {
    const bad = (change: Partial<ExposedMetric["series"][number]>): ExposedMetric["series"][number] => ({
      ...one({}, 1),
      count: 1,
      bucketCounts: [1, 0, 0],
      ...change,
    });
    const { text, dropped } = renderExposition(
      [
        counter("x", [one({}, -1), one({}, Number.NaN), one({}, 5)]),
        { ...DURATION, series: [bad({ count: 2 }), bad({ bucketCounts: [1] }), bad({ bucketCounts: [2, -1, 0] })] },
        { ...DURATION, name: "b", bounds: [1, 0.5], series: [bad({})] },
      ],
      "text",
    );
    expect(parseExposition(text).samples.map(({ name, value }) => [name, value])).toEqual([["x_total", 5]]);
    expect(dropped).toEqual({ "counter below zero": 1, "not a number": 1, "buckets that do not fit": 4 });
  });

  it.each([
    ["x", "1", "gauge", "x_ratio"],
    ["x", "1", "counter", "x"],
    ["x.seconds", "s", "counter", "x_seconds"],
    ["x", "By/s", "gauge", "x_bytes_per_seconds"],
    ["x", "{token}/min", "gauge", "x_per_minutes"],
    ["x", "{token}", "gauge", "x"],
    ["x", "{a}m-2", "gauge", "x_m_2"],
    ["0.9 ü", "", "gauge", "_0_9_"],
    ["", "", "gauge", "_"],
  ] as const)("has a family for %s in %s", (name, unit, kind, family) => {
    const { text } = renderExposition([{ ...counter(name, [], unit), kind }], "openmetrics");
    expect(text).toMatch(new RegExp(`^# TYPE ${family} ${kind}\n`));
  });
});
