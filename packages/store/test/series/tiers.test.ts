/** Tiers: whatever was compressed, summed up, repeated or late, the answers stay the same. */
import Database from "better-sqlite3";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { applySeriesStep } from "../../src/series/maintenance/apply.ts";
import { planSeriesMaintenance } from "../../src/series/maintenance/plan.ts";
import { resolveSeriesSettings, type SeriesSettings } from "../../src/series/maintenance/settings.ts";
import { readSeriesState } from "../../src/series/maintenance/state.ts";
import { createPointReader, type PointReader } from "../../src/series/point-reader.ts";
import { coarsestResolution } from "../../src/series/read/resolution.ts";
import { readSteps } from "../../src/series/read/steps.ts";
import type { PointQuestion } from "../../src/series/read/types.ts";
import { createSummarizer, joinSummaries } from "../../src/series/summary/summarize.ts";
import type { PointValue, SeriesIdentity, SeriesPoint } from "../../src/series/types.ts";
import type { Store } from "../../src/types.ts";
import { temporaryStore } from "../helpers.ts";

const DAY_MILLIS = 86_400_000;
const DAY = 20_400;
const NOON_NANO = BigInt(DAY) * 86_400_000_000_000n;
const NOW = (DAY + 60) * DAY_MILLIS;

function identity(fields: Partial<SeriesIdentity> = {}): SeriesIdentity {
  return {
    metric: "m",
    kind: "sum",
    unit: "1",
    description: "",
    temporality: "cumulative",
    isMonotonic: true,
    valueType: "int",
    attributes: {},
    resource: {},
    scope: { name: "s", version: "" },
    ...fields,
  };
}

const SERIES: readonly SeriesIdentity[] = [
  identity({ attributes: { i: 0 } }),
  identity({ attributes: { i: 1 }, isMonotonic: false }),
  identity({ attributes: { i: 2 }, temporality: "delta" }),
  identity({ attributes: { i: 3 }, kind: "gauge", temporality: "none", valueType: "double" }),
  identity({ attributes: { i: 4 }, kind: "histogram", temporality: "delta" }),
  identity({ attributes: { i: 5 }, kind: "exponential_histogram" }),
];

function open(store: Store): Database.Database {
  const database = new Database(store.path);
  onTestFinished(() => {
    database.close();
  });
  return database;
}

const STEPS = resolveSeriesSettings({ maxStepPoints: 7, maxChunkPoints: 20 });

/** Applies what is planned until nothing is left, or until `limit` steps are done. */
function maintain(database: Database.Database, settings: SeriesSettings, nowMillis = NOW, limit = 10_000): number {
  let done = 0;
  for (;;) {
    const [step] = planSeriesMaintenance(readSeriesState(database, nowMillis), settings, nowMillis);
    if (step === undefined || done >= limit) return done;
    expect(applySeriesStep(database, step, settings)).toBe(true);
    done += 1;
  }
}

function everything(reader: PointReader, question: Omit<PointQuestion, "metric"> = {}): Map<string, SeriesPoint[]> {
  const all = new Map<string, SeriesPoint[]>();
  for (const page of reader.iterate({ metric: "m", ...question })) {
    for (const { identity: series, points } of page.series) {
      const key = JSON.stringify(series.attributes);
      all.set(key, [...(all.get(key) ?? []), ...points]);
    }
  }
  return all;
}

function allSummaries(reader: PointReader, resolution: "hour" | "day", limit = 3): Map<string, unknown[]> {
  const all = new Map<string, unknown[]>();
  let cursor: string | undefined;
  do {
    const page = reader.summaries({ metric: "m", resolution, limit, cursor });
    for (const { identity: series, buckets } of page.series) {
      const key = JSON.stringify(series.attributes);
      all.set(key, [...(all.get(key) ?? []), ...buckets]);
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
const counts = fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 });
const histogram: fc.Arbitrary<PointValue> = fc
  .tuple(counts, finite, fc.constantFrom([1, 2], [1, 3]))
  .map(([each, sum, bounds]) => ({
    kind: "histogram",
    count: each.reduce((a, b) => a + b),
    sum,
    min: undefined,
    max: undefined,
    bounds,
    counts: each,
  }));
const side = fc.record({ offset: fc.integer({ min: -20, max: 20 }), counts: fc.array(fc.nat(9), { maxLength: 4 }) });
const exponential: fc.Arbitrary<PointValue> = fc
  .tuple(fc.integer({ min: -2, max: 4 }), fc.nat(5), side, side, finite)
  .map(([scale, zeroCount, positive, negative, sum]) => ({
    kind: "exponential_histogram",
    count: [zeroCount, ...positive.counts, ...negative.counts].reduce((a, b) => a + b),
    sum,
    min: -1,
    max: 1,
    scale,
    zeroCount,
    positive,
    negative,
  }));
const integer = fc
  .oneof(fc.integer({ min: 0, max: 10_000 }), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
  .map((value): PointValue => ({ kind: "number", value: Number.isSafeInteger(Number(value)) ? Number(value) : value }));
const double = fc.double({ noNaN: true }).map((value): PointValue => ({ kind: "number", value }));

const VALUES: readonly fc.Arbitrary<PointValue>[] = [integer, integer, integer, double, histogram, exponential];

interface Sample {
  readonly series: number;
  readonly point: SeriesPoint;
}

const sample: fc.Arbitrary<Sample> = fc.nat(SERIES.length - 1).chain((series) =>
  fc.record({
    series: fc.constant(series),
    point: fc
      .tuple(fc.nat(2), fc.nat(95), fc.nat(3), VALUES[series] ?? integer)
      .map(([day, quarter, start, value]) => ({
        timeUnixNano: NOON_NANO + BigInt((day * 96 + quarter) * 900) * 1_000_000_000n,
        startTimeUnixNano: NOON_NANO - BigInt(start) * 1_000_000_000n,
        value,
      })),
  }),
);

function write(store: Store, samples: readonly Sample[]): ReturnType<Store["writePoints"]> {
  return store.writePoints({
    series: samples.map(({ series, point }) => ({ identity: SERIES[series] ?? identity(), points: [point] })),
  });
}

const keyOf = ({ series, point }: Sample): string => `${series} ${point.timeUnixNano} ${point.startTimeUnixNano}`;
const forgetsNothing = { detailedDays: 1000, hourlyDays: 1000, dailyDays: 1000 };

describe("compression", () => {
  it("at any moment, with points late or repeated, changes no answer; importing twice is importing once", () => {
    const settings = resolveSeriesSettings({ ...STEPS, ...forgetsNothing });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(sample, { minLength: 1, maxLength: 30 }), fc.nat(12)), {
          minLength: 1,
          maxLength: 4,
        }),
        (rounds) => {
          const [plain, tiered] = [temporaryStore(), temporaryStore()];
          const [plainDatabase, tieredDatabase] = [open(plain), open(tiered)];
          const known = new Set<string>();
          for (const [samples, steps] of rounds) {
            const fresh = new Set(samples.map(keyOf).filter((key) => !known.has(key)));
            const expected = { inserted: fresh.size, repeated: samples.length - fresh.size, refused: {} };
            expect(write(plain, samples)).toEqual(expected);
            expect(write(tiered, samples)).toEqual(expected);
            for (const key of fresh) known.add(key);
            maintain(tieredDatabase, settings, NOW, steps);
            expect(write(tiered, samples)).toEqual({ inserted: 0, repeated: samples.length, refused: {} });
          }
          const [expected, actual] = [createPointReader(plainDatabase), createPointReader(tieredDatabase)];
          for (const isComplete of [false, true]) {
            if (isComplete) maintain(tieredDatabase, settings);
            expect(everything(actual, { limit: 5 })).toEqual(everything(expected));
            expect(allSummaries(actual, "hour")).toEqual(allSummaries(expected, "hour"));
            expect(allSummaries(actual, "day")).toEqual(allSummaries(expected, "day"));
            const quarter = { metric: "m", stepNano: 900_000_000_000n };
            expect(readSteps(actual, quarter)).toEqual(readSteps(expected, quarter));
          }
          expect(tieredDatabase.prepare("SELECT count(*) FROM point").pluck().get()).toBe(0);
          plain.close();
          tiered.close();
        },
      ),
      { numRuns: 25 },
    );
  });

  it("gives back ranges and filters as plain points do", () => {
    const store = temporaryStore();
    const database = open(store);
    const samples: Sample[] = Array.from({ length: 200 }, (_, i) => ({
      series: i % 4,
      point: {
        timeUnixNano: NOON_NANO + BigInt(i) * 600_000_000_000n,
        startTimeUnixNano: NOON_NANO,
        value: { kind: "number", value: i },
      },
    }));
    write(store, samples);
    const reader = createPointReader(database);
    const range = { fromNano: NOON_NANO + 50n * 600_000_000_000n, toNano: NOON_NANO + 160n * 600_000_000_000n };
    const questions = [range, { ...range, attributes: { i: 1 } }, { attributes: { i: 9 } }, { resource: { a: 1 } }];
    const before = questions.map((question) => everything(reader, question));
    expect(before.map((found) => found.size)).toEqual([4, 1, 0, 0]);
    maintain(database, resolveSeriesSettings({ ...STEPS, ...forgetsNothing }));
    expect(questions.map((question) => everything(reader, question))).toEqual(before);
  });

  it("makes a chunk that was changed in the file an error that names it and what was asked, never a number", () => {
    const store = temporaryStore();
    const database = open(store);
    write(store, [
      { series: 0, point: { timeUnixNano: NOON_NANO, startTimeUnixNano: 0n, value: { kind: "number", value: 1 } } },
    ]);
    maintain(database, resolveSeriesSettings({ ...STEPS, ...forgetsNothing }));
    const read = (): unknown => createPointReader(database).points({ metric: "m" });
    const { data } = database.prepare("SELECT data FROM series_chunk").get() as { data: Buffer };
    fc.assert(
      fc.property(fc.nat(data.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const mutated = Buffer.from(data);
        mutated[at] = (mutated[at] ?? 0) ^ change;
        database.prepare("UPDATE series_chunk SET data = ?").run(mutated);
        expect(read).toThrow(/checksum of chunk 1 \(2025-11-08\) for m /);
      }),
      { numRuns: 50 },
    );
    database.prepare("UPDATE series_chunk SET data = ?, codec = 2").run(data);
    expect(read).toThrow("Upgrade moai-metrics");
    database.prepare("UPDATE series_chunk SET codec = 1, day = day + 1, min_nano = min_nano + 86400000000000").run();
    expect(read).toThrow("checksum of chunk 1");
  });
});

describe("a summary", () => {
  it("of parts joined is that of the whole", () => {
    const cases = fc.nat(SERIES.length - 1).chain((series) =>
      fc.record({
        series: fc.constant(series),
        values: fc.array(
          fc.tuple(
            series === 3
              ? fc.integer().map((value): PointValue => ({ kind: "number", value }))
              : (VALUES[series] ?? integer),
            fc.nat(1),
          ),
          {
            minLength: 2,
            maxLength: 12,
          },
        ),
        cut: fc.nat(),
      }),
    );
    fc.assert(
      fc.property(cases, ({ series, values, cut }) => {
        const kind = SERIES[series] ?? identity();
        const points = values.map(
          ([value, start], i): SeriesPoint => ({
            timeUnixNano: BigInt(i),
            startTimeUnixNano: BigInt(start),
            value: value.kind === "number" ? value : { ...value, sum: Math.round(value.sum ?? 0) },
          }),
        );
        const summaryOf = (part: readonly SeriesPoint[]) => {
          const summarizer = createSummarizer(kind, 1_000n);
          for (const point of part) summarizer.add(point);
          const [bucket] = summarizer.buckets();
          if (bucket === undefined) throw new Error("empty");
          return bucket.summary;
        };
        const at = 1 + (cut % (points.length - 1));
        expect(joinSummaries(kind, summaryOf(points.slice(0, at)), summaryOf(points.slice(at)))).toEqual(
          summaryOf(points),
        );
      }),
    );
  });

  it("of a day in which thousands of processes began is the sum of what each counted", () => {
    const summarizer = createSummarizer(identity(), 1_000_000n);
    for (let i = 0; i < 5_001; i++) {
      const value = { kind: "number" as const, value: i % 3 === 0 ? 7 : 5 };
      summarizer.add({ timeUnixNano: BigInt(i), startTimeUnixNano: BigInt(1 + (i % 2_500)), value });
    }
    const [bucket] = summarizer.buckets();
    const growing = summarizer.buckets()[0]?.summary;
    expect(growing).toEqual(bucket?.summary);
    expect(growing).toMatchObject({ points: 5_001, min: 5, max: 7 });
    expect(growing?.kind === "number" && growing.starts?.length).toBe(2_500);
  });

  it("of a cumulative sum counts on over resets", () => {
    const summarizer = createSummarizer(identity(), 1_000n);
    const values: [number, number][] = [
      [0, 10],
      [0, 30],
      [2, 5],
      [2, 9],
      [2, 4],
    ];
    for (const [i, [start, value]] of values.entries()) {
      summarizer.add({ timeUnixNano: BigInt(i), startTimeUnixNano: BigInt(start), value: { kind: "number", value } });
    }
    expect(summarizer.buckets()[0]?.summary).toMatchObject({ points: 5, min: 4, max: 30, sum: 58, increase: 33 });
  });

  /** Values of points in order of time, each with the start of its process. */
  const summaryOfCounts = (counts: readonly (readonly [start: number, value: number])[], width = 1_000n) => {
    const summarizer = createSummarizer(identity(), width);
    for (const [i, [start, value]] of counts.entries()) {
      summarizer.add({ timeUnixNano: BigInt(i), startTimeUnixNano: BigInt(start), value: { kind: "number", value } });
    }
    return summarizer.buckets().map(({ summary }) => summary);
  };

  it("of processes that count beside each other takes none of them for a reset", () => {
    const [summary] = summaryOfCounts([
      [1, 10],
      [2, 5],
      [1, 12],
      [2, 7],
      [1, 20],
    ]);
    // From the first point on: 10 of the first process, all 7 of the second.
    expect(summary).toMatchObject({ points: 5, increase: 17 });
  });

  it("begins counting at the first point of a process whose start is not known", () => {
    const counts = [
      [1, 10],
      [0, 500],
      [1, 12],
      [0, 507],
    ] as const;
    expect(summaryOfCounts(counts)[0]).toMatchObject({ increase: 9 });
  });

  it("that was written before starts were told apart keeps its increase", () => {
    const [whole] = summaryOfCounts([
      [1, 10],
      [1, 30],
      [2, 5],
    ]);
    const [next] = summaryOfCounts([[2, 9]]);
    if (whole?.kind !== "number" || next === undefined) throw new Error("no summary");
    const { starts: _none, ...old } = whole;
    expect(joinSummaries(identity(), old, next)).toMatchObject({ increase: 29 });
  });
});

const day = (offset: number): bigint => NOON_NANO + BigInt(offset) * 86_400_000_000_000n;
const on = (offset: number, series = 0): Sample => ({
  series,
  point: { timeUnixNano: day(offset) + 5n, startTimeUnixNano: 0n, value: { kind: "number", value: offset } },
});
const nowAt = (offset: number): number => (DAY + offset) * DAY_MILLIS + 1000;

describe("retention", () => {
  it("keeps points, then hours, then days, then nothing, and refuses what comes too late", () => {
    const store = temporaryStore();
    const database = open(store);
    const reader = createPointReader(database);
    const settings = resolveSeriesSettings({ plainDays: 2, detailedDays: 4, hourlyDays: 6, dailyDays: 8 });
    write(
      store,
      Array.from({ length: 12 }, (_, i) => on(i)),
    );
    maintain(database, settings, nowAt(11));
    const daysOf = (points: { timeUnixNano?: bigint; fromNano?: bigint }[] | undefined): number[] =>
      (points ?? []).map((each) =>
        Number(((each.timeUnixNano ?? each.fromNano ?? 0n) - NOON_NANO) / 86_400_000_000_000n),
      );
    const key = '{"i":0}';
    expect(daysOf(everything(reader).get(key))).toEqual([7, 8, 9, 10, 11]);
    expect(daysOf(allSummaries(reader, "hour").get(key) as never)).toEqual([5, 6, 7, 8, 9, 10, 11]);
    expect(daysOf(allSummaries(reader, "day").get(key) as never)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(reader.points({ metric: "m" }).keptFromNano).toBe(day(7));
    expect(database.prepare("SELECT min(time_nano) >= ? FROM point").pluck().get(day(9))).toBe(1);
    expect(write(store, [on(6), on(7)])).toEqual({
      inserted: 0,
      repeated: 1,
      refused: { "older than the single points that are kept": 1 },
    });
    expect(maintain(database, settings, nowAt(11))).toBe(0);
  });

  it("forgets nothing because of a clock that jumps or a point of the far future", () => {
    const store = temporaryStore();
    const database = open(store);
    write(
      store,
      Array.from({ length: 30 }, (_, i) => on(i)),
    );
    const settings = resolveSeriesSettings();
    const count = (): number =>
      [...everything(createPointReader(database)).values()].reduce((sum, points) => sum + points.length, 0);
    for (const offset of [-400, 27, 29, 30, 400]) {
      maintain(database, settings, nowAt(offset));
      expect(count()).toBe(30);
    }
    write(store, [on(400)]);
    maintain(database, settings, nowAt(400));
    expect(count()).toBe(31);
    write(store, [on(401)]);
    maintain(database, settings, nowAt(401));
    expect(count()).toBe(2);
  });

  it("does not give up points while a late one of the same time is in no summary", () => {
    const store = temporaryStore();
    const database = open(store);
    write(store, [on(0), on(40), on(41)]);
    const settings = resolveSeriesSettings();
    const state = (): ReturnType<typeof readSeriesState> => readSeriesState(database, nowAt(41));
    for (const kind of ["pack", "summarize"] as const) {
      applySeriesStep(database, { kind, day: DAY }, settings);
    }
    const steps = planSeriesMaintenance(state(), settings, nowAt(41));
    expect(steps[0]).toEqual({ kind: "forget_points", beforeDay: DAY + 11 });
    write(store, [on(0, 2)]);
    const [forget] = steps;
    if (forget === undefined) throw new Error("nothing planned");
    expect(applySeriesStep(database, forget, settings)).toBe(false);
    maintain(database, settings, nowAt(41));
    expect([...allSummaries(createPointReader(database), "day").keys()]).toEqual(['{"i":0}', '{"i":2}']);
    expect(applySeriesStep(database, { kind: "pack", day: DAY }, settings)).toBe(false);
  });
});

describe("settings", () => {
  it("that cannot be are refused with a remedy", () => {
    expect(() => resolveSeriesSettings({ plainDays: 1.5 })).toThrow("plainDays is 1.5. Give a whole number");
    expect(() => resolveSeriesSettings({ plainDays: 31 })).toThrow("Make detailedDays at least as long");
    expect(() => resolveSeriesSettings({ maxStepPoints: 0 })).toThrow("maxStepPoints is 0");
  });
});

describe("steps", () => {
  const hour = 3_600_000_000_000n;

  it("are made of the coarsest tier that gives the exact answer", () => {
    expect(coarsestResolution(48n * hour)).toBe("day");
    expect(coarsestResolution(48n * hour, 5n * hour)).toBe("hour");
    expect(coarsestResolution(6n * hour, 0n, 24n * hour + 1n)).toBeUndefined();
    expect(coarsestResolution(hour / 4n)).toBeUndefined();
  });

  it("of hours and days say what the points themselves say", () => {
    const store = temporaryStore();
    const points = Array.from(
      { length: 100 },
      (_, i): SeriesPoint => ({
        timeUnixNano: NOON_NANO + BigInt(i) * 1_700_000_000_000n,
        startTimeUnixNano: NOON_NANO,
        value: { kind: "number", value: (i * 7919) % 1000 },
      }),
    );
    store.writePoints({ series: [{ identity: identity(), points }] });
    for (const [step, resolution] of [
      [6n * hour, "hour"],
      [48n * hour, "day"],
      [7n * 60_000_000_000n, "point"],
    ] as const) {
      const summarizer = createSummarizer(identity(), step);
      for (const point of points) summarizer.add(point);
      expect(store.pointSteps({ metric: "m", stepNano: step })).toEqual({
        resolution,
        series: [{ identity: identity(), buckets: summarizer.buckets() }],
      });
    }
    expect(() => store.pointSteps({ metric: "m", stepNano: 0n })).toThrow("stepNano is 0");
  });
});

describe("a question", () => {
  it("that cannot be answered exactly is refused with a remedy", () => {
    const reader = createPointReader(open(temporaryStore()));
    expect(() => reader.points({ metric: "m", limit: 0 })).toThrow("limit is 0");
    expect(() => reader.points({ metric: "m", cursor: "x" })).toThrow('The cursor "x"');
    expect(() => reader.summaries({ metric: "m", resolution: "hour", fromNano: 1n })).toThrow("inside a UTC hour");
    expect(reader.points({ metric: "m" })).toEqual({ series: [], cursor: undefined, keptFromNano: undefined });
  });
});
