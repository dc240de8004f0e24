/** Keeps the rollups equal to the ledger: collects differences and writes them in the transaction of their facts. */

import { quarterHourOf } from "@moai-metrics/model";
import type { Database } from "better-sqlite3";
import { createByteWriter } from "./bytes.ts";
import { createChangedWriter } from "./changed-quarter-hours.ts";
import { quarterHourOfSheet, sheetId } from "./places.ts";
import { addContribution, encodeMerged, encodeSheet, hasDifferences, type Sheet } from "./sheet.ts";
import { CALL_SUMS, type Contribution, type RollupChanges } from "./types.ts";

export function createRollupChanges(database: Database): RollupChanges {
  const select = database.prepare<[number], Buffer>("SELECT data FROM rollup_sheet WHERE id = ?").pluck();
  const save = database.prepare<[number, Buffer]>(
    "INSERT INTO rollup_sheet (id, data) VALUES (?, ?) ON CONFLICT DO UPDATE SET data = excluded.data",
  );
  const remove = database.prepare<[number]>("DELETE FROM rollup_sheet WHERE id = ?");
  const noteChanged = createChangedWriter(database);
  const writer = createByteWriter();
  // What belongs to one transaction is exchanged, not emptied: once the first table of a map is old, V8 keeps all that
  // follow it alive, with what was in them.
  /** Quarter hours in which calls changed, in whatever way. */
  let changed = new Set<number>();
  let sheets = new Map<number, Sheet>();
  /** By project: facts come quarter hour by quarter hour, and their projects are few. */
  let ofQuarterHour = new Map<number, Sheet>();
  let quarterHour: number | undefined;

  const sheetOf = (id: number): Sheet => {
    let sheet = sheets.get(id);
    if (sheet === undefined) {
      sheet = new Map();
      sheets.set(id, sheet);
    }
    return sheet;
  };

  const change = (contribution: Contribution, sign: 1 | -1): void => {
    const { projectId } = contribution.dimensions;
    if (contribution.quarterHour !== quarterHour) {
      ofQuarterHour = new Map();
      quarterHour = contribution.quarterHour;
    }
    let sheet = ofQuarterHour.get(projectId);
    if (sheet === undefined) {
      sheet = sheetOf(sheetId(quarterHour, projectId));
      ofQuarterHour.set(projectId, sheet);
    }
    addContribution(sheet, contribution, sign);
  };

  const noteCalls = (before: Contribution | undefined, after: Contribution | undefined): void => {
    if (!isOfCall(before) && !isOfCall(after)) return;
    if (before !== undefined && after !== undefined && isSame(before, after)) return;
    if (before !== undefined) changed.add(before.quarterHour);
    if (after !== undefined) changed.add(after.quarterHour);
  };

  const discard = (): void => {
    changed = new Set();
    sheets = new Map();
    ofQuarterHour = new Map();
    quarterHour = undefined;
  };

  return {
    replace(before, after) {
      noteCalls(before, after);
      if (before !== undefined) change(before, -1);
      if (after !== undefined) change(after, 1);
    },
    apply(keptFromMillis = 0) {
      // Rows of days before the watermark may be gone already.
      const firstKept = quarterHourOf(keptFromMillis);
      // In the order of the table, so that one page after the other is changed.
      for (const id of Float64Array.from(sheets.keys()).sort()) {
        const sheet = sheets.get(id);
        if (sheet === undefined || quarterHourOfSheet(id) < firstKept || !hasDifferences(sheet)) continue;
        const stored = select.get(id);
        const data = stored === undefined ? encodeSheet(sheet, writer) : encodeMerged(sheet, stored, writer);
        if (data.length > 0) save.run(id, data);
        else remove.run(id);
      }
      noteChanged(changed);
      discard();
    },
    discard,
  };
}

/** What calls add has one of these, also where only their cost changes. */
function isOfCall(contribution: Contribution | undefined): boolean {
  return contribution?.sums.calls !== undefined || contribution?.sums.cost_nano_usd !== undefined;
}

function isSame(a: Contribution, b: Contribution): boolean {
  return (
    a.atMillis === b.atMillis &&
    a.quarterHour === b.quarterHour &&
    a.dimensions.productId === b.dimensions.productId &&
    a.dimensions.projectId === b.dimensions.projectId &&
    a.dimensions.agentId === b.dimensions.agentId &&
    a.dimensions.modelId === b.dimensions.modelId &&
    CALL_SUMS.every((name) => a.sums[name] === b.sums[name]) &&
    a.values.call_ms === b.values.call_ms &&
    a.values.first_chunk_ms === b.values.first_chunk_ms
  );
}
