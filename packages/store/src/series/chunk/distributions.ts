/** Columns of distributions: one per field and, for explicit bounds, one per bucket. */
import type { ByteReader, ByteWriter } from "../columns/bytes.ts";
import { type DoubleColumn, decodeDoubles, readDoubles, writeDoubles } from "../columns/doubles.ts";
import type { PlanePosition, PlaneReader, PlaneWriter } from "../columns/planes.ts";
import type { ExponentialHistogramValue, HistogramValue } from "../types.ts";

/** Where an entry is written to. */
export interface ColumnSink {
  readonly meta: ByteWriter;
  readonly planes: PlaneWriter;
}

/** Where an entry is read from. */
export interface ColumnSource {
  readonly meta: ByteReader;
  readonly position: PlanePosition;
}

const ABSENT = 0;
const PRESENT = 1;
const MIXED = 2;

type Optional = (planes: PlaneReader) => (number | undefined)[];
type Distribution = HistogramValue | ExponentialHistogramValue;

/** Writes histograms that have the same bounds. */
export function writeHistograms(histograms: readonly HistogramValue[], sink: ColumnSink): void {
  const bounds = histograms[0]?.bounds ?? [];
  sink.meta.varint(bounds.length);
  writeColumn(bounds, sink);
  writeSummary(histograms, sink);
  for (let bucket = 0; bucket <= bounds.length; bucket++) {
    writeColumn(
      histograms.map(({ counts }) => counts[bucket] ?? 0),
      sink,
    );
  }
}

/** Finds histograms; what it returns decodes them. */
export function readHistograms(count: number, source: ColumnSource): (planes: PlaneReader) => HistogramValue[] {
  const boundCount = source.meta.varint();
  const boundColumn = readColumn(boundCount, source);
  const summary = readSummary(count, source);
  const buckets = Array.from({ length: boundCount + 1 }, () => readColumn(count, source));
  return (planes) => {
    const bounds = [...decodeDoubles(boundColumn, planes)];
    const counts = buckets.map((column) => decodeDoubles(column, planes));
    return summary(planes).map((each, i) => ({
      kind: "histogram",
      ...each,
      bounds,
      counts: counts.map((column) => column[i] ?? 0),
    }));
  };
}

export function writeExponentials(histograms: readonly ExponentialHistogramValue[], sink: ColumnSink): void {
  writeSummary(histograms, sink);
  const fields: ((value: ExponentialHistogramValue) => number)[] = [
    (value) => value.scale,
    (value) => value.zeroCount,
    (value) => value.positive.offset,
    (value) => value.positive.counts.length,
    (value) => value.negative.offset,
    (value) => value.negative.counts.length,
  ];
  for (const field of fields) writeColumn(histograms.map(field), sink);
  const counts = histograms.flatMap(({ positive, negative }) => [...positive.counts, ...negative.counts]);
  sink.meta.varint(counts.length);
  writeColumn(counts, sink);
}

/** Finds exponential histograms; what it returns decodes them. */
export function readExponentials(
  count: number,
  source: ColumnSource,
): (planes: PlaneReader) => ExponentialHistogramValue[] {
  const summary = readSummary(count, source);
  const fields = Array.from({ length: 6 }, () => readColumn(count, source));
  const counts = readColumn(source.meta.varint(), source);
  return (planes) => {
    const [scales, zeros, positiveOffsets, positiveLengths, negativeOffsets, negativeLengths] = fields.map((column) =>
      decodeDoubles(column, planes),
    );
    const all = decodeDoubles(counts, planes);
    let next = 0;
    const take = (length = 0): number[] => {
      next += length;
      return [...all.subarray(next - length, next)];
    };
    return summary(planes).map((each, i) => ({
      kind: "exponential_histogram",
      ...each,
      scale: scales?.[i] ?? 0,
      zeroCount: zeros?.[i] ?? 0,
      positive: { offset: positiveOffsets?.[i] ?? 0, counts: take(positiveLengths?.[i]) },
      negative: { offset: negativeOffsets?.[i] ?? 0, counts: take(negativeLengths?.[i]) },
    }));
  };
}

function writeSummary(histograms: readonly Distribution[], sink: ColumnSink): void {
  writeColumn(
    histograms.map(({ count }) => count),
    sink,
  );
  for (const field of ["sum", "min", "max"] as const) {
    writeOptional(
      histograms.map((each) => each[field]),
      sink,
    );
  }
}

type Summary = Pick<Distribution, "count" | "sum" | "min" | "max">;

function readSummary(count: number, source: ColumnSource): (planes: PlaneReader) => Summary[] {
  const counts = readColumn(count, source);
  const readers = [readOptional(count, source), readOptional(count, source), readOptional(count, source)] as const;
  return (planes) => {
    const [sums, mins, maxs] = readers.map((read) => read(planes));
    return [...decodeDoubles(counts, planes)].map((each, i) => ({
      count: each,
      sum: sums?.[i],
      min: mins?.[i],
      max: maxs?.[i],
    }));
  };
}

function writeOptional(values: readonly (number | undefined)[], sink: ColumnSink): void {
  const known = values.filter((value) => value !== undefined);
  const mode = known.length === 0 ? ABSENT : known.length === values.length ? PRESENT : MIXED;
  sink.meta.byte(mode);
  if (mode === MIXED) {
    writeColumn(
      values.map((value) => (value === undefined ? 0 : 1)),
      sink,
    );
    sink.meta.varint(known.length);
  }
  if (mode !== ABSENT) writeColumn(known, sink);
}

function readOptional(count: number, source: ColumnSource): Optional {
  const mode = source.meta.byte();
  if (mode === ABSENT) return () => new Array<undefined>(count).fill(undefined);
  const presence = mode === MIXED ? readColumn(count, source) : undefined;
  const known = readColumn(mode === MIXED ? source.meta.varint() : count, source);
  return (planes) => {
    const values = decodeDoubles(known, planes);
    if (presence === undefined) return [...values];
    let next = 0;
    return [...decodeDoubles(presence, planes)].map((isKnown) => (isKnown === 1 ? values[next++] : undefined));
  };
}

function writeColumn(values: readonly number[], { meta, planes }: ColumnSink): void {
  writeDoubles(Float64Array.from(values), meta, planes);
}

function readColumn(count: number, { meta, position }: ColumnSource): DoubleColumn {
  return readDoubles(count, meta, position);
}
