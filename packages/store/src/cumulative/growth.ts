/** What one series grew by, step by step, in few bytes: there may be hundreds of thousands of steps. */
import type { CumulativeValue } from "./types.ts";
import { addValues } from "./values.ts";

/** Collects what a series grew by; steps must be closed in their order. */
export interface Growth {
  /** Where it begins. */
  readonly nothing: CumulativeValue;
  add(step: number, value: CumulativeValue): void;
  /** Nothing more is added to the steps so far. */
  close(): void;
  /** What had been reached behind each step in which it grew. */
  steps(): Generator<{ readonly step: number; readonly value: CumulativeValue }>;
}

/** @param bounds number of bounds of its buckets; 0 for a counter. */
export function createGrowth(bounds: number): Growth {
  const width = bounds === 0 ? 0 : bounds + 1;
  const nothing = { sum: 0, count: 0, bucketCounts: new Array<number>(width).fill(0) };
  const open = new Map<number, CumulativeValue>();
  const steps: number[] = [];
  const sums: number[] = [];
  const counts: number[] = [];
  /** Index and count of each bucket that grew; where those of a step begin stands in `starts`. */
  const buckets: number[] = [];
  const starts: number[] = [0];
  return {
    nothing,
    add(step, value) {
      const known = open.get(step);
      open.set(step, known === undefined ? value : addValues(known, value));
    },
    close() {
      for (const [step, { sum, count, bucketCounts }] of [...open].sort(([a], [b]) => a - b)) {
        steps.push(step);
        sums.push(sum);
        counts.push(count);
        for (const [i, added] of bucketCounts.entries()) if (added !== 0) buckets.push(i, added);
        starts.push(buckets.length);
      }
      open.clear();
    },
    *steps() {
      let value: CumulativeValue = nothing;
      for (const [i, step] of steps.entries()) {
        const bucketCounts = [...value.bucketCounts];
        for (let place = starts[i] ?? 0; place < (starts[i + 1] ?? 0); place += 2) {
          const bucket = buckets[place] ?? 0;
          bucketCounts[bucket] = (bucketCounts[bucket] ?? 0) + (buckets[place + 1] ?? 0);
        }
        value = { sum: value.sum + (sums[i] ?? 0), count: value.count + (counts[i] ?? 0), bucketCounts };
        yield { step, value };
      }
    },
  };
}
