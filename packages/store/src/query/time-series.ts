/** `aggregateByTime`: a measure over calendar intervals. */
import type { TimeRange } from "@moai-metrics/model";
import { planBuckets } from "./buckets.ts";
import { collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { requireGroups } from "./groups.ts";
import { hasFacts, measure, planWant } from "./measure-value.ts";
import { requireMeasure } from "./measures.ts";
import { requirePercentile } from "./quantile.ts";
import { readSpan } from "./span.ts";
import { toTimeRows } from "./time-rows.ts";
import { INTERVALS, type TimeAnswer, type TimeQuestion } from "./types.ts";

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
    const values = cells.map((cell) => measure(cell, definition, question.function, percentile));
    const rows = toTimeRows(cells, values, buckets, groupBy, {
      isFilled: question.fill ?? false,
      hasRange: filter.range !== undefined,
      empty: measure(undefined, definition, question.function, percentile),
    });
    const relativeError = values.reduce(
      (greatest, value) => (hasFacts(value) ? Math.max(greatest, value.relativeError) : greatest),
      0,
    );
    return { unit: definition.unit, timeZone, source, relativeError, buckets: rows };
  });
}

const NOTHING: TimeRange = { startMillis: 0, endMillis: 0 };
