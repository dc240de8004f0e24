/** Entries as points, and points as entries. */
import type { Integers } from "../columns/integers.ts";
import type { ExponentialHistogramValue, HistogramValue, PointValue, SeriesPoint } from "../types.ts";
import { type ChunkEntry, type EntryKind, type EntryValues, nanoOfDay } from "./types.ts";

/** A value as it is read from a row: `bigint` for integers, `number` for doubles. */
export type StoredValue = bigint | number | HistogramValue | ExponentialHistogramValue;

/** Collects points of one UTC day and gives them as entries. */
export interface EntryBuilder {
  add(seriesId: number, timeNano: bigint, startNano: bigint, value: StoredValue): void;
  addEntry(entry: ChunkEntry): void;
  /** The entries, in order of series and kind, each in order of time and start. */
  entries(): ChunkEntry[];
}

interface Growing {
  readonly seriesId: number;
  readonly kind: EntryKind;
  readonly times: number[];
  readonly starts: bigint[];
  readonly values: StoredValue[];
}

export function createEntryBuilder(day: number): EntryBuilder {
  const dayStart = nanoOfDay(day);
  const growing = new Map<number, Map<string, Growing>>();
  const growingOf = (seriesId: number, value: StoredValue): Growing => {
    let ofSeries = growing.get(seriesId);
    if (ofSeries === undefined) {
      ofSeries = new Map();
      growing.set(seriesId, ofSeries);
    }
    const key = groupOf(value);
    let entry = ofSeries.get(key);
    if (entry === undefined) {
      entry = { seriesId, kind: kindOf(value), times: [], starts: [], values: [] };
      ofSeries.set(key, entry);
    }
    return entry;
  };
  const push = (seriesId: number, time: number, start: bigint, value: StoredValue): void => {
    const entry = growingOf(seriesId, value);
    entry.times.push(time);
    entry.starts.push(start);
    entry.values.push(value);
  };
  return {
    add: (seriesId, timeNano, startNano, value) => push(seriesId, Number(timeNano - dayStart), startNano, value),
    addEntry({ seriesId, times, starts, values }) {
      if (times.length === 0) return;
      const { times: allTimes, starts: allStarts, values: allValues } = growingOf(seriesId, storedValueAt(values, 0));
      for (let i = 0; i < times.length; i++) {
        allTimes.push(times[i] ?? 0);
        allStarts.push(starts[i] ?? 0n);
        allValues.push(storedValueAt(values, i));
      }
    },
    entries: () =>
      [...growing.keys()]
        .toSorted((a, b) => a - b)
        .flatMap((seriesId) =>
          [...(growing.get(seriesId) ?? new Map<string, Growing>()).entries()]
            .toSorted(([a], [b]) => (a < b ? -1 : 1))
            .map(([, entry]) => finished(entry)),
        ),
  };
}

/** The points of entries of one series from `fromNano` to before `toNano`, in order of time and start. */
export function pointsOfEntries(
  day: number,
  entries: readonly ChunkEntry[],
  fromNano: bigint = nanoOfDay(day),
  toNano: bigint = nanoOfDay(day + 1),
): SeriesPoint[] {
  const dayStart = nanoOfDay(day);
  const from = Number(fromNano - dayStart);
  const to = Number(toNano - dayStart);
  const points: SeriesPoint[] = [];
  let isSorted = true;
  let previous: SeriesPoint | undefined;
  for (const { times, starts, values } of entries) {
    const end = firstAtLeast(times, to);
    for (let i = firstAtLeast(times, from); i < end; i++) {
      const point: SeriesPoint = {
        startTimeUnixNano: starts[i] ?? 0n,
        timeUnixNano: dayStart + BigInt(times[i] ?? 0),
        value: valueAt(values, i),
      };
      if (previous !== undefined && comparePoints(previous, point) > 0) isSorted = false;
      previous = point;
      points.push(point);
    }
  }
  return isSorted ? points : points.sort(comparePoints);
}

/** Order of time, then of start. */
function comparePoints(a: SeriesPoint, b: SeriesPoint): number {
  if (a.timeUnixNano !== b.timeUnixNano) return a.timeUnixNano < b.timeUnixNano ? -1 : 1;
  if (a.startTimeUnixNano === b.startTimeUnixNano) return 0;
  return a.startTimeUnixNano < b.startTimeUnixNano ? -1 : 1;
}

/** Whether a point of this time and start is among the entries of a series. */
export function hasPoint(day: number, entries: readonly ChunkEntry[], timeNano: bigint, startNano: bigint): boolean {
  const time = Number(timeNano - nanoOfDay(day));
  return entries.some(({ times, starts }) => {
    for (let i = firstAtLeast(times, time); times[i] === time; i++) if (starts[i] === startNano) return true;
    return false;
  });
}

function firstAtLeast(sorted: Float64Array, wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Integers come as numbers where a number holds them exactly, else as bigint. */
export function pointValueOf(value: StoredValue): PointValue {
  if (typeof value === "object") return value;
  if (typeof value === "number") return { kind: "number", value };
  const number = Number(value);
  return { kind: "number", value: Number.isSafeInteger(number) ? number : value };
}

function valueAt(values: EntryValues, index: number): PointValue {
  return pointValueOf(storedValueAt(values, index));
}

function storedValueAt(values: EntryValues, index: number): StoredValue {
  switch (values.kind) {
    case "int":
      return BigInt(values.numbers[index] ?? 0);
    case "double":
      return values.numbers[index] ?? 0;
    default: {
      const histogram = values.histograms[index];
      if (histogram === undefined) throw new RangeError(`The entry has no value ${index}.`);
      return histogram;
    }
  }
}

function kindOf(value: StoredValue): EntryKind {
  if (typeof value === "bigint") return "int";
  return typeof value === "number" ? "double" : value.kind;
}

/** Values of one group fit into the same columns. */
function groupOf(value: StoredValue): string {
  if (typeof value === "bigint") return "0";
  if (typeof value === "number") return "1";
  if (value.kind === "exponential_histogram") return "3";
  return `2 ${value.bounds.map((bound) => (Object.is(bound, -0) ? "-0" : bound)).join(" ")}`;
}

function finished({ seriesId, kind, times, starts, values }: Growing): ChunkEntry {
  const order = sortedOrder(times, starts);
  const inOrder = <T>(list: readonly T[]): readonly T[] =>
    order === undefined ? list : order.map((i) => list[i] as T);
  return {
    seriesId,
    times: new Float64Array(inOrder(times)),
    starts: new BigInt64Array(inOrder(starts)),
    values: valuesOf(kind, inOrder(values)),
  };
}

/** The order in which points must be taken, or undefined when they lie in order already. */
function sortedOrder(times: readonly number[], starts: readonly bigint[]): number[] | undefined {
  const compare = (a: number, b: number): number => {
    const byTime = (times[a] ?? 0) - (times[b] ?? 0);
    if (byTime !== 0) return byTime;
    return (starts[a] ?? 0n) < (starts[b] ?? 0n) ? -1 : 1;
  };
  if (times.every((_, i) => i === 0 || compare(i - 1, i) < 0)) return undefined;
  return times.map((_, i) => i).sort(compare);
}

function valuesOf(kind: EntryKind, values: readonly StoredValue[]): EntryValues {
  switch (kind) {
    case "int":
      return { kind, numbers: integersOf(values as readonly bigint[]) };
    case "double":
      return { kind, numbers: new Float64Array(values as readonly number[]) };
    case "histogram":
      return { kind, histograms: values as readonly HistogramValue[] };
    case "exponential_histogram":
      return { kind, histograms: values as readonly ExponentialHistogramValue[] };
  }
}

/** A loop, not `from` with a function: this is where compressing spends its time. */
function integersOf(values: readonly bigint[]): Integers {
  const numbers = new Float64Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    const number = Number(values[i]);
    if (!Number.isSafeInteger(number)) return new BigInt64Array(values);
    numbers[i] = number;
  }
  return numbers;
}
