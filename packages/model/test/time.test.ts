import {
  addDays,
  addMonths,
  createZoneCalendar,
  DAY_MILLIS,
  isCalendarDate,
  isoWeekOf,
  PERIOD_UNITS,
  QUARTER_HOUR_MILLIS,
  quarterHourOf,
  WEEKDAYS,
  type Weekday,
} from "@moai-metrics/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const ZONES = [
  "UTC",
  "Asia/Seoul",
  "Asia/Kathmandu",
  "America/New_York",
  "Europe/Berlin",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "America/Santiago",
  "Asia/Beirut",
  "Africa/Cairo",
  "Pacific/Chatham",
  "Pacific/Apia",
] as const;
const calendars = new Map(ZONES.map((zone) => [zone, createZoneCalendar(zone)]));
const zone = fc.constantFrom(...ZONES).map((name) => calendars.get(name) ?? createZoneCalendar(name));
const moment = fc.integer({ min: Date.UTC(2012, 0, 1), max: Date.UTC(2035, 0, 1) });
const date = moment.map((millis) => new Date(millis).toISOString().slice(0, 10));

/** What Intl itself says, asked in the plainest way. */
function intlDate(timeZone: string, millis: number): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" }).format(
    millis,
  );
}

describe("quarter hours", () => {
  it("number the quarter hours since the epoch, also before it", () => {
    expect([quarterHourOf(0), quarterHourOf(899_999), quarterHourOf(900_000), quarterHourOf(-1)]).toEqual([
      0, 0, 1, -1,
    ]);
  });
});

describe("calendar in a zone", () => {
  it("shows the date that Intl shows", () => {
    fc.assert(
      fc.property(zone, moment, (calendar, millis) => {
        expect(calendar.dateOf(millis)).toBe(intlDate(calendar.timeZone, millis));
      }),
      { numRuns: 300 },
    );
  });

  it("starts a day at its first moment, which is a quarter hour's edge", () => {
    fc.assert(
      fc.property(zone, date, (calendar, day) => {
        const start = calendar.startOf(day);
        expect(calendar.dateOf(start)).toBe(day);
        expect(calendar.dateOf(start - 1) < day).toBe(true);
        expect(start % QUARTER_HOUR_MILLIS === 0).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("knows zones that are not whole hours away", () => {
    expect(createZoneCalendar("Asia/Kathmandu").startOf("2026-11-22")).toBe(Date.UTC(2026, 10, 21, 18, 15));
    expect(createZoneCalendar("Asia/Seoul").startOf("2026-11-22")).toBe(Date.UTC(2026, 10, 21, 15));
  });

  it("gives the days of a clock change their true length", () => {
    const [spring] = createZoneCalendar("America/New_York").periods(
      { startMillis: Date.UTC(2026, 2, 8, 12), endMillis: Date.UTC(2026, 2, 8, 13) },
      "day",
    );
    const [autumn] = createZoneCalendar("America/New_York").periods(
      { startMillis: Date.UTC(2026, 10, 1, 12), endMillis: Date.UTC(2026, 10, 1, 13) },
      "day",
    );
    expect((spring?.endMillis ?? 0) - (spring?.startMillis ?? 0)).toBe(23 * 3_600_000);
    expect((autumn?.endMillis ?? 0) - (autumn?.startMillis ?? 0)).toBe(25 * 3_600_000);
  });

  it("starts a day whose midnight was skipped at the change", () => {
    expect(createZoneCalendar("Asia/Beirut").startOf("2024-03-31")).toBe(Date.UTC(2024, 2, 30, 22));
    expect(createZoneCalendar("America/Santiago").startOf("2024-09-08")).toBe(Date.UTC(2024, 8, 8, 4));
  });

  it("starts a day whose midnight came twice at the first of them", () => {
    // Havana sets its clocks from 01:00 back to 00:00.
    expect(createZoneCalendar("America/Havana").startOf("2024-11-03")).toBe(Date.UTC(2024, 10, 3, 4));
  });

  it("gives a day that a zone left out no time at all", () => {
    const apia = createZoneCalendar("Pacific/Apia");
    expect(apia.startOf("2011-12-30")).toBe(apia.startOf("2011-12-31"));
  });

  it("refuses zones and dates that do not exist", () => {
    expect(() => createZoneCalendar("Mars/Olympus")).toThrow(RangeError);
    expect(() => createZoneCalendar("UTC").startOf("yesterday")).toThrow(/YYYY-MM-DD/);
    expect(() => createZoneCalendar("UTC").startOf("2026-02-30")).toThrow(/YYYY-MM-DD/);
  });
});

describe("periods", () => {
  const unit = fc.constantFrom(...PERIOD_UNITS);
  const weekStart = fc.constantFrom(...(Object.keys(WEEKDAYS) as Weekday[]));

  it("cover the range without gaps or overlaps", () => {
    fc.assert(
      fc.property(
        zone,
        moment,
        fc.integer({ min: 1, max: 100 * DAY_MILLIS }),
        unit,
        weekStart,
        (calendar, start, length, by, first) => {
          const range = { startMillis: start, endMillis: start + length };
          const periods = calendar.periods(range, by, first);
          expect(periods[0]?.startMillis).toBeLessThanOrEqual(start);
          expect(periods.at(-1)?.endMillis).toBeGreaterThanOrEqual(range.endMillis);
          for (const [i, period] of periods.entries()) {
            expect(period.startMillis).toBe(calendar.startOf(period.firstDate));
            expect(period.endMillis).toBe(calendar.startOf(addDays(period.lastDate, 1)));
            expect(period.startMillis).toBeLessThan(range.endMillis);
            if (i > 0) expect(period.startMillis).toBe(periods[i - 1]?.endMillis);
            if (by === "week") {
              expect(new Date(`${period.firstDate}T00:00:00Z`).getUTCDay()).toBe(WEEKDAYS[first] % 7);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("are named by day, ISO week, first day of another week, and month", () => {
    const utc = createZoneCalendar("UTC");
    const range = { startMillis: Date.UTC(2026, 10, 22), endMillis: Date.UTC(2026, 10, 22, 1) };
    expect(utc.periods(range, "day").map((period) => period.label)).toEqual(["2026-11-22"]);
    expect(utc.periods(range, "week")).toMatchObject([
      { label: "2026-W47", firstDate: "2026-11-16", lastDate: "2026-11-22" },
    ]);
    expect(utc.periods(range, "week", "sunday").map((period) => period.label)).toEqual(["2026-11-22"]);
    expect(utc.periods(range, "month")).toMatchObject([
      { label: "2026-11", firstDate: "2026-11-01", lastDate: "2026-11-30" },
    ]);
  });

  it("are none for an empty range", () => {
    const noon = Date.UTC(2026, 10, 22, 12);
    expect(createZoneCalendar("UTC").periods({ startMillis: noon, endMillis: noon }, "day")).toEqual([]);
  });
});

describe("a time on the clock", () => {
  it("is the moment at which the zone shows it", () => {
    const moment = fc.integer({ min: Date.UTC(1975, 0), max: Date.UTC(2037, 0) });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), moment, (zone, millis) => {
        const calendar = createZoneCalendar(zone);
        const wallMillis = millis + calendar.offsetAt(millis);
        const found = calendar.momentOf(wallMillis);
        // The first moment that shows it, where two do.
        expect(found).toBeLessThanOrEqual(millis);
        expect(found + calendar.offsetAt(found)).toBe(wallMillis);
      }),
    );
  });

  it("that clocks leap over lies as far behind the leap", () => {
    const berlin = createZoneCalendar("Europe/Berlin");
    expect(berlin.momentOf(Date.UTC(2026, 2, 29, 2, 30))).toBe(Date.UTC(2026, 2, 29, 1, 30));
  });
});

describe("dates", () => {
  it("add days and months across the ends of years and leap days", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2026-01-01", -1)).toBe("2025-12-31");
    expect(addMonths("2026-12-01", 1)).toBe("2027-01-01");
    expect(addMonths("2026-01-01", -13)).toBe("2024-12-01");
  });

  it("are told from texts that are none", () => {
    expect(["2026-11-22", "2024-02-29"].every(isCalendarDate)).toBe(true);
    expect(["2026-02-29", "2026-13-01", "2026-1-1", "20261122", "2026-04-31", ""].some(isCalendarDate)).toBe(false);
  });

  it("fall into the ISO week of their Thursday", () => {
    expect(isoWeekOf("2024-12-30")).toBe("2025-W01");
    expect(isoWeekOf("2021-01-03")).toBe("2020-W53");
    expect(isoWeekOf("2026-11-22")).toBe("2026-W47");
    fc.assert(
      fc.property(date, (day) => {
        const monday = new Date(`${day}T00:00:00Z`);
        monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
        for (let i = 0; i < 7; i++) {
          expect(isoWeekOf(addDays(monday.toISOString().slice(0, 10), i))).toBe(isoWeekOf(day));
        }
      }),
    );
  });
});
