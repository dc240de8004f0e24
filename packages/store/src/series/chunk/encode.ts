/** Entries as the blob of a chunk. Layout: docs/format/series.md. */
import { createByteWriter } from "../columns/bytes.ts";
import { writeDoubles } from "../columns/doubles.ts";
import { writeIntegers } from "../columns/integers.ts";
import { createPlaneWriter } from "../columns/planes.ts";
import { packStreams } from "../columns/streams.ts";
import { type ColumnSink, writeExponentials, writeHistograms } from "./distributions.ts";
import { type ChunkEntry, type EntryKind, type EntryValues, nanoOfDay } from "./types.ts";

export const ENTRY_KINDS: readonly EntryKind[] = ["int", "double", "histogram", "exponential_histogram"];

export const STARTS_EQUAL = 0;
/** Each point starts where the one before it ended: what delta exporters send. */
export const STARTS_AT_PREVIOUS = 1;
export const STARTS_LISTED = 2;

/** @param entries in order of their series; all points lie in the UTC day `day`. */
export function encodeChunk(day: number, entries: readonly ChunkEntry[]): Buffer {
  const sink: ColumnSink = { meta: createByteWriter(), planes: createPlaneWriter() };
  const dayStart = nanoOfDay(day);
  const times = shared(entries.map((entry) => entry.times));
  sink.meta.varint(times.distinct.length);
  for (const column of times.distinct) {
    sink.meta.varint(column.length);
    writeIntegers(column, sink.meta, sink.planes);
  }
  const starts = shared(entries.map((entry) => entry.starts));
  sink.meta.varint(starts.distinct.length);
  for (const [index, column] of starts.distinct.entries()) {
    const timeIndex = times.indexes[starts.indexes.indexOf(index)] ?? 0;
    writeStarts(column, timeIndex, times.distinct[timeIndex] ?? new Float64Array(), dayStart, sink);
  }
  sink.meta.varint(entries.length);
  let previousId = 0;
  for (const [index, { seriesId, values }] of entries.entries()) {
    sink.meta.varint(seriesId - previousId);
    previousId = seriesId;
    sink.meta.byte(ENTRY_KINDS.indexOf(values.kind));
    sink.meta.varint(times.indexes[index] ?? 0);
    sink.meta.varint(starts.indexes[index] ?? 0);
    writeValues(values, sink);
  }
  return packStreams([sink.meta.bytes(), ...sink.planes.streams()]);
}

function writeStarts(
  starts: BigInt64Array,
  timeIndex: number,
  times: Float64Array,
  dayStart: bigint,
  { meta, planes }: ColumnSink,
): void {
  const first = starts[0] ?? 0n;
  const isPrevious = (start: bigint, index: number): boolean =>
    index === 0 || start === dayStart + BigInt(times[index - 1] ?? 0);
  if (starts.every((start) => start === first)) {
    meta.byte(STARTS_EQUAL);
    meta.varint(starts.length);
    meta.signed(first);
  } else if (starts.every(isPrevious)) {
    meta.byte(STARTS_AT_PREVIOUS);
    meta.varint(timeIndex);
    meta.signed(first);
  } else {
    meta.byte(STARTS_LISTED);
    meta.varint(starts.length);
    writeIntegers(
      starts.map((start) => BigInt.asIntN(64, start - dayStart)),
      meta,
      planes,
    );
  }
}

function writeValues(values: EntryValues, sink: ColumnSink): void {
  switch (values.kind) {
    case "int":
      writeIntegers(values.numbers, sink.meta, sink.planes);
      break;
    case "double":
      writeDoubles(values.numbers, sink.meta, sink.planes);
      break;
    case "histogram":
      writeHistograms(values.histograms, sink);
      break;
    case "exponential_histogram":
      writeExponentials(values.histograms, sink);
      break;
  }
}

/** Equal arrays once, and for each array which one it is. Series that are collected together share their times. */
function shared<T extends Float64Array | BigInt64Array>(
  arrays: readonly T[],
): { readonly distinct: readonly T[]; readonly indexes: readonly number[] } {
  const distinct: T[] = [];
  const byContent = new Map<string, number>();
  const indexes = arrays.map((array) => {
    const content = Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString("latin1");
    const known = byContent.get(content);
    if (known !== undefined) return known;
    byContent.set(content, distinct.length);
    return distinct.push(array) - 1;
  });
  return { distinct, indexes };
}
