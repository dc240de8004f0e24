/** The blob of a chunk as entries, each decoded when it is asked for. */
import { createByteReader } from "../columns/bytes.ts";
import { decodeDoubles, readDoubles } from "../columns/doubles.ts";
import { decodeIntegers, readIntegers } from "../columns/integers.ts";
import { createPlaneReader, firstPosition, type PlaneReader } from "../columns/planes.ts";
import { unpackStreams } from "../columns/streams.ts";
import { type ColumnSource, readExponentials, readHistograms } from "./distributions.ts";
import { ENTRY_KINDS, STARTS_AT_PREVIOUS, STARTS_EQUAL, STARTS_LISTED } from "./encode.ts";
import { type ChunkEntry, type EntryKind, type EntryValues, nanoOfDay } from "./types.ts";

/** A chunk whose directory has been read. */
export interface OpenChunk {
  /** Numbers of its series, ascending, each once. */
  readonly seriesIds: readonly number[];
  /** The entries of a series; one series may have several. Decoded once. */
  entriesOf(seriesId: number): readonly ChunkEntry[];
}

/**
 * Reads the directory of a chunk.
 * @throws Error when the blob is not what {@link encodeChunk} made; the caller has compared the CRC before.
 */
export function openChunk(day: number, blob: Uint8Array): OpenChunk {
  const [directory, ...streams] = unpackStreams(blob);
  if (directory === undefined) throw new RangeError("The chunk has no directory.");
  const planes = createPlaneReader(streams);
  const source: ColumnSource = { meta: createByteReader(directory), position: firstPosition() };
  const dayStart = nanoOfDay(day);
  const times = listOf(source, () => {
    const column = readIntegers(source.meta.varint(), source.meta, source.position);
    return { count: column.count, decode: once(() => Float64Array.from(decodeIntegers(column, planes), Number)) };
  });
  const starts = listOf(source, () =>
    once(readStarts(source, planes, dayStart, (index) => atIndex(times, index).decode())),
  );
  const byseries = new Map<number, (() => ChunkEntry)[]>();
  let seriesId = 0;
  listOf(source, () => {
    seriesId += source.meta.varint();
    const id = seriesId;
    const kind = atIndex(ENTRY_KINDS, source.meta.byte());
    const time = atIndex(times, source.meta.varint());
    const start = atIndex(starts, source.meta.varint());
    const values = readValues(kind, time.count, source);
    const entry = once(
      (): ChunkEntry => ({ seriesId: id, times: time.decode(), starts: start(), values: values(planes) }),
    );
    const known = byseries.get(id);
    if (known === undefined) byseries.set(id, [entry]);
    else known.push(entry);
  });
  return {
    seriesIds: [...byseries.keys()],
    entriesOf: (id) => byseries.get(id)?.map((entry) => entry()) ?? [],
  };
}

function readStarts(
  { meta, position }: ColumnSource,
  planes: PlaneReader,
  dayStart: bigint,
  timesAt: (index: number) => Float64Array,
): () => BigInt64Array {
  const kind = meta.byte();
  const count = meta.varint();
  if (kind === STARTS_LISTED) {
    const column = readIntegers(count, meta, position);
    return () => BigInt64Array.from([...decodeIntegers(column, planes)], (start) => dayStart + BigInt(start));
  }
  const first = meta.signed();
  if (kind === STARTS_EQUAL) return () => new BigInt64Array(count).fill(first);
  if (kind !== STARTS_AT_PREVIOUS) throw new RangeError(`There is no kind ${kind} of starts.`);
  return () => {
    const times = timesAt(count);
    return BigInt64Array.from(times, (_, i) => (i === 0 ? first : dayStart + BigInt(times[i - 1] ?? 0)));
  };
}

function readValues(kind: EntryKind, count: number, source: ColumnSource): (planes: PlaneReader) => EntryValues {
  const { meta, position } = source;
  switch (kind) {
    case "int": {
      const column = readIntegers(count, meta, position);
      return (planes) => ({ kind, numbers: decodeIntegers(column, planes) });
    }
    case "double": {
      const column = readDoubles(count, meta, position);
      return (planes) => ({ kind, numbers: decodeDoubles(column, planes) });
    }
    case "histogram": {
      const decode = readHistograms(count, source);
      return (planes) => ({ kind, histograms: decode(planes) });
    }
    case "exponential_histogram": {
      const decode = readExponentials(count, source);
      return (planes) => ({ kind, histograms: decode(planes) });
    }
  }
}

function listOf<T>({ meta }: ColumnSource, read: () => T): T[] {
  return Array.from({ length: meta.varint() }, read);
}

function atIndex<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`The directory names entry ${index} of ${list.length}.`);
  return found;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
