/** What one series grew by, step by step, in few bytes: there may be hundreds of thousands of steps. */
import { createByteReader, createByteWriter } from "../series/columns/bytes.ts";
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
  const sums: number[] = [];
  /** Of each step: how far behind the last one it lies, its count, and how many buckets grew, each with index and count. */
  const writer = createByteWriter();
  let lastStep = 0;
  return {
    nothing,
    add(step, value) {
      const known = open.get(step);
      open.set(step, known === undefined ? value : addValues(known, value));
    },
    close() {
      for (const [step, { sum, count, bucketCounts }] of [...open].sort(([a], [b]) => a - b)) {
        sums.push(sum);
        writer.varint(step - lastStep);
        writer.varint(count);
        lastStep = step;
        const grown = [...bucketCounts.entries()].filter(([, added]) => added !== 0);
        writer.byte(grown.length);
        for (const [i, added] of grown) {
          writer.byte(i);
          writer.varint(added);
        }
      }
      open.clear();
    },
    *steps() {
      const reader = createByteReader(writer.bytes());
      let value: CumulativeValue = nothing;
      let step = 0;
      for (const sum of sums) {
        step += reader.varint();
        const count = reader.varint();
        const bucketCounts = [...value.bucketCounts];
        for (let left = reader.byte(); left > 0; left--) {
          const bucket = reader.byte();
          bucketCounts[bucket] = (bucketCounts[bucket] ?? 0) + reader.varint();
        }
        value = { sum: value.sum + sum, count: value.count + count, bucketCounts };
        yield { step, value };
      }
    },
  };
}
