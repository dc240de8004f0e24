/** Shows live counters to readers, and keeps what they were shown. */
import type { Database } from "better-sqlite3";
import type { CumulativeValue } from "../cumulative/types.ts";
import type { ExposedCounter, ExposedCounters, ExposureQuestion } from "./exposure-types.ts";
import { LIVE_SOURCES } from "./live-sources.ts";
import { type ExposedVector, linesOf, planExposure, type ShownSeries } from "./plan-exposure.ts";
import { readGauges } from "./read-gauges.ts";
import { type LiveVector, readLiveSeries, seriesOfKey } from "./read-live.ts";

const MAX_LINES = 20_000;
const READER = /^[\w-]{1,64}$/;

interface ExposedRow {
  readonly series: string;
  readonly started_at: number;
  readonly shown: string;
  readonly received: string | null;
}

/** Reads and writes its own tables only. */
export function createExposedCounters(database: Database): ExposedCounters {
  const select = database.prepare<[string], ExposedRow>(
    "SELECT series, started_at, shown, received FROM exposed_series WHERE reader = ?",
  );
  const selectOne = database.prepare<[string, string], Pick<ExposedRow, "shown" | "received">>(
    "SELECT shown, received FROM exposed_series WHERE reader = ? AND series = ?",
  );
  const save = database.prepare<[string, string, number, string, string | null]>(
    `INSERT INTO exposed_series (reader, series, started_at, shown, received) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET shown = excluded.shown, received = excluded.received`,
  );
  const confirmAll = database.prepare<[string]>(
    "UPDATE exposed_series SET received = shown WHERE reader = ? AND received IS NOT shown",
  );

  const readShown = (reader: string): Map<string, ShownSeries> => {
    const known = new Map<string, ShownSeries>();
    for (const { series, started_at: startedAtMillis, shown, received } of select.all(reader)) {
      const vector = JSON.parse(shown) as number[];
      // Bounds of a metric may be others in another version: then its series begin anew.
      const source = seriesOfKey(series)?.source;
      if (source === undefined || vector.length !== linesOf(source)) continue;
      known.set(series, {
        startedAtMillis,
        shown: vector,
        received: received === null ? undefined : received === shown ? vector : (JSON.parse(received) as number[]),
      });
    }
    return known;
  };

  /** What another process that reads under the same name has shown meanwhile is never taken back. */
  const write = database.transaction(
    (reader: string, series: readonly ExposedVector[], isReceived: boolean): ExposedVector[] => {
      const written = series.map((each): ExposedVector => {
        if (!each.isChanged) return each;
        const now = selectOne.get(reader, each.key);
        const shown = now === undefined ? each.shown : greaterOf(each.shown, JSON.parse(now.shown) as number[]);
        const text = JSON.stringify(shown);
        const had = each.received === undefined ? (now?.received ?? null) : JSON.stringify(each.received);
        save.run(reader, each.key, each.startedAtMillis, text, isReceived ? text : had);
        return { ...each, shown };
      });
      if (isReceived && series.some(({ received, isChanged }) => received === undefined && !isChanged)) {
        confirmAll.run(reader);
      }
      return written;
    },
  );

  /** Reads in one state of the file and does not keep others from writing meanwhile: it takes longer than writing does. */
  const read = database.transaction((question: ExposureQuestion) => {
    const { reader, delivery, maxLines = MAX_LINES } = question;
    const { series, overflowingValues } = readLiveSeries(database, question);
    const plan = planExposure(series, readShown(reader), maxLines, delivery === "looked_at");
    const tasks = plan.series.filter(({ source }) => source.metric.key === "taskCount").map(toCounter);
    return { ...plan, overflowingValues, gauges: readGauges(database, question, tasks) };
  });

  return {
    expose(question) {
      if (!READER.test(question.reader)) {
        throw new RangeError(
          `reader is ${JSON.stringify(question.reader)}; give a name of letters, digits, _ and -, at most 64 of them.`,
        );
      }
      const { series, overflowing, overflowingValues, gauges } = read.deferred(question);
      const isNews = series.some(({ isChanged, received }) => isChanged || received === undefined);
      const shown =
        question.delivery !== "looked_at" && isNews
          ? write.immediate(question.reader, series, question.delivery === "received")
          : series;
      const bySource = Map.groupBy(shown, ({ source }) => source);
      const counters = LIVE_SOURCES.map((source) => ({
        ...source.metric,
        series: (bySource.get(source) ?? []).map(toCounter),
      }));
      return {
        metrics: [...counters, ...gauges].filter((metric) => metric.series.length > 0),
        held: series.filter(({ isHeld }) => isHeld).map(({ key }) => key),
        behind: series.filter(({ isBehind }) => isBehind).length,
        overflowing,
        overflowingValues,
      };
    },
    confirm: (reader) => {
      confirmAll.run(reader);
    },
  };
}

/** Number by number; bounds of a metric may be others in another version. */
function greaterOf(a: LiveVector, b: LiveVector): LiveVector {
  return a.length === b.length ? a.map((value, i) => Math.max(value, b[i] ?? 0)) : a;
}

function toCounter(series: ExposedVector): ExposedCounter {
  const { source, attributes, startedAtMillis, shown, received } = series;
  const growth = received === undefined ? shown : growthSince(received, shown);
  return {
    attributes,
    startMillis: startedAtMillis,
    ...cumulativeOf(shown, source.divisor),
    growth: cumulativeOf(growth, source.divisor),
  };
}

/**
 * What is ahead of what a reader has. A value that moved to a smaller bucket raised counts up to bounds below those up to
 * the next ones, which are held: it has been told where it was, and is not told again.
 */
function growthSince(received: LiveVector, shown: LiveVector): LiveVector {
  const growth = shown.map((value, i) => value - (received[i] ?? 0));
  for (let i = growth.length - 2; i > 0; i--) growth[i] = Math.min(growth[i] ?? 0, growth[i + 1] ?? 0);
  return growth;
}

/** Counts up to each bound, as counts between them. */
function cumulativeOf([sum = 0, ...reached]: LiveVector, divisor: number): CumulativeValue {
  return {
    sum: sum / divisor,
    count: reached.at(-1) ?? 0,
    bucketCounts: reached.map((below, i) => below - (reached[i - 1] ?? 0)),
  };
}
