/** Measures over time, against the same worked out fact by fact. */
import { createZoneCalendar } from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MEASURES } from "../../src/query/measures.ts";
import { INTERVALS, type TimeQuestion } from "../../src/query/types.ts";
import { askedFunction, FILTERS_OF, filterOf, rangeWithin } from "./questions.ts";
import { slowValue } from "./slow-answers.ts";
import { fillStore } from "./store-with-facts.ts";
import { matches, type TrueFact } from "./true-facts.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;

/** Clocks are set back in New York on 1 November and set ahead by half an hour on Lord Howe on 4 October. */
const START = Date.UTC(2026, 8, 28, 7, 3);
const END = Date.UTC(2026, 10, 3, 20, 11);
const ZONES = ["UTC", "Asia/Seoul", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/London"];
const ERROR = 0.0109;

const { query, facts } = fillStore(START, END, 700);

const calendars = new Map(ZONES.map((zone) => [zone, createZoneCalendar(zone)]));
const clocks = new Map(
  ZONES.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" }),
  ]),
);

/** The label that a clock on the wall gives to a moment. */
function wallLabel(millis: number, interval: string, zone: string): string {
  if (interval === "day" || interval === "week" || interval === "month") {
    return calendars.get(zone)?.periods({ startMillis: millis, endMillis: millis + 1 }, interval)[0]?.label ?? "";
  }
  const parts = clocks.get(zone)?.format(millis) ?? "";
  const [date = "", time = ""] = parts.split(" ");
  const [hour = "", minute = ""] = time.split(":");
  const step = interval === "minute" ? 1 : 15;
  const shown = interval === "hour" ? "" : String(Math.floor(Number(minute) / step) * step).padStart(2, "0");
  return `${date}T${hour}:${shown}`;
}

const question = askedFunction.chain((asked) => {
  const { population } = MEASURES[asked.measure];
  const dimensions = ["product", "project", "agent", ...(population === "calls" ? ["model"] : [])];
  const common = {
    measure: fc.constant(asked.measure),
    function: fc.constant(asked.function),
    percentile: fc.constant(asked.percentile),
    timeZone: fc.constantFrom(...ZONES),
    groupBy: fc.option(fc.subarray(dimensions, { maxLength: 2 }), { nil: undefined }),
    fill: fc.boolean(),
  };
  const filter = filterOf(FILTERS_OF[population], rangeWithin(START, END));
  const short = fc
    .record({ first: fc.integer({ min: START, max: END - DAY }), length: fc.integer({ min: 0, max: DAY }) })
    .map(({ first, length }) => ({ range: { startMillis: first, endMillis: first + length } }));
  return fc.oneof(
    fc.tuple(fc.record({ ...common, interval: fc.constantFrom(...INTERVALS.slice(1)) }), filter, fc.constant({})),
    fc.tuple(fc.record({ ...common, interval: fc.constant("minute") }), filter, short),
  );
});

describe("aggregateByTime", () => {
  it("tells what going through all facts tells, whatever the measure, filter, groups, interval and zone", () => {
    fc.assert(
      fc.property(question, ([asked, filter, shorter]) => {
        const asks = { ...filter, ...shorter, ...asked } as TimeQuestion;
        const answer = query.aggregateByTime(asks);
        const groupBy = [...new Set(asks.groupBy ?? [])];
        const keyOf = (names: object): string => JSON.stringify(groupBy.map((name) => names[name as keyof object]));
        const chosen = facts.filter(
          (fact) => fact.population === MEASURES[asks.measure].population && matches(fact, asks),
        );
        const remaining = new Set<TrueFact>(chosen);
        const byKey = Map.groupBy(chosen, keyOf);
        for (const bucket of answer.buckets) {
          const inside = (byKey.get(keyOf(bucket)) ?? []).filter(
            ({ millis }) => millis >= bucket.startMillis && millis < bucket.endMillis,
          );
          for (const fact of inside) remaining.delete(fact);
          const expected = slowValue(inside, asks.measure, asks.function, asked.percentile);
          expect(bucket.count).toBe(expected.count);
          expectValue(bucket.value, expected.value, answer.relativeError);
          const [first] = inside;
          if (first !== undefined) {
            expect(bucket.label).toContain(wallLabel(first.millis, asks.interval, asks.timeZone ?? ""));
          }
        }
        // What was left out has no value.
        expect(slowValue([...remaining], asks.measure, asks.function, asked.percentile).count).toBe(0);
        expect(answer.relativeError).toBeLessThan(ERROR);
        const isPercentile = asks.function === "percentile" && asked.percentile > 0 && asked.percentile < 1;
        if (!isPercentile || answer.source === "ledger") expect(answer.relativeError).toBe(0);
      }),
      { numRuns: 150, seed: 11 },
    );
  });

  function expectValue(actual: number | undefined, expected: number | undefined, relativeError: number): void {
    if (expected === undefined || actual === undefined) expect(actual).toBe(expected);
    else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relativeError * expected + 1e-9 * expected);
  }

  it("tells days of a zone whose clocks once were off by odd seconds, from the facts themselves", () => {
    const { buckets, source } = query.aggregateByTime({
      measure: "tokens",
      function: "sum",
      interval: "day",
      timeZone: "Africa/Monrovia",
      range: { startMillis: Date.UTC(1971, 11, 30), endMillis: END },
    });
    const chosen = facts.filter(({ population }) => population === "calls");
    const { value, count } = slowValue(chosen, "tokens", "sum", 0);
    expect(source).toBe("ledger");
    expect(buckets.reduce((sum, bucket) => sum + (bucket.value ?? 0), 0)).toBe(value);
    expect(buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(count);
  });

  it("fills buckets without facts, one after the other, for every group", () => {
    const range = { startMillis: Date.UTC(2026, 9, 30), endMillis: Date.UTC(2026, 10, 3) };
    const { buckets } = query.aggregateByTime({
      measure: "tokens",
      function: "sum",
      interval: "hour",
      timeZone: "America/New_York",
      groupBy: ["model"],
      fill: true,
      range,
    });
    const groups = Object.values(Object.groupBy(buckets, ({ model = "none" }) => model)).map((rows) => rows ?? []);
    expect(groups.length).toBeGreaterThan(1);
    for (const rows of groups) {
      expect(rows).toHaveLength(96);
      expect(rows[0]?.startMillis).toBe(range.startMillis);
      expect(rows.at(-1)?.endMillis).toBe(range.endMillis);
      for (const [i, row] of rows.entries()) if (i > 0) expect(row.startMillis).toBe(rows[i - 1]?.endMillis);
    }
    expect(buckets.some(({ value, count }) => value === 0 && count === 0)).toBe(true);
  });

  it("gives the 25 hours of the day on which clocks go back names of their own", () => {
    const startMillis = Date.UTC(2026, 10, 1, 4);
    const { buckets } = query.aggregateByTime({
      measure: "calls",
      function: "sum",
      interval: "hour",
      timeZone: "America/New_York",
      fill: true,
      range: { startMillis, endMillis: startMillis + 25 * HOUR },
    });
    expect(buckets.map(({ label }) => label).slice(0, 4)).toEqual([
      "2026-11-01T00:00-04:00",
      "2026-11-01T01:00-04:00",
      "2026-11-01T01:00-05:00",
      "2026-11-01T02:00-05:00",
    ]);
    expect(buckets).toHaveLength(25);
    const [day] = query.aggregateByTime({
      measure: "calls",
      function: "sum",
      interval: "day",
      timeZone: "America/New_York",
      fill: true,
      range: { startMillis, endMillis: startMillis + 25 * HOUR },
    }).buckets;
    expect(day).toMatchObject({ label: "2026-11-01", startMillis, endMillis: startMillis + 25 * HOUR });
  });

  it("answers from the rollups where whole quarter hours are asked, and from both where the range cuts one", () => {
    const whole = { startMillis: Date.UTC(2026, 9, 1), endMillis: Date.UTC(2026, 9, 20) };
    const ask = (range: typeof whole) =>
      query.aggregateByTime({ measure: "taskDuration", function: "max", interval: "day", range });
    expect(ask(whole).source).toBe("rollups");
    expect(ask({ ...whole, startMillis: whole.startMillis + 1 }).source).toBe("rollups and ledger");
    expect(ask({ startMillis: whole.startMillis + 1, endMillis: whole.startMillis + 2 }).source).toBe("ledger");
  });

  it("refuses minutes of more than 24 hours, and says what to ask instead", () => {
    const ask = (length: number) =>
      query.aggregateByTime({
        measure: "calls",
        function: "sum",
        interval: "minute",
        range: { startMillis: START, endMillis: START + length },
      });
    expect(() => ask(DAY)).not.toThrow();
    expect(() => ask(DAY + 1)).toThrow(/ranges up to 24 hours.*quarterHour/);
  });

  it("answers the minutes of a day that has 25 hours, because clocks fall back", () => {
    const range = { startMillis: Date.UTC(2026, 10, 1, 4), endMillis: Date.UTC(2026, 10, 2, 5) };
    const ask = (interval: "minute" | "day", timeZone: string, longer = 0) =>
      query.aggregateByTime({
        ...{ measure: "calls", function: "sum", interval, timeZone, fill: true },
        range: { ...range, endMillis: range.endMillis + longer },
      }).buckets;
    const minutes = ask("minute", "America/New_York");
    expect(minutes).toHaveLength(1_500);
    const total = minutes.reduce((sum, { value }) => sum + (value ?? 0), 0);
    expect(total).toBeGreaterThan(0);
    expect(ask("day", "America/New_York")).toMatchObject([{ label: "2026-11-01", value: total }]);
    expect(() => ask("minute", "America/New_York", 1)).toThrow(/up to 24 hours, or one day of the zone/);
    expect(() => ask("minute", "UTC")).toThrow(/up to 24 hours, or one day of the zone/);
  });

  it("fills between the first and the last fact when no range is given", () => {
    const { buckets } = query.aggregateByTime({ measure: "calls", function: "sum", interval: "day", fill: true });
    expect(buckets[0]?.count).toBeGreaterThan(0);
    expect(buckets.at(-1)?.count).toBeGreaterThan(0);
    expect(buckets).toHaveLength(37);
  });
});
