/** Works out a closed day at every level. */
import type { Database } from "better-sqlite3";
import { encodeBlock } from "./block.ts";
import { createBlockFiles, type PackedBlock, packBlock } from "./block-files.ts";
import { type ClosedChanges, type KeptZoneDay, publishChanges } from "./closed-changes.ts";
import { inOneState, readGeneration } from "./generation.ts";
import { marginsOf, totalsOfMargins } from "./margins.ts";
import {
  dayOfQuarterHour,
  LEVEL_EVERYTHING,
  LEVEL_QUARTER_HOUR_MARGINS,
  LEVEL_QUARTER_HOURS,
  levelOfZone,
  marginLevelOfZone,
  QUARTER_HOURS_A_DAY,
  UTC_ZONE_ID,
} from "./places.ts";
import { addSummary, createSummaryTable, EVERYTHING, type SummaryTable, summaryAt } from "./summary.ts";
import { readTable, type Zone, type ZoneDay, zoneDaysOf } from "./zone-days.ts";
import { createZoneParts, type ZoneParts } from "./zone-parts.ts";

/** What a UTC day is to be. */
export interface NewDay {
  readonly table: SummaryTable;
  readonly sheets: ClosedChanges["sheets"];
}

/** Writes closed days: each is worked out while others write, and then written in a short transaction. */
export interface ClosedDayWriter {
  /**
   * Replaces a UTC day and its part in the days of every zone.
   * @param read says what the day is to be; asked again when another process was faster. Undefined: nothing to do.
   * @param isLater tells of later UTC days that will be replaced soon: days of zones that reach into one wait for it.
   * @returns whether there was anything to do.
   */
  replace(day: number, read: () => NewDay | undefined, isLater: (day: number) => boolean): boolean;
  /** Adds up the margins of quarter hours of a closed UTC day that has none. */
  addMargins(day: number): boolean;
  /** Adds up days of zones that are not kept yet. */
  addZoneDays(read: (zones: readonly Zone[]) => readonly { readonly zone: Zone; readonly zoneDay: ZoneDay }[]): boolean;
}

export function createClosedDayWriter(database: Database): ClosedDayWriter {
  const parts = createZoneParts(database);
  const files = createBlockFiles(database);

  const write = (prepare: () => Omit<ClosedChanges, "generation"> | undefined): boolean => {
    for (;;) {
      let written: number | undefined;
      try {
        const changes = inOneState(database, () => {
          const generation = readGeneration(database);
          parts.begin(generation);
          const prepared = prepare();
          return prepared === undefined ? undefined : { ...prepared, generation };
        });
        if (changes === undefined) return false;
        if (!publishChanges(database, changes)) continue;
        written = changes.generation + 1;
        return true;
      } finally {
        parts.settle(written);
      }
    }
  };

  return {
    replace: (day, read, isLater) =>
      write(() => {
        const next = read();
        if (next === undefined) return undefined;
        const { blocks, zoneDays } = planDay(day, next.table, parts, isLater);
        return { blocks, zoneDays, sheets: next.sheets };
      }),
    addMargins: (day) =>
      write(() => {
        const table = readTable(files, day);
        return table && { blocks: [packMargins(day, table)], zoneDays: [], sheets: undefined };
      }),
    addZoneDays: (read) =>
      write(() => {
        const wanted = read(parts.zones)
          .map(({ zone, zoneDay }) => packZoneDay(zone, zoneDay, parts.sum(zone, zoneDay)))
          .filter(({ kept }) => kept.isKept);
        if (wanted.length === 0) return undefined;
        return {
          blocks: wanted.flatMap(({ blocks }) => blocks),
          zoneDays: wanted.map(({ kept }) => kept),
          sheets: undefined,
        };
      }),
  };
}

function planDay(
  day: number,
  table: SummaryTable,
  parts: ZoneParts,
  isLater: (day: number) => boolean,
): Pick<ClosedChanges, "blocks" | "zoneDays"> {
  const first = day * QUARTER_HOURS_A_DAY;
  const isEmpty = table.cells.size === 0;
  parts.set(day, table);
  const blocks: PackedBlock[] = [
    packBlock(LEVEL_QUARTER_HOURS, first, isEmpty ? undefined : encodeBlock(table)),
    packBlock(LEVEL_EVERYTHING, first, isEmpty ? undefined : encodeBlock(everythingOf(table))),
    packMargins(day, table),
  ];
  const zoneDays: KeptZoneDay[] = [];
  for (const zone of parts.zones) {
    for (const zoneDay of zoneDaysOf(zone.calendar, day)) {
      const last = dayOfQuarterHour(zoneDay.behind - 1);
      const isWaiting = last > day && isLater(last);
      const packed = packZoneDay(zone, zoneDay, isWaiting ? undefined : parts.sum(zone, zoneDay));
      blocks.push(...packed.blocks);
      zoneDays.push(packed.kept);
    }
  }
  return { blocks, zoneDays };
}

function packMargins(day: number, table: SummaryTable): PackedBlock {
  const block = table.cells.size === 0 ? undefined : encodeBlock(totalsOfMargins(table));
  return packBlock(LEVEL_QUARTER_HOUR_MARGINS, day * QUARTER_HOURS_A_DAY, block);
}

/** @param sum undefined: the day is not kept. */
function packZoneDay(
  zone: Zone,
  { first, behind }: ZoneDay,
  sum: SummaryTable | undefined,
): { readonly blocks: readonly PackedBlock[]; readonly kept: KeptZoneDay } {
  return {
    blocks: [
      packBlock(levelOfZone(zone.id), first, sum === undefined ? undefined : encodeBlock(sum)),
      packBlock(marginLevelOfZone(zone.id), first, sum === undefined ? undefined : encodeBlock(marginsOf(sum))),
    ],
    kept: { zoneId: zone.id, first, behind, isKept: sum !== undefined },
  };
}

/** Whether a UTC day is closed. */
export function isClosedDay(database: Database, day: number): boolean {
  const find = database
    .prepare<[number, number], number>(
      "SELECT EXISTS (SELECT 1 FROM rollup_day WHERE zone_id = ? AND first_quarter_hour = ?)",
    )
    .pluck();
  return find.get(UTC_ZONE_ID, day * QUARTER_HOURS_A_DAY) === 1;
}

/** The same slots with all cells added up. */
export function everythingOf(table: SummaryTable): SummaryTable {
  const everything = createSummaryTable(table.slotCount);
  for (const { slots } of table.cells.values()) {
    for (let slot = 0; slot < slots.length; slot++) {
      const summary = slots[slot];
      if (summary !== undefined) addSummary(summaryAt(everything, EVERYTHING, slot), summary);
    }
  }
  return everything;
}
