/** What cells of the rollups add to the series of a metric, in the rollups' own units. */
import type { Dimension } from "../read/types.ts";
import type { RollupCells, RollupView } from "../rollup/read-rollups.ts";
import type { Distribution, RollupSum } from "../rollup/types.ts";
import { addToBuckets } from "./exact-bounds.ts";
import { ATTRIBUTE_OF_DIMENSION, type CumulativeSource } from "./sources.ts";
import type { CumulativeAttributes, CumulativeValue } from "./types.ts";

/** One cell's part of one series. */
export interface Addition {
  readonly attributes: CumulativeAttributes;
  /** The same for additions to one series, different for others of the metric. */
  readonly series: string;
  /** Bucket of time. */
  readonly bucket: number;
  readonly value: CumulativeValue;
}

/** What must be asked so that {@link additionsOf} can tell: of some sources together, or of one alone. */
export function viewOf(sources: readonly CumulativeSource[]): RollupView {
  const sums = new Set<RollupSum>();
  const histograms = new Set<Distribution>();
  const groupBy = new Set<Dimension>();
  for (const { from, groupBy: dimensions } of sources) {
    for (const dimension of dimensions) groupBy.add(dimension);
    if ("distribution" in from) {
      histograms.add(from.distribution);
      sums.add(from.distribution).add(`${from.distribution}_count`);
    } else for (const { terms } of from.parts) for (const name of Object.keys(terms)) sums.add(name as RollupSum);
  }
  return { groupBy: [...groupBy], sums: [...sums], extremes: [], histograms: [...histograms], histogramScale: 0 };
}

/** What a source finds in an answer to that; nothing is left out but nothing. */
export function* additionsOf(
  source: CumulativeSource,
  { groupBy, sums, histograms }: RollupView,
  { keys, cells, shown }: RollupCells,
  labelOf: (dimension: Dimension, name: string) => string,
): Generator<Addition> {
  const { from } = source;
  const attributesOf = createAttributes(source, groupBy, keys, labelOf);
  const sumAt = (name: RollupSum, cell: number): number => cells.sums[sums.indexOf(name)]?.[cell] ?? 0;
  const parts = "distribution" in from ? [] : from.parts;
  for (const cell of shown) {
    const bucket = cells.buckets[cell] ?? 0;
    const group = attributesOf(cells.groups[cell] ?? 0);
    if ("distribution" in from) {
      const histogram = cells.histograms[histograms.indexOf(from.distribution)]?.[cell];
      const count = sumAt(`${from.distribution}_count`, cell);
      if (histogram === undefined || count === 0) continue;
      const bucketCounts = new Array<number>(from.exponents.length + 1).fill(0);
      addToBuckets(bucketCounts, histogram, from.exponents);
      yield { ...group, bucket, value: { sum: sumAt(from.distribution, cell), count, bucketCounts } };
      continue;
    }
    for (const [i, { attributes, terms }] of parts.entries()) {
      let sum = 0;
      for (const name in terms) sum += (terms[name as RollupSum] ?? 0) * sumAt(name as RollupSum, cell);
      if (sum === 0) continue;
      yield {
        attributes: { ...group.attributes, ...attributes },
        series: `${group.series}${i}`,
        bucket,
        value: { sum, count: 0, bucketCounts: [] },
      };
    }
  }
}

/** Attributes of each group of an answer, made once; groups that differ in other dimensions only are one series. */
function createAttributes(
  { groupBy }: CumulativeSource,
  asked: readonly Dimension[],
  keys: RollupCells["keys"],
  labelOf: (dimension: Dimension, name: string) => string,
): (group: number) => Pick<Addition, "attributes" | "series"> {
  const known: Pick<Addition, "attributes" | "series">[] = [];
  return (group) => {
    known[group] ??= (() => {
      const values = groupBy.map((dimension) => labelOf(dimension, keys[group]?.[asked.indexOf(dimension)] ?? ""));
      const given = groupBy.map((dimension, i) => [ATTRIBUTE_OF_DIMENSION[dimension], values[i] ?? ""] as const);
      return {
        attributes: Object.fromEntries(given.filter(([, value]) => value !== "")),
        series: JSON.stringify(values),
      };
    })();
    return known[group];
  };
}
