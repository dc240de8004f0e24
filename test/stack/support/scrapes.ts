/** What Prometheus read of the daemon: when, and how far each counter grew. */
import type { AskedRange, SampledStretch } from "./prometheus-arithmetic.ts";

/** A series with its samples. */
export interface SampledSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly samples: readonly { readonly atSeconds: number; readonly value: number }[];
}

/** The samples of a range. */
export interface Scrapes {
  readonly range: AskedRange;
  /**
   * A series by its name and its labels without those of the target.
   * @throws Error when Prometheus has none, or it did not grow by as much as SQLite says.
   */
  stretchOf(name: string, labels: Readonly<Record<string, string>>, grown: number): SampledStretch;
  /** Upper bounds of a histogram's buckets, ascending. */
  boundsOf(histogram: string): readonly number[];
}

/** The least that is told apart of sums of seconds and dollars. */
const PRECISION = 1e-6;

/** @param series as Prometheus has them in the range. */
export function createScrapes(series: readonly SampledSeries[], range: AskedRange): Scrapes {
  const byKey = new Map(series.map((each) => [keyOf(each.labels), each.samples]));
  return {
    range,
    stretchOf(name, labels, grown) {
      const key = keyOf({ ...labels, __name__: name });
      const samples = byKey.get(key);
      if (samples === undefined) throw new Error(`Prometheus has no ${key}, which grew by ${grown}.`);
      const [first = Number.NaN, last = Number.NaN] = [samples[0]?.value, samples.at(-1)?.value];
      if (Math.abs(last - first - grown) > PRECISION) {
        throw new Error(`${key} grew by ${last - first}, and SQLite says ${grown}.`);
      }
      return { timesMillis: samples.map(({ atSeconds }) => Math.round(atSeconds * 1000)), first, last };
    },
    boundsOf: (histogram) => {
      const bounds = series.flatMap(({ labels: { __name__: name, le } }) =>
        name === `${histogram}_bucket` ? [le] : [],
      );
      return [...new Set(bounds)]
        .map((le) => (le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le)))
        .sort((a, b) => a - b);
    },
  };
}

function keyOf({ job: _, instance: __, ...labels }: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
