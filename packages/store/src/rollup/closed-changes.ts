/** What becomes of closed days: worked out while others write, then written in one short transaction. */
import type { Database } from "better-sqlite3";
import { createBlockFiles, type PackedBlock } from "./block-files.ts";
import { readGeneration, writeGeneration } from "./generation.ts";
import { type EncodedSheets, exchangeSheets } from "./open-sheets.ts";
import type { Sheet } from "./sheet.ts";

/** Changes that hold for one state of the closed days. */
export interface ClosedChanges {
  /** The state of closed days that they were worked out from. */
  readonly generation: number;
  /** Blocks that take the place of those before; one without parts is removed. */
  readonly blocks: readonly PackedBlock[];
  /** Days of zones that are kept from now on, or not any more. */
  readonly zoneDays: readonly KeptZoneDay[];
  /** Sheets that are in the blocks from now on, and those that are open instead. */
  readonly sheets:
    | { readonly day: number; readonly taken: EncodedSheets; readonly put: ReadonlyMap<number, Sheet> }
    | undefined;
}

export interface KeptZoneDay {
  readonly zoneId: number;
  readonly first: number;
  readonly behind: number;
  readonly isKept: boolean;
}

/**
 * Writes changes, unless another process has changed closed days meanwhile; facts that were written meanwhile do not
 * matter, they stay open.
 * @returns whether they were written.
 */
export function publishChanges(database: Database, changes: ClosedChanges): boolean {
  const files = createBlockFiles(database);
  const keep = database.prepare<[number, number, number]>(
    "INSERT INTO rollup_day (zone_id, first_quarter_hour, quarter_hours) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
  );
  const forget = database.prepare<[number, number]>(
    "DELETE FROM rollup_day WHERE zone_id = ? AND first_quarter_hour = ?",
  );
  const publish = database.transaction((): boolean => {
    if (readGeneration(database) !== changes.generation) return false;
    for (const block of changes.blocks) files.write(block);
    for (const { zoneId, first, behind, isKept } of changes.zoneDays) {
      if (isKept) keep.run(zoneId, first, behind - first);
      else forget.run(zoneId, first);
    }
    if (changes.sheets !== undefined) {
      const { day, taken, put } = changes.sheets;
      exchangeSheets(database, day, taken, put);
    }
    writeGeneration(database, changes.generation + 1);
    return true;
  });
  return publish.immediate();
}
