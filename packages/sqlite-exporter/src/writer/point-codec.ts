/**
 * Carries points between threads. Names and attributes of a series cross once, later points refer to them by number;
 * times and values cross as arrays of numbers. Copying whole points costs more than storing them.
 */
import type { PointBatch, PointValue, SeriesIdentity, SeriesPoint } from "@moai-metrics/store";

/** Points on their way. */
export interface EncodedPoints {
  /** The receiver forgets all series that it knows, before it learns new ones. */
  readonly isFresh: boolean;
  readonly newSeries: readonly (readonly [id: number, identity: SeriesIdentity])[];
  /** One entry per point in each of the arrays. */
  readonly seriesIds: Float64Array;
  readonly startTimes: BigInt64Array;
  readonly times: BigInt64Array;
  readonly numbers: Float64Array;
  /** Values that a double cannot hold: distributions and big integers, by the index of their point. */
  readonly otherValues: readonly (readonly [index: number, value: PointValue])[];
}

const MAX_KNOWN_SERIES = 50_000;

/** Creates the sender's side. Every batch must reach the one receiver, in order. */
export function createPointEncoder(): (batch: PointBatch) => EncodedPoints {
  const idByKey = new Map<string, number>();
  const resourceKeys = new WeakMap<object, string>();
  const keyOf = ({ attributes, resource, scope, ...metric }: SeriesIdentity): string => {
    let resourceKey = resourceKeys.get(resource);
    if (resourceKey === undefined) {
      resourceKey = JSON.stringify(resource);
      resourceKeys.set(resource, resourceKey);
    }
    const { metric: name, kind, unit, description, temporality, isMonotonic, valueType } = metric;
    const fields = `${name}\0${kind}\0${unit}\0${description}\0${temporality}\0${isMonotonic}\0${valueType}`;
    return `${fields}\0${scope.name}\0${scope.version}\0${resourceKey}\0${JSON.stringify(attributes)}`;
  };

  return (batch) => {
    const isFresh = idByKey.size === 0 || idByKey.size > MAX_KNOWN_SERIES;
    if (isFresh) idByKey.clear();
    const newSeries: [number, SeriesIdentity][] = [];
    const otherValues: [number, PointValue][] = [];
    const size = batch.series.reduce((sum, { points }) => sum + points.length, 0);
    const seriesIds = new Float64Array(size);
    const startTimes = new BigInt64Array(size);
    const times = new BigInt64Array(size);
    const numbers = new Float64Array(size);
    let index = 0;
    for (const { identity, points } of batch.series) {
      const key = keyOf(identity);
      let id = idByKey.get(key);
      if (id === undefined) {
        id = idByKey.size;
        idByKey.set(key, id);
        newSeries.push([id, identity]);
      }
      for (const { startTimeUnixNano, timeUnixNano, value } of points) {
        seriesIds[index] = id;
        startTimes[index] = startTimeUnixNano;
        times[index] = timeUnixNano;
        if (value.kind === "number" && typeof value.value === "number") numbers[index] = value.value;
        else otherValues.push([index, value]);
        index += 1;
      }
    }
    return { isFresh, newSeries, seriesIds, startTimes, times, numbers, otherValues };
  };
}

/** Creates the receiver's side. The same series is the same object in every batch. */
export function createPointDecoder(): (encoded: EncodedPoints) => PointBatch {
  const known = new Map<number, SeriesIdentity>();
  return ({ isFresh, newSeries, seriesIds, startTimes, times, numbers, otherValues }) => {
    if (isFresh) known.clear();
    for (const [id, identity] of newSeries) known.set(id, identity);
    const others = new Map(otherValues);
    const series: { identity: SeriesIdentity; points: SeriesPoint[] }[] = [];
    for (const [index, id] of seriesIds.entries()) {
      const identity = known.get(id);
      if (identity === undefined) throw new RangeError(`Series ${id} was never announced.`);
      const point: SeriesPoint = {
        startTimeUnixNano: startTimes[index] ?? 0n,
        timeUnixNano: times[index] ?? 0n,
        value: others.get(index) ?? { kind: "number", value: numbers[index] ?? 0 },
      };
      series.push({ identity, points: [point] });
    }
    return { series };
  };
}
