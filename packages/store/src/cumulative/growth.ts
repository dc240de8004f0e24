/** What one series grew by, step by step, in few bytes: there may be hundreds of thousands of steps. */
import { createByteReader, createByteWriter } from "../series/columns/bytes.ts";
import type { CumulativeValue } from "./types.ts";

/** Collects what a series grew by, one stretch of steps after the other. */
export interface Growth {
  /** Where it begins. */
  readonly nothing: CumulativeValue;
  /** @param step of the stretch that is open. */
  add(step: number, value: CumulativeValue): void;
  /** Nothing more is added to the steps so far; the next stretch begins at `next`. */
  close(next: number): void;
  /** What had been reached behind each step in which it grew. */
  steps(): Generator<{ readonly step: number; readonly value: CumulativeValue }>;
}

/** Where numbers of a step stand while it is open: an object for each would live just long enough to be costly. */
const SUM = 0;
const COUNT = 1;
const FIRST_BUCKET = 2;

/**
 * @param bounds number of bounds of its buckets; 0 for a counter.
 * @param first step of the first stretch.
 * @param maxSteps the most that a stretch has.
 */
export function createGrowth(bounds: number, first: number, maxSteps: number): Growth {
  const buckets = bounds === 0 ? 0 : bounds + 1;
  const width = FIRST_BUCKET + buckets;
  const nothing = { sum: 0, count: 0, bucketCounts: new Array<number>(buckets).fill(0) };
  const open = new Float64Array(maxSteps * width);
  let openFrom = first;
  /** Of each step: how far behind the last one it lies, its sum, its count, and how many buckets grew, each with index and count. */
  const writer = createByteWriter();
  let lastStep = 0;
  let written = 0;

  const addAt = (place: number, more: number): void => {
    open[place] = (open[place] as number) + more;
  };

  const write = (step: number, numbers: Float64Array): void => {
    writer.varint(step - lastStep);
    lastStep = step;
    written += 1;
    writer.varint(zigzag(numbers[SUM] as number));
    writer.varint(numbers[COUNT] as number);
    let grown = 0;
    for (let i = FIRST_BUCKET; i < width; i++) if (numbers[i] !== 0) grown += 1;
    writer.byte(grown);
    for (let i = FIRST_BUCKET; i < width; i++) {
      if (numbers[i] === 0) continue;
      writer.byte(i - FIRST_BUCKET);
      writer.varint(numbers[i] as number);
    }
  };

  return {
    nothing,
    add(step, { sum, count, bucketCounts }) {
      const place = (step - openFrom) * width;
      addAt(place + SUM, sum);
      addAt(place + COUNT, count);
      for (let i = 0; i < buckets; i++) addAt(place + FIRST_BUCKET + i, bucketCounts[i] as number);
    },
    close(next) {
      for (let i = 0; i < maxSteps; i++) {
        const numbers = open.subarray(i * width, (i + 1) * width);
        if (numbers[SUM] !== 0 || numbers[COUNT] !== 0) write(openFrom + i, numbers);
      }
      open.fill(0);
      openFrom = next;
    },
    *steps() {
      const reader = createByteReader(writer.bytes());
      let value: CumulativeValue = nothing;
      let step = 0;
      for (let i = 0; i < written; i++) {
        step += reader.varint();
        const sum = value.sum + unzigzag(reader.varint());
        const count = value.count + reader.varint();
        const bucketCounts = [...value.bucketCounts];
        for (let left = reader.byte(); left > 0; left--) {
          const bucket = reader.byte();
          bucketCounts[bucket] = (bucketCounts[bucket] ?? 0) + reader.varint();
        }
        value = { sum, count, bucketCounts };
        yield { step, value };
      }
    },
  };
}

/** 0, -1, 1, -2, … as 0, 1, 2, 3, … */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
