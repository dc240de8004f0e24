/** Adds up days of zones from the UTC days that they share quarter hours with. */
import type { Database } from "better-sqlite3";
import { createBlockFiles } from "./block-files.ts";
import { dayOfQuarterHour, QUARTER_HOURS_A_DAY } from "./places.ts";
import { addSummary, createSummaryTable, type SummaryTable, summaryAt } from "./summary.ts";
import { addSlots, readTable, readZones, type Zone, type ZoneDay, zoneDaysOf } from "./zone-days.ts";

/**
 * Sums of days of zones. Neighbouring days of a zone share a UTC day: what it adds to each of them is worked out once
 * and remembered until the next state of the closed days.
 */
export interface ZoneParts {
  /** Zones in use when it was last begun. */
  readonly zones: readonly Zone[];
  /** Begins work on a state of the file; to be called first in every transaction. */
  begin(generation: number): void;
  /** What a UTC day holds now: without cells it is not closed. */
  set(day: number, table: SummaryTable): void;
  /** To be called last: what was set is the state of this generation now; undefined: it was not written. */
  settle(generation: number | undefined): void;
  /** A day of a zone in one slot; undefined when none of its UTC days is closed. */
  sum(zone: Zone, zoneDay: ZoneDay): SummaryTable | undefined;
}

/** A day of a zone seldom touches more than two UTC days; what lies further back is forgotten. */
const REMEMBERED_DAYS = 3;

/** What a UTC day adds to each day of a zone that touches it; undefined when it is not closed. */
type DayParts = ReadonlyMap<string, SummaryTable> | undefined;

export function createZoneParts(database: Database): ZoneParts {
  const files = createBlockFiles(database);
  const days = new Map<number, DayParts>();
  let zones: readonly Zone[] = [];
  let known: string | undefined;

  const remember = (day: number, table: SummaryTable | undefined): DayParts => {
    const parts = table === undefined || table.cells.size === 0 ? undefined : splitDay(table, day, zones);
    days.delete(day);
    days.set(day, parts);
    for (const oldest of days.keys()) if (days.size > REMEMBERED_DAYS) days.delete(oldest);
    return parts;
  };
  const stateOf = (generation: number): string => `${generation}:${zones.map(({ id }) => id).join()}`;

  return {
    get zones() {
      return zones;
    },
    begin(generation) {
      zones = readZones(database);
      if (known !== stateOf(generation)) days.clear();
      known = stateOf(generation);
    },
    set(day, table) {
      remember(day, table);
    },
    settle(generation) {
      known = generation === undefined ? undefined : stateOf(generation);
    },
    sum(zone, zoneDay) {
      const parts: SummaryTable[] = [];
      let isClosed = false;
      for (let day = dayOfQuarterHour(zoneDay.first); day <= dayOfQuarterHour(zoneDay.behind - 1); day++) {
        const own = days.has(day) ? days.get(day) : remember(day, readTable(files, day));
        if (own === undefined) continue;
        isClosed = true;
        const part = own.get(keyOf(zone, zoneDay));
        if (part !== undefined) parts.push(part);
      }
      return isClosed ? addUp(parts) : undefined;
    },
  };
}

function keyOf(zone: Zone, { first }: ZoneDay): string {
  return `${zone.id}|${first}`;
}

/** Every quarter hour is added up once, for however many zones: between the edges of any of their days. */
function splitDay(table: SummaryTable, day: number, zones: readonly Zone[]): Map<string, SummaryTable> {
  const start = day * QUARTER_HOURS_A_DAY;
  const pieces = zones.flatMap((zone) =>
    zoneDaysOf(zone.calendar, day).map((zoneDay) => ({
      key: keyOf(zone, zoneDay),
      from: Math.max(0, zoneDay.first - start),
      behind: Math.min(QUARTER_HOURS_A_DAY, zoneDay.behind - start),
    })),
  );
  const edges = [...new Set(pieces.flatMap(({ from, behind }) => [from, behind]))].sort((a, b) => a - b);
  const segments = edges.slice(0, -1).map((from, i) => {
    const sum = createSummaryTable(1);
    addSlots(sum, table, from, edges[i + 1] ?? from);
    return { from, sum };
  });
  return new Map(
    pieces.map(({ key, from, behind }) => [
      key,
      addUp(segments.filter((segment) => segment.from >= from && segment.from < behind).map(({ sum }) => sum)),
    ]),
  );
}

function addUp(tables: readonly SummaryTable[]): SummaryTable {
  const [only] = tables;
  if (tables.length === 1 && only !== undefined) return only;
  const sum = createSummaryTable(1);
  for (const { cells } of tables) {
    for (const { cell, slots } of cells.values()) {
      const [summary] = slots;
      if (summary !== undefined) addSummary(summaryAt(sum, cell, 0), summary);
    }
  }
  return sum;
}
