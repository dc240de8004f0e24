/** `aggregateByTime`: a measure over calendar intervals. */
import type { TimeRange } from "@moai-metrics/model";
import { type Bucket, planBuckets } from "./buckets.ts";
import { cellName, collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { compareKeys, namesOf, requireGroups } from "./groups.ts";
import { hasFacts, measure, planWant } from "./measure-value.ts";
import { requireMeasure } from "./measures.ts";
import { requirePercentile } from "./quantile.ts";
import { readSpan } from "./span.ts";
import { type GroupNames, INTERVALS, type TimeAnswer, type TimeBucketRow, type TimeQuestion } from "./types.ts";

const METHOD = "aggregateByTime";

/** @throws RangeError for what cannot be honoured. */
export function aggregateByTime(context: QueryContext, question: TimeQuestion): TimeAnswer {
  const { interval, signal, weekStart, timeZone = "UTC" } = question;
  const definition = requireMeasure(question.measure, question.function);
  const percentile = question.function === "percentile" ? requirePercentile(question.percentile) : undefined;
  const groupBy = requireGroups(METHOD, definition.population, question.groupBy);
  const filter = requireFilter(METHOD, definition.population, question);
  if (!INTERVALS.includes(interval)) {
    throw new RangeError(`There is no interval "${interval}". Intervals: ${INTERVALS.join(", ")}.`);
  }
  const calendar = context.calendarOf(timeZone);
  signal?.throwIfAborted();

  return context.inOneState(() => {
    const range = filter.range ?? readSpan(context) ?? NOTHING;
    const buckets = planBuckets(range, interval, calendar, weekStart);
    const { cells, source } = collect(context, {
      method: METHOD,
      range,
      edges: [...buckets.map(({ startMillis }) => startMillis), range.endMillis],
      timeZone,
      filter,
      groupBy,
      want: planWant(definition, question.function),
      signal,
    });
    const values = cells
      .map((cell) => ({
        bucket: cell.bucket,
        key: cell.key,
        ...measure(cell, definition, question.function, percentile),
      }))
      .filter(hasFacts);
    const empty = measure(undefined, definition, question.function, percentile);
    const known = new Map(values.map((value) => [cellName(value.bucket, value.key), value]));
    const keys = distinctKeys(values.map(({ key }) => key));
    const shown = shownBuckets(values, buckets, question.fill ?? false, filter.range !== undefined);
    const rows = shown.flatMap((i) =>
      (keys.length === 0 && groupBy.length === 0 ? [[]] : keys).flatMap((key) => {
        const value = known.get(cellName(i, key)) ?? (question.fill ? empty : undefined);
        return value === undefined ? [] : [toRow(buckets[i], namesOf(groupBy, key), value)];
      }),
    );
    const relativeError = Math.max(0, ...new Set(values.map((value) => value.relativeError)));
    return { unit: definition.unit, timeZone, source, relativeError, buckets: rows };
  });
}

const NOTHING: TimeRange = { startMillis: 0, endMillis: 0 };

/** Without a range, what is filled lies between the first and the last bucket with facts. */
function shownBuckets(
  values: readonly { readonly bucket: number }[],
  buckets: readonly Bucket[],
  isFilled: boolean,
  hasRange: boolean,
): number[] {
  const used = [...new Set(values.map(({ bucket }) => bucket))].sort((a, b) => a - b);
  if (!isFilled) return used;
  const first = hasRange ? 0 : (used[0] ?? 0);
  const last = hasRange ? buckets.length - 1 : (used.at(-1) ?? -1);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function distinctKeys(keys: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const byName = new Map(keys.map((key) => [JSON.stringify(key), key]));
  return [...byName.values()].sort(compareKeys);
}

function toRow(
  bucket: Bucket | undefined,
  names: GroupNames,
  { value, count }: { readonly value: number | undefined; readonly count: number },
): TimeBucketRow {
  const { label = "", startMillis = 0, endMillis = 0 } = bucket ?? {};
  return { label, startMillis, endMillis, ...names, value, count };
}
