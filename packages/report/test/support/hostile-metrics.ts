/** Metrics that want to break an exposition, and what of them a scraper must read: written apart from the renderer. */
import fc from "fast-check";
import type { ExposedMetric } from "../../src/index.ts";
import { HOSTILE_NAMES } from "./hostile-names.ts";

/** Names that become the same, names of samples of others, reserved and empty ones. */
const METRIC_NAMES = [
  "a.b",
  "a_b",
  "a-b",
  "a.b_total",
  "a_b_total",
  "a.b.seconds",
  "a_b_bucket",
  "a.b.count",
  "",
  "1x",
  "ü",
];
const LABEL_NAMES = [
  "le",
  "quantile",
  "a.b",
  "a_b",
  "a b",
  "__name__",
  "",
  "9",
  "ü",
  "constructor",
  "__proto__",
  "le_",
];
const UNITS = ["", "s", "1", "{thing}", "By/s", "%", "b\nc"];
const NUMBERS = [0, 1, 0.1, 7, 1e-9, 1e21, 2 ** 53 - 1];
const ODD_NUMBERS = [...NUMBERS, -1, Number.NaN, Infinity, -Infinity];

const pick = <T>(values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
const text = fc.oneof(pick(HOSTILE_NAMES), fc.string({ unit: "binary", maxLength: 8 }), fc.constant(""));
const attributes = fc
  .array(fc.tuple(fc.oneof(pick(LABEL_NAMES), text), text), { maxLength: 4 })
  .map((pairs) => Object.fromEntries(pairs));

const series = (kind: ExposedMetric["kind"]): fc.Arbitrary<ExposedMetric["series"][number]> =>
  fc
    .record({
      attributes,
      sum: pick(kind === "histogram" ? NUMBERS : ODD_NUMBERS),
      buckets: fc.array(fc.nat({ max: 9 }), { minLength: 3, maxLength: 3 }),
      isOdd: fc.boolean(),
      startMillis: fc.option(fc.nat({ max: 2e12 }), { nil: undefined }),
    })
    .map(({ attributes: given, sum, buckets, isOdd, startMillis }) => {
      const count = buckets.reduce((total, each) => total + each, 0);
      return kind === "histogram"
        ? { attributes: given, sum, count: isOdd ? count + 1 : count, bucketCounts: buckets, startMillis }
        : { attributes: given, sum, count: 0, bucketCounts: [], startMillis };
    });

/** A set of metrics as an exposition is asked for. */
export const hostileMetrics: fc.Arbitrary<ExposedMetric[]> = fc.array(
  pick(["counter", "gauge", "histogram"] as const).chain((kind) =>
    fc.record({
      name: fc.oneof(pick(METRIC_NAMES), text),
      unit: pick(UNITS),
      description: text,
      kind: fc.constant(kind),
      bounds: fc.constant(kind === "histogram" ? [0.5, 1] : []),
      series: fc.array(series(kind), { maxLength: 4 }),
    }),
  ),
  { maxLength: 5 },
);

/** What a scraper must read of a metric that no other one stands in the way of: values by labels. */
export function expectedSums({ kind, series: all }: ExposedMetric): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { attributes: given, sum, count, bucketCounts } of all) {
    if (kind === "counter" && !(sum >= 0)) continue;
    if (kind === "histogram" && bucketCounts.reduce((total, each) => total + each, 0) !== count) continue;
    const key = labelsKey(expectedLabels(given));
    sums.set(key, (sums.get(key) ?? 0) + (kind === "histogram" ? count : sum));
  }
  return sums;
}

/** Labels as text, the same for the same ones. */
export function labelsKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function expectedLabels(given: Readonly<Record<string, string>>): Record<string, string> {
  const labels: Record<string, string> = Object.create(null);
  for (const name of Object.keys(given).sort()) {
    const value = visible(given[name] ?? "");
    if (value === "") continue;
    let label = "";
    for (const character of name) {
      const isPlain = /[A-Za-z0-9]/.test(character);
      if (isPlain || !label.endsWith("_")) label += isPlain ? character : "_";
    }
    if (label === "" || /^[0-9]/.test(label)) label = `_${label}`;
    if (label === "le" || label === "quantile") label += "_";
    labels[label] = labels[label] === undefined ? value : `${labels[label]};${value}`;
  }
  return labels;
}

/** One line of visible text: white space is a blank, other control characters are the replacement character. */
function visible(value: string): string {
  let seen = "";
  for (const character of value.toWellFormed()) {
    const isControl = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u.test(character);
    seen += !isControl ? character : /\s/.test(character) ? " " : "\ufffd";
  }
  return seen;
}
